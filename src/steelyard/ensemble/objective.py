"""What a loss for boosted trees states: its derivatives, and what its scores mean."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from scipy.special import expit, logsumexp

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

    def gradient(self, z: Floats, y: Ints) -> Floats:
        """Exact first derivatives (n, K)."""
        ...

    def hessian(self, z: Floats, y: Ints) -> Floats:
        """Exact diagonal of the second derivatives (n, K); may be negative where the loss is not convex."""
        ...

    def curvature(self, z: Floats, y: Ints) -> Floats:
        """The positive stand-in for the Hessian that a Newton step divides by (n, K)."""
        ...

    def posterior(self, z: Floats) -> Floats:
        """The class probabilities (n, K) for which scores z have the least expected loss."""
        ...


def one_hot(y: Ints, n_classes: int) -> Floats:
    """A one at the position of each row's class (n, K)."""
    return np.eye(n_classes)[y]


def softmax(z: Floats) -> Floats:
    """Probabilities (n, K) proportional to exp(z), safe at any finite score."""
    shifted = np.exp(z - z.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


def lead_of_others(z: Floats, y: Ints) -> Floats:
    """By how much all other classes together lead over class y (n,): minus the log-odds of class y."""
    rows = np.arange(len(z))
    others = z.copy()
    others[rows, y] = -np.inf
    return np.asarray(logsumexp(others, axis=1) - z[rows, y])


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
