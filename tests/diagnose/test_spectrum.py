"""Spectra of Hessians against the explicit matrix."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from torch import nn  # noqa: E402
from torch.nn.functional import cross_entropy  # noqa: E402

from steelyard.core import UsageError  # noqa: E402
from steelyard.diagnose import hessian_by_class, hessian_spectrum  # noqa: E402


@pytest.fixture
def net() -> nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(3)
        return nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 3)).double()


X = torch.randn(40, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
Y = torch.arange(40) % 3


def _explicit(net: nn.Module, x: torch.Tensor, y: torch.Tensor) -> np.ndarray:
    names, values = zip(*net.named_parameters(), strict=True)
    sizes = [v.numel() for v in values]

    def loss(flat: torch.Tensor) -> torch.Tensor:
        parts = [p.reshape(v.shape) for p, v in zip(flat.split(sizes), values, strict=True)]
        return cross_entropy(torch.func.functional_call(net, dict(zip(names, parts, strict=True)), x), y)

    flat = torch.cat([v.detach().flatten() for v in values])
    return torch.autograd.functional.hessian(loss, flat).numpy()


def test_outer_values_of_each_class_are_those_of_the_explicit_hessian(net: nn.Module) -> None:
    found = hessian_by_class(net, X, Y, steps=60)
    for k in range(3):
        exact = np.linalg.eigvalsh(_explicit(net, X[k == Y], Y[k == Y]))
        assert found[k].lowest == pytest.approx(exact[0], rel=1e-4)
        assert found[k].highest == pytest.approx(exact[-1], rel=1e-4)
        assert exact[0] < -1e-3  # a saddle, so that the lowest value means something
        assert found[k].weights.sum() == pytest.approx(1)


def test_the_mean_of_the_density_estimates_the_trace(net: nn.Module) -> None:
    parameters = list(net.parameters())
    exact = np.trace(_explicit(net, X, Y))
    size = sum(p.numel() for p in parameters)
    means = []
    for seed in range(40):
        found = hessian_spectrum(lambda: cross_entropy(net(X), Y), parameters, steps=5, seed=seed)
        means.append(size * found.weights @ found.values)
    assert abs(np.mean(means) - exact) < 3 * np.std(means, ddof=1) / np.sqrt(40)


def test_a_saddle_by_hand_and_its_density() -> None:
    w = torch.zeros(2, requires_grad=True)
    found = hessian_spectrum(lambda: w[0] ** 2 - w[1] ** 2, [w])
    assert found.values == pytest.approx([-2, 2])
    places = np.linspace(-4, 4, 2001)
    assert found.density(places, width=0.1).sum() * (places[1] - places[0]) == pytest.approx(1, abs=1e-3)


def test_flat_losses_modes_and_bad_options(net: nn.Module) -> None:
    w = torch.zeros(3, requires_grad=True)
    assert hessian_spectrum(lambda: w.sum(), [w]).values == pytest.approx([0])
    net.train()
    hessian_by_class(net, X, Y, classes=[2], steps=2)
    assert net.training
    with pytest.raises(UsageError, match="at least one"):
        hessian_spectrum(lambda: w.sum(), [w], steps=0)
