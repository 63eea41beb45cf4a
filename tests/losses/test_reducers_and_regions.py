"""Reducers, the base classes, and overlap losses."""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn import functional as F

from steelyard.core import DataError, TargetError, UsageError
from steelyard.losses import (
    KLDRO,
    CVaR,
    DiceLoss,
    FocalLoss,
    GroupDRO,
    Loss,
    PolyLoss,
    TverskyLoss,
    UnifiedFocalLoss,
    reduce,
)

TEN = torch.arange(1.0, 11, dtype=torch.float64)


@pytest.fixture
def maps() -> tuple[torch.Tensor, torch.Tensor]:
    draw = torch.Generator().manual_seed(4)
    return torch.randn(2, 3, 5, 6, generator=draw, dtype=torch.float64), torch.randint(
        3, (2, 5, 6), generator=draw
    )


@pytest.mark.parametrize(("alpha", "expected"), [(0.3, 9), (0.5, 8), (0.9, 6), (1.0, 5.5), (0.05, 10)])
def test_cvar_by_hand(alpha: float, expected: float) -> None:
    assert CVaR(alpha)(TEN[torch.randperm(10)]).item() == pytest.approx(expected)


def test_cvar_is_the_minimum_it_is_defined_by() -> None:
    values, alpha = torch.rand(37, dtype=torch.float64), 0.23
    levels = torch.cat([values, torch.linspace(0, 1, 2001, dtype=torch.float64)])
    objective = levels + (values[None] - levels[:, None]).clamp(min=0).sum(1) / (alpha * 37)
    assert CVaR(alpha)(values).item() == pytest.approx(objective.min().item())


def test_weights_of_cvar_are_repeated_rows() -> None:
    values, times = torch.tensor([3.0, 1.0, 2.0]), torch.tensor([1, 2, 3])
    for alpha in (0.2, 0.5, 0.8, 1.0):
        repeated = CVaR(alpha)(values.repeat_interleave(times))
        assert torch.allclose(CVaR(alpha)(values, times.float()), repeated)
        assert torch.allclose(
            KLDRO(alpha)(values, times.float()), KLDRO(alpha)(values.repeat_interleave(times))
        )


def test_kl_dro_lies_between_mean_and_maximum() -> None:
    assert KLDRO(1e6)(TEN).item() == pytest.approx(5.5, abs=1e-4)
    assert KLDRO(1e-3)(TEN).item() == pytest.approx(10, abs=0.01)
    assert KLDRO(2.0)(TEN).item() == pytest.approx(2 * math.log((TEN / 2).exp().mean().item()))
    assert KLDRO(2.0)(TEN[:0].requires_grad_(), torch.zeros(0)).item() == 0


def test_group_weights_follow_the_worst_group() -> None:
    dro = GroupDRO(3, step=0.5)
    values, groups = torch.tensor([0.0, 2.0, 4.0, 1.0]), torch.tensor([0, 1, 1, 0])
    loss = dro(values, groups)  # means 0.5 and 3, the third group is absent
    raw = torch.tensor([math.exp(0.25), math.exp(1.5), 1.0])
    assert torch.allclose(dro.weight, raw / raw.sum())
    assert torch.allclose(loss, (raw / raw.sum() * torch.tensor([0.5, 3.0, 0.0])).sum())
    assert dro.eval()(values, groups) == loss


def test_reducers_nest_in_losses() -> None:
    z, y = torch.randn(20, 3, generator=torch.Generator().manual_seed(0)), torch.arange(20) % 3
    values = FocalLoss(reduction="none")(z, y)
    assert torch.allclose(FocalLoss(reduction=CVaR(0.25))(z, y), values.sort().values[-5:].mean())
    assert torch.allclose(FocalLoss()(z, y), values.mean())
    assert torch.allclose(FocalLoss(reduction="sum")(z, y), values.sum())
    weight = torch.rand(20)
    assert torch.allclose(
        FocalLoss(reduction="weighted_mean")(z, y, weight=weight), (values * weight).sum() / weight.sum()
    )
    assert torch.allclose(FocalLoss()(z, y, weight=weight), (values * weight).mean())


def test_reduce_of_nothing_is_zero_with_a_graph() -> None:
    nothing = torch.zeros(0, requires_grad=True)
    for how in ("mean", "sum", "weighted_mean", CVaR(0.5)):
        assert reduce(nothing, how=how).item() == 0
        assert reduce(nothing, how=how).grad_fn is not None
    zero = torch.zeros(3)
    assert reduce(torch.ones(3), zero, how="weighted_mean").item() == 0
    with pytest.raises(DataError, match=r"shape \(2,\) and losses \(3,\)"):
        reduce(torch.ones(3), torch.ones(2))


def test_autocast_does_not_reach_inside() -> None:
    z, y = torch.randn(8, 3), torch.arange(8) % 3
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert PolyLoss()(z, y) == PolyLoss()(z.clone(), y)
        assert PolyLoss()(z, y).dtype == torch.float32
    with pytest.raises(TypeError, match="abstract"):
        Loss()


def parts(z: torch.Tensor, t: torch.Tensor) -> tuple[torch.Tensor, ...]:
    p, truth = z.softmax(1), F.one_hot(t, 3).movedim(-1, 1)
    return tuple((a * b).sum((2, 3)) for a, b in ((p, truth), (p, 1 - truth), (1 - p, truth)))


def test_tversky_by_its_formula_and_as_kornia(maps) -> None:
    tp, fp, fn = parts(*maps)
    expected = 1 - tp / (tp + 0.3 * fp + 0.7 * fn)
    assert torch.allclose(TverskyLoss()(*maps), expected.mean())
    assert torch.allclose(TverskyLoss(gamma=0.75)(*maps), (expected**0.75).mean())
    kornia = pytest.importorskip("kornia.losses")
    lacking = maps[0], maps[1] % 2  # one class does not occur
    for given in (maps, lacking):
        assert torch.allclose(
            TverskyLoss()(*given), kornia.tversky_loss(*given, alpha=0.3, beta=0.7), atol=1e-7
        )
        assert torch.allclose(DiceLoss()(*given), kornia.dice_loss(*given, average="macro"), atol=1e-7)


def test_tversky_of_known_counts() -> None:
    loss = TverskyLoss(gamma=4.0, eps=1.0)
    value = loss.costs(torch.tensor([[8.0]]), torch.tensor([[4.0]]), torch.tensor([[2.0]]))
    assert 1 - value.item() ** 0.25 == pytest.approx(0.775862, abs=1e-6)
    assert value.item() == pytest.approx(0.002524, abs=1e-6)


@pytest.mark.parametrize("over", ["image", "batch"])
def test_a_perfect_answer_costs_nothing_whatever_the_layout(maps, over: str) -> None:
    z = 200 * F.one_hot(maps[1], 3).movedim(-1, 1).double()
    assert DiceLoss(jaccard=True, over=over)(z, maps[1]).item() == pytest.approx(0, abs=1e-7)
    turned = DiceLoss(over=over)(maps[0].transpose(2, 3), maps[1].transpose(1, 2))
    assert torch.allclose(turned, DiceLoss(over=over)(*maps))


def test_over_the_batch_is_one_large_image(maps) -> None:
    large = maps[0].movedim(1, 0).flatten(1)[None], maps[1].flatten()[None]
    assert torch.allclose(DiceLoss(over="batch")(*maps), DiceLoss()(*large))
    assert torch.allclose(
        DiceLoss(jaccard=True)(*large), TverskyLoss(false_positives=1, false_negatives=1)(*large)
    )


def test_class_weights_average_classes(maps) -> None:
    tp, fp, fn = parts(*maps)
    cost = 1 - 2 * tp / (2 * tp + fp + fn)
    weight = torch.tensor([0.0, 1.0, 3.0])
    assert torch.allclose(DiceLoss(class_weight=[0, 1, 3])(*maps), (cost * weight).sum(1).mean() / 4)


def test_ignored_pixels_are_not_there(maps) -> None:
    z, t = maps[0].clone(), maps[1].clone()
    t[:, :, 3:] = -100
    for loss in (DiceLoss(), TverskyLoss(over="batch"), UnifiedFocalLoss()):
        assert torch.allclose(loss(z, t), loss(z[..., :3], t[..., :3]))


def test_unified_focal_by_its_formula(maps) -> None:
    z, t = maps[0][:, :2], maps[1] % 2
    p, truth = z.softmax(1), F.one_hot(t, 2).movedim(-1, 1)
    delta, gamma = 0.6, 0.5
    back = (1 - delta) * ((1 - p[:, 0]) ** gamma * -p[:, 0].log() * truth[:, 0])
    fore = delta * (-p[:, 1].log() * truth[:, 1])
    pixels = (back + fore).mean()
    tp, fn, fp = ((a * b).sum((2, 3)) for a, b in ((p, truth), (1 - p, truth), (p, 1 - truth)))
    index = tp / (tp + delta * fn + (1 - delta) * fp)
    overlap = torch.stack([1 - index[:, 0], (1 - index[:, 1]) ** (1 - gamma)]).mean()
    assert torch.allclose(UnifiedFocalLoss()(z, t), 0.5 * pixels + 0.5 * overlap, atol=1e-7)
    assert UnifiedFocalLoss(symmetric=True)(z, t) != UnifiedFocalLoss()(z, t)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: CVaR(0), UsageError, "alpha is 0"),
        (lambda: KLDRO(-1), UsageError, "temperature is -1"),
        (lambda: GroupDRO(2, step=0), UsageError, "step is 0"),
        (lambda: DiceLoss(over="pixel"), UsageError, "image or batch"),
        (lambda: DiceLoss(class_weight=[-1, 1]), UsageError, "at least 0 a class"),
        (lambda: TverskyLoss(gamma=0), UsageError, "gamma=0"),
        (lambda: UnifiedFocalLoss(gamma=1), UsageError, "gamma=1"),
        (lambda: DiceLoss()(torch.zeros(2, 3, 4), torch.zeros(2, 5).long()), TargetError, "class positions"),
        (
            lambda: DiceLoss(class_weight=[1, 1])(torch.zeros(2, 3, 4), torch.zeros(2, 4).long()),
            TargetError,
            "2 classes",
        ),
    ],
)
def test_errors_say_what_came_and_what_to_do(call, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call()
