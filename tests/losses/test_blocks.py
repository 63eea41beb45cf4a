"""Closed forms, block by block, against the formula they stand for: values, gradients, gradients of gradients."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch

from steelyard import losses
from steelyard.core import find
from steelyard.losses import blocks, dirichlet_kl
from steelyard.losses.evidential_loss import divergence_sloped
from steelyard.losses.softmax_equalization_loss import drawn

CARDS = {card.name: card for card in find(lever="losses")}
VARIANTS: list[tuple[str, dict[str, Any]]] = [
    *((name, {}) for name in sorted(CARDS) if CARDS[name].facts["takes"] in {"classes", "labels"}),
    *(
        ("AsymmetricLoss", {"detach_weight": d, "margin": m, "gamma_neg": n, "gamma_pos": p})
        for d in (True, False)
        for m, n, p in ((0.0, 0, 0), (0.0, 2, 0.5), (0.05, 0, 1), (0.05, 0.5, 2), (0.05, 1, 0), (0.2, 4, 1))
    ),
    *(
        ("SigmoidFocalLoss", {"gamma": g, "star": s})
        for g, s in ((0, False), (0.5, False), (3, False), (2, True))
    ),
    *(("DistributionBalancedLoss", options) for options in ({"gamma": 0.0}, {"beta": 0.0}, {"scale": 1.0})),
    *(("SeesawLoss", options) for options in ({"p": 0.0}, {"q": 0.0}, {"q": 1.5}, {"q": 20.0})),
    *(("AsymmetricLossSoftmax", {"gamma_neg": n, "gamma_pos": p}) for n, p in ((0, 0.5), (1, 2))),
    ("LDAMLoss", {"scale": 7.0}),
    ("EvidentialLoss", {"transform": losses.label_aware_margin([90, 9, 2], scale=4.0)}),
]


def _inputs(takes: str, classes: int) -> tuple[torch.Tensor, torch.Tensor]:
    draw = torch.Generator().manual_seed(3)
    scores = 4 * torch.randn(23, classes, generator=draw, dtype=torch.float64)
    if takes == "classes":
        target = torch.arange(23) % classes
        target[5] = -100
        return scores, target
    return scores, (torch.rand(23, classes, generator=draw) < 0.3).double()


def _answers(loss: Any, scores: torch.Tensor, target: torch.Tensor) -> list[torch.Tensor]:
    z = scores.clone().requires_grad_()
    pull = torch.linspace(1, 2, len(z), dtype=z.dtype)
    values = loss(z, target, weight=pull)
    (slope,) = torch.autograd.grad(values.sum(), z, retain_graph=True)
    (again,) = torch.autograd.grad(values.sum(), z, create_graph=True)
    assert torch.allclose(slope, again, atol=1e-9)
    (bent,) = torch.autograd.grad((again * torch.sin(torch.arange(z.numel()).reshape(z.shape))).sum(), z)
    return [values.detach(), slope, bent]


@pytest.mark.parametrize(("name", "options"), VARIANTS)
def test_blocks_give_what_the_formula_gives(
    name: str, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    card = CARDS[name]
    made = getattr(losses, name)(**{**card.example, **options}, reduction="none").double()
    made = made.eval() if name == "SoftmaxEqualizationLoss" else made
    inputs = _inputs(card.facts["takes"], made.n_classes or 3)
    plain = _answers(copy.deepcopy(made), *inputs)
    monkeypatch.setattr(blocks, "LARGE", 1)
    monkeypatch.setattr(blocks, "BLOCK", 5 * inputs[0].shape[1])
    for expected, found in zip(plain, _answers(copy.deepcopy(made), *inputs), strict=True):
        assert torch.allclose(expected, found, atol=1e-7)


@pytest.mark.parametrize("reduction", ["mean", "sum", losses.CVaR(0.5)])
@pytest.mark.parametrize("name", ["SigmoidFocalLoss", "AsymmetricLoss", "EqualizationV2Loss", "SeesawLoss"])
def test_reduced_losses_and_a_second_pass_through_a_kept_graph(
    name: str, reduction: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = CARDS[name]
    scores, target = _inputs(card.facts["takes"], 3)
    found = []
    for large in (10**9, 1):
        monkeypatch.setattr(blocks, "LARGE", large)
        monkeypatch.setattr(blocks, "BLOCK", 15)
        loss = getattr(losses, name)(**card.example, reduction=reduction).double()
        z = scores.clone().requires_grad_()
        value = loss(z, target)
        found.append([value.detach()])
        for factor in (1.0, 3.0):
            (slope,) = torch.autograd.grad(value, z, torch.tensor(factor).double(), retain_graph=True)
            found[-1].append(slope.clone() / factor)
    for expected, by_blocks in zip(*found, strict=True):
        assert torch.allclose(expected, by_blocks, atol=1e-9)


def test_many_gradients_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "LARGE", 1)
    scores, target = _inputs("classes", 3)
    z = scores.requires_grad_()
    values = losses.BalancedSoftmaxLoss([9, 3, 1], reduction="none").double()(z, target)
    (each,) = torch.autograd.grad(
        values, z, torch.eye(len(z)).double(), is_grads_batched=True, retain_graph=True
    )
    for row, found in enumerate(each):
        (expected,) = torch.autograd.grad(values[row], z, retain_graph=True)
        assert torch.allclose(found, expected, atol=1e-9)


def test_rows_that_do_not_count_may_hold_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "LARGE", 1)
    scores, target = _inputs("classes", 3)
    scores[target < 0, 0] = -torch.inf
    z = scores.requires_grad_()
    value = losses.BalancedSoftmaxLoss([9, 3, 1]).double()(z, target)
    value.backward()
    kept = target >= 0
    assert value.item() == pytest.approx(
        losses.BalancedSoftmaxLoss([9, 3, 1]).double()(z[kept], target[kept]).item()
    )
    assert z.grad is not None
    assert not z.grad[~kept].any()


def test_a_subclass_with_values_of_its_own_is_asked_for_them() -> None:
    class Halved(losses.SigmoidFocalLoss):
        def values(self, scores: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
            return super().values(scores, target) / 2

    scores, target = _inputs("labels", 3)
    assert Halved()(scores, target) == losses.SigmoidFocalLoss()(scores, target) / 2


def test_random_ones_come_with_their_probability() -> None:
    like = torch.empty(301, 1003, requires_grad=True)
    for share in (0.0, 0.1, 0.9, 1.0):
        ones = drawn(like, share)
        assert set(ones.unique().tolist()) <= {0.0, 1.0}
        assert ones.mean().item() == pytest.approx(share, abs=6 * (share * (1 - share) / ones.numel()) ** 0.5)
        # neither in columns nor in rows does the packing of four draws show
        assert ones[:, ::4].mean().item() == pytest.approx(share, abs=0.005)
    assert drawn(like[:0], 0.5).shape == (0, 1003)


def test_soft_labels_go_by_the_formula(monkeypatch: pytest.MonkeyPatch) -> None:
    scores, _ = _inputs("labels", 3)
    soft = torch.linspace(0, 1, 69, dtype=torch.float64).reshape(23, 3)
    loss = losses.AsymmetricLoss(reduction="none")
    plain = _answers(loss, scores, soft)
    monkeypatch.setattr(blocks, "LARGE", 1)
    assert all(map(torch.allclose, plain, _answers(loss, scores, soft)))


def test_what_is_learnt_of_gradients_is_the_same_by_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    scores, target = _inputs("labels", 3)
    heard = []
    for large in (10**9, 1):
        monkeypatch.setattr(blocks, "LARGE", large)
        loss = losses.EqualizationV2Loss(3).double()
        costs = [loss(scores.requires_grad_(), target).item() for _ in range(3)]
        heard.append((costs, loss.gathered.tolist()))
    assert heard[0][0] == pytest.approx(heard[1][0])
    assert heard[0][1][0] == pytest.approx(heard[1][1][0])


@pytest.mark.parametrize("size", [1.0, 5.0, 20.0])
def test_evidence_in_single_precision_against_double(size: float) -> None:
    z = (size * torch.randn(50, 20, generator=torch.Generator().manual_seed(0))).clamp(max=70)
    wide = z.double().requires_grad_()
    exact = dirichlet_kl(wide.exp() + 1)
    (slope,) = torch.autograd.grad(exact.sum(), wide)
    found, change = divergence_sloped(z.exp())
    assert torch.allclose(found.double(), exact, rtol=2e-6, atol=1e-5)
    assert torch.allclose(change.double(), slope, rtol=2e-6, atol=2e-6)


def test_single_precision_far_out_and_where_blocks_serve() -> None:
    torch.manual_seed(0)
    z = (10 * torch.randn(257, 257)).requires_grad_()
    classes, labels = torch.arange(257) % 257, (torch.rand(257, 257) < 0.1).float()
    counts = (1 + torch.arange(257)).tolist()
    for loss, target in (
        (losses.LDAMLoss(counts), classes),
        (losses.SeesawLoss(counts), classes),
        (losses.EvidentialLoss(), classes),
        (losses.AsymmetricLoss(), labels),
        (losses.SigmoidFocalLoss(), labels),
    ):
        value = loss(z, target)
        (slope,) = torch.autograd.grad(value, z)
        wide = z.detach().double().requires_grad_()
        exact = copy.deepcopy(loss).double()(wide, target)
        (expected,) = torch.autograd.grad(exact, wide)
        assert value.item() == pytest.approx(exact.item(), rel=1e-4)
        assert torch.allclose(slope.double(), expected, atol=1e-4 * expected.abs().max().item())


def test_transforms_of_functions_get_the_formula(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "LARGE", 1)
    scores, target = _inputs("classes", 3)
    loss = losses.SeesawLoss([90, 9, 2]).double()
    each = torch.func.vmap(torch.func.grad(lambda z, y: loss(z[None], y[None])))(scores[:4], target[:4])
    z = scores[:4].clone().requires_grad_()
    (expected,) = torch.autograd.grad(loss(z, target[:4]) * 4, z)
    assert torch.allclose(each, expected, atol=1e-7)
