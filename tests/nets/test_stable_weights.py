"""Weights of experts without labels: what they must find, and what fools them."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn.functional import cosine_similarity

from steelyard.core import TargetError, UsageError
from steelyard.nets import combined, stable_weights


def _views(noise: tuple[float, ...], n: int = 200, k: int = 5) -> tuple[Tensor, Tensor]:
    """Two views by experts that answer alike but for their noise."""
    generator = torch.Generator().manual_seed(0)
    clean = 3 * torch.randn(n, 1, k, generator=generator)
    first, second = (
        clean + torch.tensor(noise)[None, :, None] * torch.randn(n, len(noise), k, generator=generator)
        for _ in range(2)
    )
    return first, second


def test_equal_experts_keep_equal_weights() -> None:
    first, second = _views((0.5,))
    weights = stable_weights(first.expand(-1, 3, -1), second.expand(-1, 3, -1))
    assert torch.allclose(weights, torch.full((3,), 1 / 3), atol=0.02)


def test_the_steadiest_expert_gains_and_the_answers_agree_more() -> None:
    first, second = _views((0.1, 2.0, 4.0))
    weights = stable_weights(first, second)
    assert weights.sum().item() == pytest.approx(1)
    assert weights[0] > weights[1] > weights[2]

    def agreement(w: Tensor | None) -> float:
        return cosine_similarity(combined(first, w).softmax(1), combined(second, w).softmax(1)).mean().item()

    assert agreement(weights) > agreement(None)


def test_the_first_step_is_the_gradient_by_differences() -> None:
    first, second = (view.double() for view in _views((0.2, 1.0)))

    def loss(omega: Tensor) -> Tensor:
        w = omega.softmax(0)
        return -cosine_similarity(combined(first, w).softmax(1), combined(second, w).softmax(1)).mean()

    h = 1e-6
    slope = torch.stack([(loss(h * e) - loss(-h * e)) / (2 * h) for e in torch.eye(2, dtype=torch.float64)])
    # with Nesterov momentum the first step is 1 + 0.9 times the gradient
    expected = (-0.1 * 1.9 * slope).softmax(0)
    assert torch.allclose(stable_weights(first, second, steps=1, batch_size=200), expected, atol=1e-7)


def test_an_expert_that_is_sure_of_everything_wins_without_the_floor_and_is_held_by_it() -> None:
    first, second = _views((2.0, 2.0, 2.0))
    constant = torch.zeros_like(first[:, :1])
    constant[..., 0] = 4.0
    first, second = (torch.cat([view[:, :2], constant], dim=1) for view in (first, second))
    with pytest.warns(UserWarning, match="sure of everything"):
        free = stable_weights(first, second, steps=300, lr=1.0, floor=0.0)
    assert free.argmax() == 2
    assert free[2] > 0.8
    held = stable_weights(first, second, steps=300, floor=0.15)
    assert held.min() >= 0.15
    assert held[2] <= 0.7


@pytest.mark.parametrize("floor", [-0.1, 0.5])
def test_a_floor_that_weights_cannot_keep_is_refused(floor: float) -> None:
    with pytest.raises(UsageError, match="floor"):
        stable_weights(*_views((1.0, 1.0)), floor=floor)


def test_views_of_different_shape_are_refused() -> None:
    with pytest.raises(TargetError, match="expected"):
        stable_weights(torch.zeros(3, 2, 4), torch.zeros(2, 2, 4))
