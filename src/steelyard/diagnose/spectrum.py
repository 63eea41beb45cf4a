"""The curvature of each class's loss: sharp valleys, and saddles that rare classes are left on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from steelyard.core import Floats, UsageError, generator, require

if TYPE_CHECKING:
    from torch import Tensor, nn

__all__ = ["Spectrum", "hessian_by_class", "hessian_spectrum"]


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Nodes and weights of a Hessian's spectral density, as Lanczos steps from one random vector see it.

    Attributes:
        values: Ritz values, ascending; the outer ones approach the outer eigenvalues first.
        weights: their shares of the density, of sum one.
    """

    values: Floats
    weights: Floats

    @property
    def lowest(self) -> float:
        """The smallest eigenvalue; clearly below 0 at a saddle."""
        return float(self.values[0])

    @property
    def highest(self) -> float:
        """The largest eigenvalue: sharpness."""
        return float(self.values[-1])

    def density(self, at: Floats, *, width: float) -> Floats:
        """The density at some places, each value a normal curve of a width."""
        bumps = np.exp(-0.5 * ((np.asarray(at)[:, None] - self.values) / width) ** 2)
        return np.asarray(bumps @ self.weights / (width * np.sqrt(2 * np.pi)))


def hessian_spectrum(
    loss: Callable[[], Tensor], parameters: Sequence[Tensor], *, steps: int = 100, seed: int = 0
) -> Spectrum:
    r"""The spectrum of a loss's Hessian by the Lanczos method with full re-orthogonalisation.

    When to use it: to see the sharpness of a minimum, or whether a point is one at all. Each step costs one product of
    the Hessian and a vector, about two backward passes; nothing of the size of the Hessian is formed.

    The tridiagonal matrix of the steps has eigenvalues :math:`\theta_j` and first components :math:`v_{1j}` of its
    eigenvectors; the density is :math:`\sum_j v_{1j}^2\, \delta(\lambda - \theta_j)`.

    Args:
        loss: () -> scalar, twice differentiable; use evaluation mode.
        parameters: what to differentiate by.
        steps: at most so many; fewer when the parameters are fewer or the space is exhausted.
        seed: of the first vector.

    Returns:
        A `Spectrum`.

    Raises:
        UsageError: no steps, or no parameters.

    >>> import torch
    >>> w = torch.zeros(2, requires_grad=True)
    >>> found = hessian_spectrum(lambda: w[0] ** 2 - w[1] ** 2, [w])
    >>> round(found.lowest, 6), round(found.highest, 6)
    (-2.0, 2.0)

    Source: Ghorbani, Krishnan, Xiao (2019), An Investigation into Neural Net Optimization via Hessian Eigenvalue
    Density.
    """
    torch = require("torch", extra="torch")
    size = sum(p.numel() for p in parameters)
    if steps < 1 or not size:
        raise UsageError(f"steps={steps} and {size} parameters came; expected at least one of each")
    with torch.enable_grad():
        slopes = torch.autograd.grad(loss(), parameters, create_graph=True, allow_unused=True)
    slope = torch.cat(
        [
            torch.zeros_like(p).flatten() if g is None else g.flatten()
            for p, g in zip(parameters, slopes, strict=True)
        ]
    )

    def product(vector: Floats) -> Floats:
        if not slope.requires_grad:
            return np.zeros(size)
        along = torch.as_tensor(vector, dtype=slope.dtype, device=slope.device)
        found = torch.autograd.grad(slope @ along, parameters, retain_graph=True, allow_unused=True)
        flat = [
            torch.zeros_like(p).flatten() if g is None else g.flatten()
            for p, g in zip(parameters, found, strict=True)
        ]
        return np.asarray(torch.cat(flat).detach().cpu().double().numpy())

    start = generator(seed).choice([-1.0, 1.0], size)
    return _lanczos(product, start / np.linalg.norm(start), min(steps, size))


def hessian_by_class(
    model: nn.Module,
    rows: Tensor,
    labels: Tensor,
    *,
    classes: Sequence[int] | None = None,
    steps: int = 100,
    seed: int = 0,
) -> dict[int, Spectrum]:
    """The spectrum of each class's own mean cross-entropy, in evaluation mode.

    When to use it: after training on a long tail: a common class sits in a valley, while a rare one may be left on a
    saddle (`lowest` well below 0), above all after re-weighting; SAM leads away from there.

    Args:
        model: a classifier of rows; it is left as it was.
        rows, labels: the rows (n, …) to look at, and their class positions (n,).
        classes: which ones; None for all.
        steps, seed: see `hessian_spectrum`.

    Returns:
        Class position -> `Spectrum`.

    >>> import torch
    >>> model = torch.nn.Linear(2, 2)
    >>> found = hessian_by_class(model, torch.eye(2), torch.tensor([0, 1]))
    >>> sorted(found), found[0].lowest > -1e-6  # linear models have no saddles
    ([0, 1], True)

    Source: Rangwani, Aithal, Mishra, Babu (2022), Escaping Saddle Points for Effective Generalization on
    Class-Imbalanced Data.
    """
    torch = require("torch", extra="torch")
    was_training = model.training
    model.eval()
    parameters: list[Any] = [p for p in model.parameters() if p.requires_grad]
    found = {}
    try:
        for k in classes if classes is not None else sorted(set(labels.tolist())):
            mine = labels == k

            def loss(mine: Tensor = mine) -> Tensor:
                cost: Tensor = torch.nn.functional.cross_entropy(model(rows[mine]), labels[mine])
                return cost

            found[int(k)] = hessian_spectrum(loss, parameters, steps=steps, seed=seed)
    finally:
        model.train(was_training)
    return found


def _lanczos(product: Callable[[Floats], Floats], start: Floats, steps: int) -> Spectrum:
    basis, diagonal, beside = [start], [], []
    while True:
        vector = product(basis[-1])
        diagonal.append(float(vector @ basis[-1]))
        known = np.stack(basis)
        for _ in range(2):  # twice is enough to stay orthogonal
            vector = vector - known.T @ (known @ vector)
        length = float(np.linalg.norm(vector))
        if len(diagonal) == steps or length <= 1e-10 * max(1.0, np.abs(diagonal).max()):
            break
        beside.append(length)
        basis.append(vector / length)
    matrix = np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1)
    values, vectors = np.linalg.eigh(matrix)
    return Spectrum(values, vectors[0] ** 2)


CARD = {
    "lever": "diagnose",
    "name": "hessian_by_class",
    "title": "Hessian spectrum of each class's loss",
    "seeds": ["011"],
    "needs": ["torch"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Rangwani et al. (2022), Escaping Saddle Points for Effective Generalization",
    "facts": {},
}
