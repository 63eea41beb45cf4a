"""Losses of embeddings: closed forms, brute force, other libraries, and the geometry they lead to."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
import torch
from torch.nn.functional import normalize

from steelyard.core import TargetError, UsageError
from steelyard.losses import (
    FacilityLocationLoss,
    FeatureQueue,
    GraphCutLoss,
    LogDetLoss,
    NeuralCollapseRegularizer,
    PrototypeQueue,
    PrototypicalContrastiveLoss,
    ReLUSupConLoss,
    SubmodularSupConLoss,
    SupConLoss,
)
from steelyard.losses.neural_collapse_regularizer import spread_cost


@pytest.fixture
def h() -> torch.Tensor:
    return torch.randn(12, 6, generator=torch.Generator().manual_seed(5), dtype=torch.float64)


@pytest.fixture
def y() -> torch.Tensor:
    return torch.tensor([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2])


def by_hand(h: torch.Tensor, y: torch.Tensor, temperature: float, form: str) -> torch.Tensor:
    s = normalize(h) @ normalize(h).T / temperature
    values = []
    for i in range(len(y)):
        others = [j for j in range(len(y)) if j != i]
        partners = [j for j in others if y[j] == y[i]]
        total = torch.logsumexp(s[i, others], 0)
        if not partners:
            continue
        if form == "out":
            values.append((total - s[i, partners]).mean())
        else:
            values.append(total - torch.logsumexp(s[i, partners], 0) + math.log(len(partners)))
    return torch.stack(values).mean()


@pytest.mark.parametrize("form", ["out", "in"])
def test_sup_con_by_its_formula(h, y, form: str) -> None:
    y = torch.where(torch.arange(12) == 11, 7, y)  # one row without a partner
    assert torch.allclose(SupConLoss(temperature=0.3, positives=form)(h, y), by_hand(h, y, 0.3, form))


def test_sup_con_equals_pytorch_metric_learning(h, y) -> None:
    theirs = pytest.importorskip("pytorch_metric_learning.losses").SupConLoss(temperature=0.1)
    single = torch.where(torch.arange(12) == 11, 7, y)
    for labels in (y, single):
        assert torch.allclose(SupConLoss(temperature=0.1)(h, labels), theirs(h, labels), atol=1e-6)


def test_the_in_form_is_never_above_the_out_form(h, y) -> None:
    values = [SupConLoss(positives=form, reduction="none")(h, y) for form in ("in", "out")]
    assert (values[0] <= values[1] + 1e-12).all()


def test_unconstrained_features_become_orthogonal_with_relu_only() -> None:
    y = torch.arange(4).repeat_interleave(torch.tensor([20, 20, 2, 2]))
    start = torch.randn(44, 8, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    found = {}
    for loss, features in ((ReLUSupConLoss(), start.abs()), (SupConLoss(), start)):
        z = features.clone().requires_grad_()
        solver = torch.optim.LBFGS(
            [z],
            max_iter=400,
            history_size=50,
            tolerance_grad=1e-7,
            tolerance_change=1e-13,
            line_search_fn="strong_wolfe",
        )

        def closure(z=z, loss=loss, solver=solver) -> torch.Tensor:
            solver.zero_grad()
            value = loss(z, y)
            value.backward()
            return value

        solver.step(closure)
        unit = normalize(z.detach().relu() if loss.relu else z.detach())
        means = torch.stack([unit[y == c].mean(0) for c in range(4)])
        found[loss.relu] = loss(z, y).item(), normalize(means) @ normalize(means).T
    n, tau = 44, 0.1
    closed = sum(c * (math.log((c - 1) * math.exp(1 / tau) + n - c) - 1 / tau) for c in (20, 20, 2, 2)) / n
    assert closed == pytest.approx(2.676988, abs=1e-6)
    assert found[True][0] == pytest.approx(closed, abs=1e-5)
    assert torch.allclose(found[True][1], torch.eye(4, dtype=torch.float64), atol=1e-3)
    assert found[False][0] == pytest.approx(2.676770, abs=1e-5)
    common, rare = found[False][1][0, 1].item(), found[False][1][2, 3].item()
    assert common < -1 / 3 < -0.3 < rare  # a simplex would have -1/3 everywhere


def test_a_row_without_positive_part_has_no_direction_and_no_harm() -> None:
    z = torch.tensor([[-1.0, -2], [1, 0], [0, 1]], requires_grad=True)
    ReLUSupConLoss()(z, torch.tensor([0, 0, 1])).backward()
    assert torch.isfinite(z.grad).all()


def test_a_queue_gives_what_was_there_and_then_takes_the_batch() -> None:
    queue = FeatureQueue(4, 2)
    rows = [torch.full((2, 2), float(i)) for i in range(4)]
    seen = [queue(r, torch.tensor([i, i]))[1].tolist() for i, r in enumerate(rows)]
    assert seen == [[-1, -1, -1, -1], [0, 0, -1, -1], [0, 0, 1, 1], [2, 2, 1, 1]]
    assert queue.eval()(rows[0], torch.tensor([9, 9]))[1].tolist() == [2, 2, 3, 3]
    assert queue(rows[0], torch.tensor([9, 9]))[1].tolist() == [2, 2, 3, 3]
    with pytest.raises(UsageError, match="batch of 5 rows"):
        FeatureQueue(4, 2)(torch.zeros(5, 2), torch.zeros(5).long())


def test_keys_from_a_queue_are_as_good_as_rows_of_the_batch(h, y) -> None:
    queue = FeatureQueue(12, 6).double()
    loss = SupConLoss(temperature=0.3, keys=queue, reduction="none")
    loss(h[:6], y[:6])
    ours = loss.eval()(h[6:], y[6:])  # half of the queue is not filled and must not count
    whole = SupConLoss(temperature=0.3, reduction="none")(
        torch.cat([h[6:], h[:6]]), torch.cat([y[6:], y[:6]])
    )
    assert torch.allclose(ours, whole[:6])


def test_prototypes_by_hand() -> None:
    loss = PrototypicalContrastiveLoss(2, 2, temperature=1.0)
    loss.keys.set_centres(torch.eye(2))
    value = loss(torch.eye(2), torch.tensor([0, 1]))
    share = math.e / (math.e + 2 * math.exp(0.5))
    assert share == pytest.approx(0.4519, abs=1e-4)
    assert value.item() == pytest.approx(0.7943, abs=1e-4)


def test_prototypes_without_gradient_and_only_rows_that_are_not_good_enough(h, y) -> None:
    h = h.requires_grad_()
    loss = PrototypicalContrastiveLoss(3, 6, temperature=0.5).double()
    loss.keys.set_centres(torch.eye(3, 6).double())
    bare = PrototypicalContrastiveLoss(keys=loss.keys, temperature=0.5, least=-1.0, reduction="none").eval()
    values = bare(h, y)
    cut = values.median().item()
    loss.least = cut
    assert torch.allclose(loss.eval()(h, y), values[values > cut].mean())
    assert not any(buffer.requires_grad for buffer in loss.buffers())


def test_a_prototype_is_the_mean_of_rows_drawn_from_its_class() -> None:
    queue = PrototypeQueue(2, 1, size=3, draw=3)
    queue.set_centres(torch.tensor([[10.0], [20.0]]))
    for value in range(5):  # class 0 sees 0..4, keeps 2, 3, 4; class 1 sees one row
        queue(torch.tensor([[float(value)]]), torch.tensor([0]))
    queue(torch.tensor([[7.0]]), torch.tensor([1]))
    assert queue(torch.zeros(0, 1), torch.zeros(0).long())[0].flatten().tolist() == [3.0, 20.0]
    queue(torch.arange(5.0)[:, None], torch.tensor([1, 1, 1, 1, 1]))
    assert queue(torch.zeros(0, 1), torch.zeros(0).long())[0].flatten().tolist() == [3.0, 3.0]


def brute_force(name: str, s: torch.Tensor, members: list[int], strength: float) -> torch.Tensor:
    if name == "facility":
        return s[:, members].max(1).values.sum()
    if name == "cut":
        return s[:, members].sum() - strength * s[members][:, members].sum()
    return torch.logdet(s[members][:, members] + strength * torch.eye(len(members), dtype=s.dtype))


SETS = {
    "facility": (lambda m: FacilityLocationLoss(measure=m, reduction="sum"), 0.0),
    "cut": (lambda m: GraphCutLoss(strength=0.4, measure=m, reduction="sum"), 0.4),
    "logdet": (lambda m: LogDetLoss(measure=m, reduction="sum"), 0.5),
}


@pytest.mark.parametrize("name", SETS)
def test_set_functions_by_brute_force(h, y, name: str) -> None:
    make, strength = SETS[name]
    order = torch.tensor([3, 11, 0, 6, 7, 1, 10, 2, 5, 4, 9, 8])
    h, y = h[order], 5 * y[order] + 2  # any labels, in any order
    s = normalize(h) @ normalize(h).T
    classes = [[i for i in range(12) if y[i] == c] for c in y.unique()]
    information = sum(brute_force(name, s, members, strength) for members in classes)
    whole = brute_force(name, s, list(range(12)), strength)
    assert torch.allclose(make("information")(h, y), information, rtol=1e-10)
    assert torch.allclose(make("correlation")(h, y), information - whole, rtol=1e-8)


def test_closed_forms_of_total_correlation(h, y) -> None:
    s = normalize(h.abs()) @ normalize(h.abs()).T
    across = s[y[:, None] != y[None]].sum()
    assert torch.allclose(GraphCutLoss(strength=0.7, reduction="sum")(h.abs(), y), 0.7 * across)
    away = [s[i, y == c].max() for c in range(3) for i in range(12) if y[i] != c]
    assert torch.allclose(FacilityLocationLoss(reduction="sum")(h.abs(), y), sum(away))
    for make, _ in SETS.values():
        assert make("correlation")(h.abs(), y) >= 0


@pytest.mark.parametrize("name", SETS)
def test_set_functions_have_diminishing_returns(h, name: str) -> None:
    _, strength = SETS[name]
    s = normalize(h.abs()) @ normalize(h.abs()).T
    for small, large in pairwise([[0], [0, 3], [0, 3, 5, 7], [0, 3, 5, 7, 9]]):
        gains = [
            brute_force(name, s, [*a, 11], strength) - brute_force(name, s, a, strength)
            for a in (small, large)
        ]
        assert gains[0] >= gains[1] - 1e-12


def test_facility_location_approaches_its_maximum_as_it_cools(h, y) -> None:
    hard = FacilityLocationLoss()(h, y)
    gaps = [(FacilityLocationLoss(temperature=t)(h, y) - hard).abs().item() for t in (1.0, 0.1, 0.001)]
    assert gaps[0] > gaps[1] > gaps[2]
    assert gaps[2] < 1e-3


def test_balanced_parts_count_classes_alike(h, y) -> None:
    loss = GraphCutLoss(balanced=True, measure="information", reduction="none")
    plain = GraphCutLoss(measure="information", reduction="none")
    assert torch.allclose(loss(h, y) * torch.tensor([6, 4, 2])[y], plain(h, y))


def test_log_det_makes_classes_orthogonal() -> None:
    y = torch.arange(3).repeat_interleave(torch.tensor([8, 4, 2]))
    z = torch.randn(14, 8, generator=torch.Generator().manual_seed(1), dtype=torch.float64).requires_grad_()
    solver = torch.optim.LBFGS([z], max_iter=100, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        solver.zero_grad()
        value = LogDetLoss(reduction="sum")(z, y)
        value.backward()
        return value

    solver.step(closure)
    unit = normalize(z.detach())
    means = normalize(torch.stack([unit[y == c].mean(0) for c in range(3)]))
    cosines = means @ means.T
    assert (cosines - torch.eye(3, dtype=torch.float64)).abs().max() < 0.05


def test_submodular_sup_con_by_its_formulas(h, y) -> None:
    u = normalize(h)
    s, d = u @ u.T / 0.7, torch.cdist(u, u) ** 2 / 0.7
    plain, near = [], []
    for i in range(12):
        partners = [j for j in range(12) if j != i and y[j] == y[i]]
        away = torch.logsumexp(s[i, y != y[i]], 0)
        plain.append(away - s[i, partners].sum())
        near.append(away + torch.logsumexp(d[i, partners], 0))
    assert torch.allclose(SubmodularSupConLoss()(h, y), torch.stack(plain).mean())
    assert torch.allclose(SubmodularSupConLoss(neighbours=True)(h, y), torch.stack(near).mean(), atol=1e-6)


def simplex(k: int) -> torch.Tensor:
    return torch.eye(k, dtype=torch.float64) - 1 / k


def test_neural_collapse_spread_of_known_geometries() -> None:
    assert spread_cost(simplex(4), "nearest").item() == pytest.approx(-1.910633, abs=1e-6)
    assert spread_cost(torch.eye(4).double(), "nearest").item() == pytest.approx(-1.910633, abs=1e-6)
    assert spread_cost(simplex(4), "global").item() == pytest.approx(-1.910633, abs=1e-6)
    assert spread_cost(simplex(4), "simplex").item() == pytest.approx(0, abs=1e-12)
    assert spread_cost(simplex(4), "orthogonal").item() == pytest.approx(1 / 9)


def test_neural_collapse_pull_by_hand_and_gradients_of_the_means() -> None:
    nc = NeuralCollapseRegularizer(2, 2, pull=0.5, push=0.0)
    nc.means.data.copy_(torch.tensor([[0.0, 0], [1, 0]]))
    h = torch.tensor([[0.0, 1], [0, -1], [3, 0]], requires_grad=True)
    value = nc(h, torch.tensor([0, 0, 1]))
    value.backward()
    assert value.item() == pytest.approx(0.5 * 2.5)
    assert nc.means.grad.tolist() == [
        [0, 0],
        [-2, 0],
    ]  # of NC1 itself: 2 · (1 - 3) / 2 classes, not times 0.5
    assert h.grad[2].tolist() == [1.0, 0]  # half of 2 · (3 - 1) / 2 classes


def test_neural_collapse_push_does_not_touch_the_features() -> None:
    nc = NeuralCollapseRegularizer(3, 4, pull=1e-12, push=1.0)
    h = torch.randn(6, 4, requires_grad=True)
    nc(h, torch.arange(6) % 3).backward()
    assert h.grad.abs().max() < 1e-9


def test_means_in_one_place_part() -> None:
    means = torch.tensor([[1.0, 0], [1, 0], [-1, 1]], requires_grad=True)
    spread_cost(means + torch.tensor([[0.0, 1e-6], [0, 0], [0, 0]]), "nearest").backward()
    assert means.grad.abs().max() > 0


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: SupConLoss(temperature=0), UsageError, "temperature is 0"),
        (lambda: SupConLoss(positives="both"), UsageError, "'out' or 'in'"),
        (lambda: PrototypicalContrastiveLoss(), UsageError, "neither keys"),
        (lambda: PrototypeQueue(2, 2, size=3, draw=4), UsageError, "draw is 4"),
        (lambda: GraphCutLoss(measure="gain"), UsageError, "correlation"),
        (lambda: GraphCutLoss(strength=0), UsageError, "strength is 0"),
        (lambda: LogDetLoss(ridge=-1), UsageError, "ridge is -1"),
        (lambda: FacilityLocationLoss(temperature=0), UsageError, "temperature is 0"),
        (lambda: SubmodularSupConLoss(temperature=0), UsageError, "temperature is 0"),
        (lambda: NeuralCollapseRegularizer(3, 4, pull=0), UsageError, "pull=0"),
        (lambda: NeuralCollapseRegularizer(3, 4, spread="wide"), UsageError, "nearest"),
        (lambda: SupConLoss()(torch.zeros(2, 3), torch.zeros(3)), TargetError, r"\(n, d\) and \(n,\)"),
    ],
)
def test_errors_say_what_came_and_what_to_do(call, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call()
