"""The names users find first, called as the documentation says."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
import torch

from steelyard import Prior, losses, optim, samplers

EMPTY = inspect.Parameter.empty
FIRST: list[tuple[Any, dict[str, Any], dict[str, Any]]] = [
    (losses.LDAMLoss, {"prior": EMPTY}, {"margin": 0.5, "scale": 30.0}),
    (losses.VSLoss, {"prior": EMPTY}, {"tau": 1.0, "gamma": 0.3}),
    (losses.AsymmetricLoss, {}, {"gamma_neg": 4, "gamma_pos": 1, "margin": 0.05, "reduction": "sum"}),
    (losses.AsymmetricLossSoftmax, {}, {"gamma_neg": 4, "gamma_pos": 0, "smoothing": 0.1}),
    (losses.FocalLoss, {}, {"gamma": 2.0, "alpha": None}),
    (losses.LogitAdjustedLoss, {"prior": EMPTY}, {"tau": 1.0}),
    (losses.BalancedSoftmaxLoss, {"prior": EMPTY}, {}),
    (optim.SAM, {"params": EMPTY, "base_optimizer": EMPTY}, {"rho": 0.05}),
    (optim.ImbSAM, {"params": EMPTY, "base_optimizer": EMPTY}, {"rho": 0.05}),
    (samplers.ClassBalanced, {"prior": EMPTY}, {"power": 0.0}),
]


@pytest.mark.parametrize(
    ("part", "positional", "named"), FIRST, ids=lambda value: getattr(value, "__name__", "")
)
def test_first_names_take_what_is_promised(
    part: Any, positional: dict[str, Any], named: dict[str, Any]
) -> None:
    parameters = inspect.signature(part).parameters
    before = {name: p.default for name, p in parameters.items() if p.kind is p.POSITIONAL_OR_KEYWORD}
    assert before == positional
    for name in named:
        assert parameters[name].kind is inspect.Parameter.KEYWORD_ONLY
    if issubclass(part, torch.nn.Module):
        assert {name: parameters[name].default for name in named} == named


def test_a_prior_is_counted_and_goes_into_everything() -> None:
    y = torch.arange(12) % 3
    prior = Prior.of(y.numpy())
    net = torch.nn.Linear(2, 3)
    x = torch.randn(12, 2, generator=torch.Generator().manual_seed(0))
    rows = list(samplers.ClassBalanced(prior, y=y.numpy(), power=0.5))
    steps = optim.SAM(net.parameters(), torch.optim.SGD, rho=0.05)
    loss = losses.LDAMLoss(prior, margin=0.5, scale=30.0)

    def closure() -> torch.Tensor:
        steps.zero_grad()
        value = loss(net(x[rows]), y[rows])
        value.backward()
        return value

    assert steps.step(closure) > loss(net(x[rows]), y[rows])
