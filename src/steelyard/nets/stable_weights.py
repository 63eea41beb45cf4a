"""How much to trust each expert on rows whose labels and class shares nobody knows."""

from __future__ import annotations

import warnings

import torch
from torch import Tensor
from torch.nn.functional import cosine_similarity

from steelyard.core import TargetError, UsageError
from steelyard.nets.experts import combined

__all__ = ["stable_weights"]

DOMINANT = 0.8


def stable_weights(
    first: Tensor,
    second: Tensor,
    *,
    steps: int = 20,
    batch_size: int = 64,
    lr: float = 0.1,
    floor: float = 0.05,
    seed: int = 0,
) -> Tensor:
    r"""Weights of experts under which two views of a row are answered alike.

    When to use it: the class shares of the rows to predict are unknown and `losses.DiverseExpertsLoss` has trained
    experts for several; then `combined(logits, weights)`. It is transductive: weights are fitted on the very rows
    that are predicted, so say so beside results. Count steps, not epochs, or large sets are adapted longer.

    Maximises the mean of :math:`\cos(p, p')`, :math:`p = \mathrm{softmax}(\sum_e w_e z_e)` of one view and
    :math:`p'` of the other, over :math:`w = \mathrm{softmax}(\omega)` by stochastic gradient steps with Nesterov
    momentum 0.9 and weight decay 5e-4. An expert that is sure of everything is perfectly stable: the floor bounds
    what it can gain.

    Args:
        first, second: logits (n, E, K) of two randomly changed views of the same unlabelled rows.
        steps: how many steps.
        batch_size: rows of a step.
        lr: of the steps.
        floor: ends before any weight falls below it; 0 never ends early.
        seed: of the batches.

    Returns:
        Weights (E,), positive, of sum one.

    Raises:
        TargetError: views that are not of one shape (n, E, K).
        UsageError: a floor that E weights cannot keep.

    >>> z = torch.randn(100, 1, 4).expand(100, 3, 4)
    >>> stable_weights(z, z + 0.1).tolist()  # equal experts, equal weights
    [0.33..., 0.33..., 0.33...]

    Source: Zhang, Hooi, Hong, Feng (2022), Self-Supervised Aggregation of Diverse Experts for Test-Agnostic
    Long-Tailed Recognition.
    """
    if first.dim() != 3 or first.shape != second.shape or not len(first):
        raise TargetError(
            f"views have shapes {tuple(first.shape)} and {tuple(second.shape)}; expected (n, E, K) twice"
        )
    n, e, _ = first.shape
    if not 0 <= floor < 1 / e:
        raise UsageError(f"floor is {floor}, expected a number from 0 up to 1/{e}, the equal weight")
    generator = torch.Generator().manual_seed(seed)
    first, second = first.detach(), second.detach()
    omega = torch.zeros(e, dtype=first.dtype, device=first.device, requires_grad=True)
    optimizer = torch.optim.SGD([omega], lr=lr, momentum=0.9, nesterov=True, weight_decay=5e-4)
    weights = omega.detach().softmax(0)
    for _ in range(steps):
        rows = torch.randperm(n, generator=generator)[:batch_size].to(first.device)
        with torch.enable_grad():
            share = omega.softmax(0)
            answer, other = (combined(view[rows], share).softmax(1) for view in (first, second))
            loss = -cosine_similarity(answer, other).mean()
        (omega.grad,) = torch.autograd.grad(loss, omega)
        optimizer.step()
        moved = omega.detach().softmax(0)
        if moved.min() < floor:
            break
        weights = moved
    if weights.max() > DOMINANT:
        warnings.warn(
            f"one expert has weight {weights.max():.2f}; it may be sure of everything rather than right, "
            "so compare with equal weights, or take fewer steps or a higher floor",
            stacklevel=2,
        )
    return weights


CARD = {
    "lever": "nets",
    "name": "stable_weights",
    "title": "Weights of experts by prediction stability (SADE)",
    "seeds": ["054"],
    "needs": ["torch"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Zhang et al. (2022), Self-Supervised Aggregation of Diverse Experts",
    "facts": {"makes": "change"},
}
