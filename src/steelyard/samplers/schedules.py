"""How often each class is drawn, as a function of the epoch."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from steelyard.core import Floats, Prior, TooFewSamples, UsageError

__all__ = ["ClassSchedule", "power_shares", "progressive"]

ClassSchedule: TypeAlias = Callable[[Prior, int], Floats]
"""(prior, epoch) -> the share (K,) of the draws each class gets."""


def power_shares(prior: Prior, power: float) -> Floats:
    r"""Shares :math:`q_k = n_k^p / \sum_j n_j^p`; a class without rows gets none.

    When to use it: 1 draws rows alike, 0.5 is square-root sampling, 0 draws classes alike, below 0 rare classes more.

    Raises:
        TooFewSamples: a prior without rows.

    >>> power_shares(Prior.of([0] * 9 + [1]), 0.5).tolist()
    [0.75, 0.25]
    """
    if prior.total <= 0:
        raise TooFewSamples("the prior has no rows, so nothing can be drawn; pass counts")
    held = prior.counts > 0
    raised = np.where(held, np.where(held, prior.counts, 1.0) ** power, 0.0)
    return np.asarray(raised / raised.sum())


def progressive(epochs: int, *, start: float = 1.0, stop: float = 0.0) -> ClassSchedule:
    r"""Go from one sampling to another in a straight line over the epochs.

    When to use it: to learn features from all rows first and balance later: :math:`q(t) = (1 - t/T)\,q^{start} +
    (t/T)\, q^{stop}`, epoch 0 to T; later epochs stay at the end.

    Args:
        epochs: T, at least 1.
        start, stop: powers of the counts, see `power_shares`.

    Raises:
        UsageError: less than one epoch.

    >>> half = progressive(10)(Prior.of([0] * 9 + [1]), 5)
    >>> half.round(3).tolist()
    [0.7, 0.3]

    Source: Kang, Xie, Rohrbach, Yan, Gordo, Feng, Kalantidis (2020), Decoupling Representation and Classifier for
    Long-Tailed Recognition.
    """
    if epochs < 1:
        raise UsageError(f"epochs is {epochs}, expected at least 1")

    def shares(prior: Prior, epoch: int) -> Floats:
        t = min(max(epoch / epochs, 0.0), 1.0)
        return (1 - t) * power_shares(prior, start) + t * power_shares(prior, stop)

    return shares


CARD = {
    "lever": "samplers",
    "name": "progressive",
    "title": "Progressively balanced sampling schedule",
    "seeds": ["095"],
    "needs": [],
    "example": {"epochs": 10},
    "since": "0.1",
    "status": "claimed",
    "source": "Kang et al. (2020), Decoupling Representation and Classifier for Long-Tailed Recognition",
    "facts": {"makes": "schedule"},
}
