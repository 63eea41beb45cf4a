"""Losses of yes-or-no labels: values by hand, by the formula written out, and by other libraries."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score
from torch.nn import functional as F

from steelyard.core import Prior, TargetError, UsageError
from steelyard.losses import (
    AsymmetricLoss,
    DistributionBalancedLoss,
    EqualizationLoss,
    EqualizationV2Loss,
    GHMLoss,
    MacroAUCLoss,
    PairwiseAUCLoss,
    PartialAUCLoss,
    SigmoidFocalLoss,
)


@pytest.fixture
def z() -> torch.Tensor:
    return 3 * torch.randn(30, 4, generator=torch.Generator().manual_seed(2), dtype=torch.float64)


@pytest.fixture
def t() -> torch.Tensor:
    return (torch.rand(30, 4, generator=torch.Generator().manual_seed(3)) < 0.3).double()


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [(0.0, 1, 0.0433217), (0.0, 0, 0.1299651), (math.log(9), 1, 2.634013e-4), (math.log(9), 0, 1.3988204)],
)
def test_focal_by_hand(x: float, y: int, expected: float) -> None:
    loss = SigmoidFocalLoss(gamma=2.0, alpha=0.25)
    value = loss(torch.tensor([x], dtype=torch.float64), torch.tensor([y]))
    assert value.item() == pytest.approx(expected, rel=1e-6)


def test_a_background_entry_at_the_usual_bias() -> None:
    bias = torch.tensor([-math.log(0.99 / 0.01)], dtype=torch.float64)
    value = SigmoidFocalLoss(alpha=0.25)(bias, torch.zeros(1))
    assert value.item() == pytest.approx(7.53775e-7, rel=1e-5)


def test_focal_by_its_published_formula_on_many_logits() -> None:
    draw = torch.Generator().manual_seed(0)
    x = (20 * torch.randn(10_000, generator=draw, dtype=torch.float64)).clamp(-50, 50).requires_grad_()
    y = (torch.rand(10_000, generator=draw) < 0.1).double()
    p = torch.sigmoid(x)
    p_t, alpha_t = p * y + (1 - p) * (1 - y), 0.25 * y + 0.75 * (1 - y)
    theirs = alpha_t * (1 - p_t) ** 2 * F.binary_cross_entropy_with_logits(x, y, reduction="none")
    ours = SigmoidFocalLoss(alpha=0.25, reduction="none")(x, y)
    assert torch.allclose(ours, theirs, atol=1e-12)
    slopes = [torch.autograd.grad(v.sum(), x, retain_graph=True)[0] for v in (ours, theirs)]
    assert torch.allclose(*slopes, atol=1e-10)


def test_focal_equals_kornia(z, t) -> None:
    kornia = pytest.importorskip("kornia.losses")
    theirs = kornia.binary_focal_loss_with_logits(z, t, alpha=0.25, gamma=2.0, reduction="none")
    assert torch.allclose(SigmoidFocalLoss(alpha=0.25, reduction="none")(z, t), theirs, atol=1e-8)


def test_focal_without_focusing_is_binary_cross_entropy(z, t) -> None:
    assert torch.allclose(
        SigmoidFocalLoss(gamma=0.0)(z, t), F.binary_cross_entropy_with_logits(z, t), rtol=1e-12
    )
    star = SigmoidFocalLoss(gamma=1.5, star=True, reduction="none")(z, t)
    assert torch.allclose(star, -F.logsigmoid(1.5 * torch.where(t > 0, z, -z)) / 1.5)


@pytest.mark.parametrize(
    ("x", "y", "expected"), [(0, 1, 0.346574), (0, 0, 0.024515), (2, 1, 0.015130), (2, 0, 0.846415)]
)
def test_asymmetric_by_hand(x: float, y: int, expected: float) -> None:
    value = AsymmetricLoss()(torch.tensor([float(x)], dtype=torch.float64), torch.tensor([y]))
    assert value.item() == pytest.approx(expected, abs=1e-6)


def test_asymmetric_leaves_easy_negatives_alone() -> None:
    for probability in (0.05, 0.03):
        x = torch.tensor(
            [math.log(probability / (1 - probability)) - 1e-9], dtype=torch.float64, requires_grad=True
        )
        loss = AsymmetricLoss(detach_weight=False)(x, torch.zeros(1))
        loss.backward()
        assert (loss.item(), x.grad.item()) == (0, 0)


@pytest.mark.parametrize("detach", [True, False])
def test_asymmetric_damps_suspicious_negatives(detach: bool) -> None:
    x = torch.linspace(-8, 12, 2001, dtype=torch.float64, requires_grad=True)
    AsymmetricLoss(detach_weight=detach)(x, torch.zeros_like(x)).backward()
    steepest = torch.sigmoid(x[x.grad.abs().argmax()]).item()
    assert 0.05 < steepest < 1
    assert x.grad[-1].abs() < x.grad.abs().max() / 100


def test_asymmetric_has_its_relatives_as_special_cases(z, t) -> None:
    plain = AsymmetricLoss(gamma_neg=0, gamma_pos=0, margin=0)
    assert torch.allclose(plain(z, t), F.binary_cross_entropy_with_logits(z, t, reduction="sum"))
    focal = AsymmetricLoss(gamma_neg=2, gamma_pos=2, margin=0, detach_weight=False)
    assert torch.allclose(focal(z, t), SigmoidFocalLoss(reduction="sum")(z, t))


def test_asymmetric_keeps_a_caller_without_gradients_without_them(z, t) -> None:
    with torch.no_grad():
        AsymmetricLoss()(z, t)
        assert not torch.is_grad_enabled()


def test_equalization_by_its_formula(z, t) -> None:
    loss = EqualizationLoss([900, 90, 9, 1], threshold=0.05, reduction="none")
    cost = F.binary_cross_entropy_with_logits(z, t, reduction="none")
    rare = torch.tensor([0.0, 0, 1, 1])
    assert torch.allclose(loss(z, t), cost * (1 - rare * (1 - t)))


def test_equalization_v2_by_the_published_update(z, t) -> None:
    loss = EqualizationV2Loss(4).double()
    first = loss(z, t)
    assert torch.allclose(first, F.binary_cross_entropy_with_logits(z, t))
    slope = (torch.sigmoid(z) - t).abs()
    ratio = (slope * t).sum(0) / (slope * (1 - t)).sum(0)
    fade = 1 / (1 + torch.exp(-12 * (ratio - 0.8)))
    weight = (1 + 4 * (1 - fade)) * t + fade * (1 - t)
    expected = weight * F.binary_cross_entropy_with_logits(z, t, reduction="none")
    loss.reduction = "none"
    assert torch.allclose(loss.eval()(z, t), expected)
    assert torch.allclose(loss(z, t), expected)  # evaluation gathered nothing
    assert "gathered" in loss.state_dict()


def test_ghm_by_counting(z, t) -> None:
    slope = (torch.sigmoid(z) - t).abs().flatten()
    place = np.minimum((slope.numpy() * 10).astype(int), 9)
    held = np.bincount(place, minlength=10)
    weight = torch.tensor(len(place) / (held[place] * (held > 0).sum())).reshape(z.shape)
    cost = F.binary_cross_entropy_with_logits(z, t, reduction="none")
    assert torch.allclose(GHMLoss(reduction="none")(z, t), weight * cost)
    assert torch.allclose(GHMLoss(bins=1)(z, t), cost.mean())


def test_distribution_balanced_by_its_formula(z, t) -> None:
    n, rows = torch.tensor([300.0, 90, 30, 10], dtype=torch.float64), 1000
    t[0] = 0
    inverse = 1 / n
    ratio = inverse / (t * inverse).sum(1, keepdim=True)  # infinite for a row without labels
    weight = 0.1 + 1 / (1 + torch.exp(-10 * (ratio - 0.2)))
    shifted = z - 0.05 / 2 * (rows / n - 1).log()
    scaled = torch.where(t > 0, shifted, 2 * shifted)
    cost = F.binary_cross_entropy_with_logits(scaled, t, reduction="none")
    expected = weight * torch.where(t > 0, 1.0, 0.5) * (1 - torch.exp(-cost)) ** 2 * cost
    prior = Prior(tuple(range(4)), n.numpy(), "multilabel")
    loss = DistributionBalancedLoss(prior, n_rows=rows, reduction="none")
    assert torch.allclose(loss(z, t), expected, atol=1e-6)


def pairs(s: torch.Tensor, y: torch.Tensor, cost) -> torch.Tensor:
    total = [cost(a - b) for a in s[y > 0] for b in s[y == 0]]
    return torch.stack(total).mean()


@pytest.mark.parametrize(
    ("name", "cost"),
    [
        ("logistic", lambda d: F.softplus(-d)),
        ("squared_hinge", lambda d: (1 - d).clamp(min=0) ** 2),
        ("hinge", lambda d: (1 - d).clamp(min=0)),
        ("square", lambda d: (1 - d) ** 2),
    ],
)
def test_pairwise_auc_by_a_double_loop(z, t, name: str, cost) -> None:
    s, y = z[:, 0], t[:, 0]
    loss = PairwiseAUCLoss(surrogate=name)
    assert torch.allclose(loss(s, y), pairs(s, y, cost))
    assert torch.allclose(loss(s + 5, y), loss(s, y))


def test_pairwise_auc_by_hand() -> None:
    value = PairwiseAUCLoss()(torch.tensor([1.0, 2.0, 0.0]), torch.tensor([1, 1, 0]))
    assert value.item() == pytest.approx(0.2201, abs=1e-4)
    assert PairwiseAUCLoss()(torch.ones(3, requires_grad=True), torch.ones(3)).item() == 0


def test_wrongly_ranked_pairs_are_one_minus_the_area(z, t) -> None:
    s, y = z[:, 0].clone(), t[:, 0]
    huge = PairwiseAUCLoss(surrogate="hinge")(1e9 * s, y) / 1e9  # the hinge counts distances of wrong pairs
    wrong = pairs(s, y, lambda d: (-d).clamp(min=0))
    assert torch.allclose(huge, wrong, rtol=1e-6)
    share = pairs(s, y, lambda d: (d < 0).double())
    assert share.item() == pytest.approx(1 - roc_auc_score(y, s))


def test_partial_auc_takes_the_highest_negatives(z, t) -> None:
    s, y = z[:, 0], t[:, 0]
    negatives = s[y == 0].sort(descending=True).values
    wanted = 0.3 * len(negatives)
    whole, part = int(wanted), wanted - int(wanted)
    costs = F.softplus(-(s[y > 0][:, None] - negatives[None]))
    expected = (costs[:, :whole].sum(1) + part * costs[:, whole]).mean() / wanted
    assert torch.allclose(PartialAUCLoss(max_fpr=0.3)(s, y), expected)
    assert torch.allclose(PartialAUCLoss(max_fpr=1.0)(s, y), PairwiseAUCLoss()(s, y))


def test_macro_auc_kinds_by_their_formulas(z, t) -> None:
    t[:, 3] = 0
    t[0, 3] = 1
    sign = 2 * t - 1
    plain = F.softplus(-sign * z).mean()
    assert torch.allclose(MacroAUCLoss(kind="plain")(z, t), plain)
    cost = F.softplus(-sign * z)
    reweighted = torch.stack(
        [cost[t[:, k] > 0, k].mean() + cost[t[:, k] == 0, k].mean() for k in range(4)]
    ).mean()
    assert torch.allclose(MacroAUCLoss(kind="reweighted")(z, t), reweighted)
    pairwise = torch.stack([pairs(z[:, k], t[:, k], lambda d: F.softplus(-d)) for k in range(4)]).mean()
    assert torch.allclose(MacroAUCLoss(kind="pairwise")(z, t), pairwise)
    assert torch.allclose(MacroAUCLoss()(z + torch.arange(4.0), t), pairwise)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: SigmoidFocalLoss(alpha=2), UsageError, "positives' share"),
        (lambda: SigmoidFocalLoss(gamma=0, star=True), UsageError, "star"),
        (lambda: AsymmetricLoss(margin=1.0), UsageError, "margin is 1.0"),
        (lambda: EqualizationLoss([1, 2], threshold=3), UsageError, "threshold is 3"),
        (lambda: GHMLoss(bins=0), UsageError, "bins is 0"),
        (lambda: DistributionBalancedLoss([5, 9], n_rows=9), UsageError, "9 positives"),
        (lambda: DistributionBalancedLoss([5, 9], n_rows=99, scale=0.5), UsageError, "scale is 0.5"),
        (lambda: PairwiseAUCLoss(surrogate="log"), UsageError, "logistic"),
        (lambda: PartialAUCLoss(max_fpr=0), UsageError, "max_fpr is 0"),
        (lambda: MacroAUCLoss(kind="u3"), UsageError, "pairwise"),
        (lambda: AsymmetricLoss()(torch.zeros(2, 3), torch.zeros(2)), TargetError, "must agree"),
        (lambda: EqualizationV2Loss(2)(torch.zeros(2, 3), torch.zeros(2, 3)), TargetError, "knows 2 labels"),
        (
            lambda: PairwiseAUCLoss()(torch.zeros(2, 3), torch.zeros(2, 3)),
            TargetError,
            r"both must be \(n,\)",
        ),
    ],
)
def test_errors_say_what_came_and_what_to_do(call, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call()
