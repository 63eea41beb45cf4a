"""What a loss for boosted trees states: its derivatives, and what its scores mean."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from scipy.special import expit

from steelyard.core import Floats
from steelyard.ensemble.rows import Ints

__all__: list[str] = []

STEPS = 2000
SETTLED = 1e-10


class Objective(Protocol):
    """A loss of scores z (n, K) at class positions y (n,).

    Attributes:
        steepness: the most by which log-odds of the posterior grow when log-odds of the scores grow by one.
    """

    @property
    def steepness(self) -> float:
        """See above."""
        ...

    def loss(self, z: Floats, y: Ints) -> Floats:
        """The loss of every row (n,)."""
        ...

    def derivatives(self, z: Floats, y: Ints) -> tuple[Floats, Floats]:
        """Exact first derivatives, and the exact diagonal of the second ones, (n, K) each."""
        ...

    def newton(self, z: Floats, y: Ints) -> tuple[Floats, Floats]:
        """First derivatives, and what a Newton step divides by: never negative, unlike second derivatives."""
        ...

    def posterior(self, z: Floats) -> Floats:
        """The class probabilities (n, K) for which scores z have the least expected loss."""
        ...


def one_hot(y: Ints, n_classes: int) -> Floats:
    """A one at the position of each row's class (n, K)."""
    return np.eye(n_classes)[y]


def away(q: Floats, y: Ints) -> Floats:
    """Probabilities minus one-hot (n, K): the gradient of cross-entropy."""
    gap = q.copy()
    gap[np.arange(len(y)), y] -= 1
    return gap


def softmax(z: Floats) -> Floats:
    """Probabilities (n, K) proportional to exp(z), safe at any finite score."""
    shifted = np.exp(z - z.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


def lead_of_others(z: Floats, y: Ints) -> Floats:
    """By how much all other classes together lead over class y (n,): minus the log-odds of class y."""
    if z.shape[1] == 2:
        return np.asarray((z[:, 0] - z[:, 1]) * (2 * y - 1))
    rows = np.arange(len(z))
    others = z.copy()
    others[rows, y] = -np.inf
    highest = others.max(axis=1)
    return np.asarray(highest - z[rows, y] + np.log(np.exp(others - highest[:, None]).sum(axis=1)))


def log_and_rest(lead: Floats) -> tuple[Floats, Floats]:
    """Of the class with this lead against it log q and 1 - q, each to full precision."""
    return -np.logaddexp(0, lead), np.asarray(expit(lead))


def constant_scores(objective: Objective, p: Floats) -> Floats:
    """The scores (K,) whose posterior is p: where boosting starts, so that no tree is spent on the prior."""
    wanted = np.log(p)
    z = wanted.copy()
    for _ in range(STEPS):
        step = wanted - np.log(np.maximum(objective.posterior(z[None])[0], 1e-300))
        z += step / objective.steepness
        z -= z.mean()
        if np.abs(step - step.mean()).max() < SETTLED:
            break
    return z
