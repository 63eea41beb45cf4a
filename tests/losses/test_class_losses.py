"""Losses of one class a row: values by hand, by the formula written out, and by other libraries."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from steelyard.core import Prior, TargetError, TooFewSamples, UsageError
from steelyard.losses import (
    AsymmetricLossSoftmax,
    BalancedSoftmaxLoss,
    ClassBalancedLoss,
    ClassWeightedLoss,
    CVaR,
    DiverseExpertsLoss,
    EvidentialLoss,
    ExpertsLoss,
    FocalLoss,
    IIFLoss,
    LabelAwareSmoothingLoss,
    LADELoss,
    LDAMLoss,
    LogitAdjustedLoss,
    LogitTransform,
    PolyLoss,
    SeesawLoss,
    SoftmaxEqualizationLoss,
    TransformedLoss,
    VSLoss,
    dirichlet_kl,
    inverse_image_frequency,
    label_aware_margin,
    logit_adjustment,
    prior_shift,
    reversed_prior,
    vector_scaling,
)

COUNTS = [500.0, 60.0, 8.0]


@pytest.fixture
def z() -> torch.Tensor:
    return 3 * torch.randn(40, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


@pytest.fixture
def y() -> torch.Tensor:
    return torch.arange(40) % 3


def test_ldam_by_hand() -> None:
    margins = label_aware_margin([1000, 100, 10]).margin
    assert margins.tolist() == pytest.approx([0.158114, 0.281171, 0.5], abs=1e-6)
    assert label_aware_margin([5000, 50]).margin.tolist() == pytest.approx([0.158114, 0.5], abs=1e-6)
    scores = torch.tensor([[0.6, 0.2, -0.1]], dtype=torch.float64)
    loss = LDAMLoss([1000, 100, 10])(scores, torch.tensor([2]))
    assert loss.item() == pytest.approx(36.000006, abs=1e-5)


def test_ldam_without_margin_is_cross_entropy_and_moves_the_right_class_only(z, y) -> None:
    loss = LDAMLoss(COUNTS, margin=0.0, scale=4.0)
    assert torch.allclose(loss(z, y), F.cross_entropy(4 * z, y))
    moved = label_aware_margin(COUNTS, scale=1.0)(z, y) - z
    assert (moved != 0).sum(1).tolist() == [1] * 40
    assert torch.allclose(moved.gather(1, y[:, None])[:, 0], -label_aware_margin(COUNTS).margin.double()[y])


def test_a_prior_and_its_counts_are_the_same(z, y) -> None:
    prior = Prior.of(np.repeat(["a", "b", "c"], [500, 60, 8]))
    for kind in (LDAMLoss, VSLoss, BalancedSoftmaxLoss, LogitAdjustedLoss, IIFLoss, SeesawLoss):
        assert kind(prior)(z, y).item() == kind(COUNTS)(z, y).item()


def test_balanced_softmax_is_logit_adjustment_at_one_and_cross_entropy_at_a_uniform_prior(z, y) -> None:
    expected = F.cross_entropy(z + torch.tensor(COUNTS).double().log(), y)
    assert torch.allclose(BalancedSoftmaxLoss(COUNTS)(z, y), expected, atol=1e-6)
    assert torch.allclose(LogitAdjustedLoss(COUNTS, tau=1.0)(z, y), expected, atol=1e-6)
    assert torch.allclose(BalancedSoftmaxLoss([7, 7, 7])(z, y), F.cross_entropy(z, y), atol=1e-6)
    assert torch.allclose(LogitAdjustedLoss(COUNTS, tau=0.0)(z, y), F.cross_entropy(z, y))


def test_balanced_softmax_learns_the_bayes_rule_of_a_uniform_prior() -> None:
    # two values of x, two classes, joint counts known: the minimiser has a closed form
    joint = torch.tensor([[90.0, 4.0], [10.0, 6.0]], dtype=torch.float64)  # rows x, columns class
    totals = joint.sum(0)
    logits = torch.zeros(2, 2, dtype=torch.float64, requires_grad=True)
    x, y = torch.arange(2).repeat_interleave(2), torch.arange(2).repeat(2)
    loss = BalancedSoftmaxLoss(totals.numpy(), reduction="sum")
    solver = torch.optim.LBFGS([logits], max_iter=200, tolerance_grad=1e-12, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        solver.zero_grad()
        value = loss(logits[x], y, weight=joint.flatten())
        value.backward()
        return value

    solver.step(closure)
    likelihood = joint / totals
    assert torch.allclose(logits.detach().softmax(1), likelihood / likelihood.sum(1, keepdim=True), atol=1e-5)


def test_vs_by_its_formula(z, y) -> None:
    n = torch.tensor(COUNTS, dtype=torch.float64)
    delta = (1 / n) ** 0.3 / ((1 / n) ** 0.3).min()
    expected = F.cross_entropy(z / delta + (n / n.sum()).log(), y)
    assert torch.allclose(VSLoss(COUNTS)(z, y), expected, atol=1e-6)
    assert delta[0] == 1
    assert torch.allclose(VSLoss(COUNTS, gamma=0.0)(z, y), LogitAdjustedLoss(COUNTS)(z, y))
    assert vector_scaling(COUNTS).mult.argmin() == 2


@pytest.mark.parametrize(
    ("variant", "expected"),
    [
        ("raw", [0.105361, 2.302585]),
        ("smooth", [1.104261, 3.217225]),
        ("relative", [-2.197225, 2.197225]),
        ("base2", [0.105361 / math.log(2), 2.302585 / math.log(2)]),
        ("base10", [0.105361 / math.log(10), 2.302585 / math.log(10)]),
    ],
)
def test_inverse_image_frequency_of_90_and_10(variant: str, expected: list[float]) -> None:
    assert inverse_image_frequency([90, 10], variant).mult.tolist() == pytest.approx(expected, abs=1e-6)


def test_inverse_image_frequency_at_known_points(z, y) -> None:
    assert inverse_image_frequency([5, 5], "normit").mult.tolist() == pytest.approx([0, 0], abs=1e-7)
    share = 1 - 1 / math.e
    assert inverse_image_frequency([share, 1 - share], "gombit").mult[0].item() == pytest.approx(0, abs=1e-6)
    equal = inverse_image_frequency([4, 4, 4], "smooth")
    assert (equal(z).argmax(1) == z.argmax(1)).all()
    assert LogitTransform(mult=[1.0, 3.0])(torch.tensor([[1.0, -1.0]])).tolist() == [[1.0, -3.0]]
    assert inverse_image_frequency(COUNTS, norm=2).mult.norm().item() == pytest.approx(1)
    assert IIFLoss([4, 4, 4], variant="raw")(z, y) == TransformedLoss(LogitTransform(mult=[math.log(3)] * 3))(
        z, y
    )


def test_prior_shift_divides_by_one_prior_and_multiplies_by_the_other() -> None:
    z = torch.tensor([[0.7, 0.3]], dtype=torch.float64).log()
    scores = prior_shift([9, 1], [1, 1])(z).exp()
    assert (scores / scores[0, 0] * 0.7 / 0.9).tolist()[0] == pytest.approx([0.7778, 3.0], abs=1e-4)
    assert torch.allclose(prior_shift(COUNTS, COUNTS)(torch.ones(1, 3)), torch.ones(1, 3))
    assert torch.allclose(
        prior_shift([1, 1], [3, 1])(z), logit_adjustment([3, 1])(z) + math.log(2), atol=1e-6
    )
    with pytest.raises(TargetError, match="2 classes and the target 3"):
        prior_shift([1, 2], [1, 2, 3])


def test_class_balanced_weights_of_a_published_long_tail(z, y) -> None:
    loss = ClassBalancedLoss([1000, 100, 10], beta=0.9999)
    assert loss.weight.tolist() == pytest.approx([0.028362, 0.271255, 2.700383], abs=1e-6)
    assert torch.allclose(loss(z, y), F.cross_entropy(z, y, weight=loss.weight.double()))
    assert torch.allclose(ClassBalancedLoss(COUNTS, beta=0.0)(z, y), F.cross_entropy(z, y))


def test_class_balanced_equals_another_library(z, y) -> None:
    other = pytest.importorskip("balanced_loss").Loss(
        loss_type="cross_entropy", beta=0.999, samples_per_class=[500, 60, 8], class_balanced=True
    )
    with torch.no_grad():  # it divides by the rows, not by the weights
        ours = ClassBalancedLoss(COUNTS, beta=0.999, reduction="mean")(z.float(), y)
        assert torch.allclose(ours, other(z.float(), y), rtol=1e-5)


def test_class_weights_are_torchs(z, y) -> None:
    weight = torch.tensor([0.2, 1.0, 7.0])
    assert torch.allclose(ClassWeightedLoss(weight)(z, y), F.cross_entropy(z, y, weight=weight.double()))
    twice = ClassWeightedLoss(weight, LDAMLoss(COUNTS, scale=2.0))(z, y)
    assert torch.allclose(
        twice, F.cross_entropy(label_aware_margin(COUNTS, scale=2.0)(z, y), y, weight=weight.double())
    )


def test_focal_is_applied_row_by_row_and_equals_kornia(z, y) -> None:
    p = z.softmax(1).gather(1, y[:, None])[:, 0]
    assert torch.allclose(FocalLoss(reduction="none")(z, y), -((1 - p) ** 2) * p.log())
    assert torch.allclose(FocalLoss(gamma=0.0)(z, y), F.cross_entropy(z, y))
    weighted = FocalLoss(gamma=3.0, alpha=[1.0, 2.0, 3.0], reduction="none")(z, y)
    assert torch.allclose(weighted, torch.tensor([1.0, 2.0, 3.0]).double()[y] * -((1 - p) ** 3) * p.log())
    kornia = pytest.importorskip("kornia.losses")
    theirs = kornia.focal_loss(z, y, alpha=None, gamma=2.0, reduction="none").sum(1)
    assert torch.allclose(FocalLoss(reduction="none")(z, y), theirs, rtol=1e-6)


@pytest.mark.parametrize("gamma", [0.3, 0.5, 1.0, 1.5, 5.0])
def test_focal_is_finite_where_the_row_is_certain(gamma: float) -> None:
    z = torch.tensor([[200.0, 0.0], [0.0, 200.0]], requires_grad=True)
    loss = FocalLoss(gamma=gamma, reduction="sum")(z, torch.tensor([0, 0]))
    loss.backward()
    assert loss.item() == pytest.approx(200)
    assert torch.isfinite(z.grad).all()


def test_asymmetric_softmax_without_focusing_is_cross_entropy(z, y) -> None:
    plain = AsymmetricLossSoftmax(gamma_neg=0, gamma_pos=0, smoothing=0.0)
    assert torch.allclose(plain(z, y), F.cross_entropy(z, y))
    smooth = AsymmetricLossSoftmax(gamma_neg=0, gamma_pos=0, smoothing=0.1)
    assert torch.allclose(smooth(z, y), F.cross_entropy(z, y, label_smoothing=0.1))


def test_asymmetric_softmax_by_its_formula(z, y) -> None:
    p, t = z.softmax(1), F.one_hot(y, 3).double()
    weight = torch.where(t > 0, (1 - p) ** 2, p**4)
    expected = -((0.9 * t + 0.1 / 3) * weight * p.log()).sum(1).mean()
    assert torch.allclose(AsymmetricLossSoftmax(gamma_pos=2)(z, y), expected)


def test_seesaw_by_its_formula(z, y) -> None:
    n, p = torch.tensor(COUNTS, dtype=torch.float64), z.softmax(1)
    factor = torch.ones_like(z)
    for i in range(len(z)):
        for j in range(3):
            own = max(p[i, y[i]].item(), 0.01)
            factor[i, j] *= min(1.0, (n[j] / n[y[i]]).item()) ** 0.8
            factor[i, j] *= max(1.0, p[i, j].item() / own) ** 2
        factor[i, y[i]] = 1.0
    expected = F.cross_entropy(z + factor.log(), y, reduction="none")
    assert torch.allclose(SeesawLoss(COUNTS, reduction="none")(z, y), expected, atol=1e-5)
    assert torch.allclose(SeesawLoss(COUNTS, p=0.0, q=0.0)(z, y), F.cross_entropy(z, y))


def test_seesaw_takes_its_factors_as_constants(y) -> None:
    z = torch.randn(6, 3, dtype=torch.float64, requires_grad=True)
    (ours,) = torch.autograd.grad(SeesawLoss([5, 5, 5], q=1.0)(z, y[:6]), z)
    p = z.detach().softmax(1)
    ratio = (p / p.gather(1, y[:6, None]).clamp(min=0.01)).clamp(min=1)
    (wanted,) = torch.autograd.grad(F.cross_entropy(z + ratio.log(), y[:6]), z)
    assert torch.allclose(ours, wanted)


def test_softmax_equalization_draws_while_training_and_expects_afterwards() -> None:
    loss = SoftmaxEqualizationLoss([97, 2, 1], threshold=0.05, dropped=0.9, reduction="none")
    z, y = torch.zeros(20_000, 3, dtype=torch.float64), torch.zeros(20_000, dtype=torch.long)
    torch.manual_seed(0)
    seen = loss(z, y).exp().round(decimals=4)
    assert set(seen.tolist()) == {1.0, 2.0, 3.0}
    assert (seen == 1).double().mean().item() == pytest.approx(0.81, abs=0.01)
    assert loss.eval()(z[:1], y[:1]).exp().item() == pytest.approx(1.2)
    rare = SoftmaxEqualizationLoss([97, 2, 1], threshold=0.05, dropped=1.0)(z[:1], torch.tensor([2]))
    assert rare.exp().item() == pytest.approx(2)  # the row's own class always stays


def test_poly_by_its_formula(z, y) -> None:
    p = z.softmax(1).gather(1, y[:, None])[:, 0]
    assert torch.allclose(PolyLoss(epsilon=-0.5, reduction="none")(z, y), -p.log() - 0.5 * (1 - p))
    assert torch.allclose(PolyLoss(epsilon=0.0)(z, y), F.cross_entropy(z, y))


def test_label_aware_smoothing_by_its_formula(z, y) -> None:
    loss = LabelAwareSmoothingLoss(COUNTS, head=0.4, tail=0.1, reduction="none")
    n = np.array(COUNTS)
    expected = 0.1 + 0.3 * np.sin((n - 8) * np.pi / (2 * (500 - 8)))
    assert loss.smoothing.tolist() == pytest.approx(expected.tolist())
    convex = LabelAwareSmoothingLoss(COUNTS, head=0.4, tail=0.1, shape="convex").smoothing
    published = 0.4 + 0.3 * np.sin(1.5 * np.pi + (n - 8) * np.pi / (2 * (500 - 8)))
    assert convex.tolist() == pytest.approx(published.tolist())
    e = loss.smoothing.double()[y][:, None]
    target = torch.where(F.one_hot(y, 3) > 0, 1 - e, e / 2)
    assert torch.allclose(loss(z, y), -(target * z.log_softmax(1)).sum(1))
    assert torch.allclose(
        LabelAwareSmoothingLoss([3, 3], head=0.0)(z[:, :2], y % 2), F.cross_entropy(z[:, :2], y % 2)
    )


def test_evidential_divergence_equals_torch_distributions(z) -> None:
    alpha = z.exp() + 1
    theirs = torch.distributions.kl_divergence(
        torch.distributions.Dirichlet(alpha), torch.distributions.Dirichlet(torch.ones_like(alpha))
    )
    assert torch.allclose(dirichlet_kl(alpha), theirs, atol=1e-10)


def test_evidential_by_its_formula_and_at_large_logits(z, y) -> None:
    alpha = z.exp()
    wrong = torch.where(F.one_hot(y, 3) > 0, 1.0, alpha + 1)
    naive = -(alpha.gather(1, y[:, None])[:, 0] / alpha.sum(1)).log() + 0.3 * dirichlet_kl(wrong)
    assert torch.allclose(EvidentialLoss(strength=0.3, reduction="none")(z, y), naive)
    large = torch.tensor([[30.0, -30.0, 30.0]], requires_grad=True)
    loss = EvidentialLoss(strength=1.0)(large, torch.tensor([0]))
    loss.backward()
    assert torch.isfinite(loss)
    assert torch.isfinite(large.grad).all()
    e = math.exp(30)  # one wrong class of evidence e beside two without: the divergence has a closed form
    divergence = math.log((e + 1) * (e + 2)) - math.log(2) - e / (e + 1) - e / (e + 2)
    assert loss.item() == pytest.approx(math.log(2) + divergence, abs=1e-5)


def test_evidential_takes_a_margin_first(z, y) -> None:
    loss = EvidentialLoss(strength=0.0, transform=label_aware_margin(COUNTS, scale=3.0))
    assert torch.allclose(loss(z, y), LDAMLoss(COUNTS, scale=3.0)(z, y))


def test_diverse_experts_by_hand() -> None:
    loss = DiverseExpertsLoss([0.6, 0.3, 0.1], tau=2.0)
    assert reversed_prior([0.6, 0.3, 0.1]) == [0.1, 0.3, 0.6]
    assert loss.losses[2].transform.add.tolist() == pytest.approx([4.0943, 1.2040, -1.2809], abs=1e-4)
    assert reversed_prior([10, 300, 20]) == [300, 10, 20]


def test_experts_are_apart_and_alike_at_a_uniform_prior(z, y) -> None:
    scores = z[:, None].expand(-1, 3, -1).clone().requires_grad_()
    assert torch.allclose(DiverseExpertsLoss([2, 2, 2])(scores, y), 3 * F.cross_entropy(z, y), atol=1e-6)
    loss = ExpertsLoss([TransformedLoss(), FocalLoss(), PolyLoss()])
    (slope,) = torch.autograd.grad(loss(scores, y), scores)
    single = z.clone().requires_grad_()
    (alone,) = torch.autograd.grad(FocalLoss()(single, y), single)
    assert torch.allclose(slope[:, 1], alone)
    ignored = torch.where(torch.arange(40) < 20, y, -100)
    assert torch.allclose(loss(scores, ignored), loss(scores[:20], y[:20]))


def test_experts_earn_what_they_disagree(z, y) -> None:
    scores = torch.stack([z, 0.5 * z, -z], 1)
    mean = scores.mean(1)
    apart = sum(
        F.kl_div((e / 2).log_softmax(1), (mean / 2).softmax(1), reduction="batchmean")
        for e in scores.unbind(1)
    )
    plain, loss = (ExpertsLoss([TransformedLoss()] * 3, diversity=d, temperature=2.0) for d in (0.0, 0.2))
    assert torch.allclose(plain(scores, y) - loss(scores, y), 0.2 * 4 * apart)
    alike = z[:, None].expand(-1, 3, -1)
    assert torch.allclose(loss(alike, y), plain(alike, y))
    known = torch.where(torch.arange(40) < 20, y, -100)
    assert torch.allclose(loss(scores, known), loss(scores[:20], y[:20]))


def test_lade_by_its_formula(z, y) -> None:
    n = torch.tensor(COUNTS, dtype=torch.float64)
    prior, rows = n / n.sum(), torch.where(torch.arange(40) < 20, 0, y)
    total = F.cross_entropy(z + prior.log(), rows)
    for k in range(3):
        own = z[rows == k, k].mean()
        seen = (z[:, k].exp() / (3 * prior[k])).mean().log()
        total = total - 0.5 * prior[k] * (own - seen - 0.3 * seen**2)
    loss = LADELoss(COUNTS, strength=0.5, damping=0.3)
    assert torch.allclose(loss(z, rows), total, atol=1e-6)
    assert torch.allclose(LADELoss(COUNTS, strength=0.0)(z, y), BalancedSoftmaxLoss(COUNTS)(z, y))
    kept = torch.where(torch.arange(40) < 30, y, -100)
    assert torch.allclose(loss(z, kept), loss(z[:30], y[:30]))
    with pytest.raises(UsageError, match="at least 0"):
        LADELoss(COUNTS, strength=-1)


def test_positions_of_minus_100_do_not_count(z, y) -> None:
    kept = torch.where(torch.arange(40) < 30, y, -100)
    for loss in (
        FocalLoss(),
        LDAMLoss(COUNTS),
        ClassWeightedLoss([1.0, 2, 3]),
        FocalLoss(reduction=CVaR(0.2)),
    ):
        assert torch.allclose(loss(z, kept), loss(z[:30], y[:30]))
    none = FocalLoss()(z.requires_grad_(), torch.full((40,), -100))
    none.backward()
    assert none.item() == 0


def test_dense_targets_are_rows_laid_out_otherwise(z, y) -> None:
    maps, places = z.reshape(2, 4, 5, 3).movedim(-1, 1), y.reshape(2, 4, 5)
    for loss in (FocalLoss(), SeesawLoss(COUNTS), ClassWeightedLoss([1.0, 2, 3])):
        assert torch.allclose(loss(maps, places), loss(z, y))
    assert FocalLoss(reduction="none")(maps, places).shape == (2, 4, 5)


def test_a_loss_can_be_differentiated_twice(z, y) -> None:
    scores = z[:4].clone().requires_grad_()
    assert torch.autograd.gradgradcheck(lambda s: VSLoss(COUNTS).double()(s, y[:4]), (scores,))


def test_a_transform_follows_a_module_but_not_its_checkpoint() -> None:
    loss = LDAMLoss(COUNTS)
    assert not loss.state_dict()
    assert loss.double().transform.margin.dtype == torch.float64


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: LDAMLoss([5, 0, 3]), TooFewSamples, r"positions \[1\] have no rows"),
        (lambda: LDAMLoss([5, -1]), UsageError, "one count a class"),
        (lambda: FocalLoss(gamma=-1), UsageError, "gamma is -1"),
        (lambda: FocalLoss(alpha=0.25), UsageError, "SigmoidFocalLoss"),
        (lambda: FocalLoss(reduction="average"), UsageError, "weighted_mean"),
        (lambda: IIFLoss(COUNTS, variant="log"), UsageError, "smooth"),
        (lambda: PolyLoss(epsilon=-2), UsageError, "at least -1"),
        (lambda: LabelAwareSmoothingLoss(COUNTS, shape="flat"), UsageError, "concave"),
        (lambda: LabelAwareSmoothingLoss([3]), UsageError, "one class"),
        (lambda: LogitTransform(mult=[1, 2], add=[1, 2, 3]), UsageError, "one finite number a class"),
        (lambda: LogitTransform(scale=math.nan), UsageError, "scale is nan"),
        (lambda: ClassWeightedLoss([1, -1]), UsageError, "at least 0 a class"),
        (lambda: ClassWeightedLoss([1, 1], LDAMLoss(COUNTS)), UsageError, "must agree"),
        (lambda: SeesawLoss(COUNTS, p=-1), UsageError, "p=-1"),
        (lambda: ExpertsLoss([]), UsageError, "one for each expert"),
        (lambda: EvidentialLoss(strength=-1), UsageError, "strength is -1"),
        (lambda: AsymmetricLossSoftmax(smoothing=1.0), UsageError, "smoothing is 1.0"),
        (lambda: SoftmaxEqualizationLoss(COUNTS, dropped=2), UsageError, "dropped is 2"),
        (
            lambda: LDAMLoss(COUNTS)(torch.zeros(2, 7), torch.tensor([0, 1])),
            TargetError,
            "scores have 7 columns, the prior knows 3 classes",
        ),
        (
            lambda: FocalLoss()(torch.zeros(2, 3), torch.tensor([0])),
            TargetError,
            r"\(2, 3\) and the target \(1,\)",
        ),
        (lambda: FocalLoss()(torch.zeros(2, 3), torch.zeros(2)), TargetError, "target.long"),
        (
            lambda: ExpertsLoss([FocalLoss()])(torch.zeros(2, 3), torch.zeros(2).long()),
            TargetError,
            "an expert",
        ),
    ],
)
def test_errors_say_what_came_and_what_to_do(call, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call()
