"""Draw rows of the large classes at random."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from sklearn.utils import check_random_state

from steelyard.resample.base import BaseSampler
from steelyard.resample.plan import Ints, Plan
from steelyard.resample.strategy import Kind, Strategy

__all__ = ["RandomUnderSampler"]


class RandomUnderSampler(BaseSampler):
    """Keep a random part of every class that has too many rows.

    When to use it: the cheapest remedy, and the first to try when training time matters. It learns from fewer
    rows and shifts every probability towards the rare class; the odds are to be multiplied by
    :math:`n'_1 n_0 / (n_1 n'_0)` to undo that, for which `prior_` holds the counts after.

    Args:
        sampling_strategy: see `sampling_targets`.
        random_state: seed of the draw; the same seed picks the same rows as imbalanced-learn.
        replacement: draw with replacement.

    Raises:
        UsageError: a strategy that does not fit.
        DataError: fewer than two classes.

    >>> X, y = np.arange(12).reshape(6, 2), np.array([0, 0, 0, 0, 1, 1])
    >>> sampler = RandomUnderSampler(random_state=0)
    >>> sampler.fit_resample(X, y)[1].tolist(), sampler.prior_.counts.tolist()
    ([0, 0, 1, 1], [2.0, 2.0])

    Source: Kubat, Matwin (1997) and older; sampling without replacement.
    """

    _sampling_type: ClassVar[Kind] = "under-sampling"
    _takes_any_columns: ClassVar[bool] = True

    def __init__(
        self, *, sampling_strategy: Strategy = "auto", random_state: Any = None, replacement: bool = False
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.replacement = replacement

    def _plan(self, X: Any, y: Ints) -> Plan:  # noqa: ARG002 - only labels matter here
        random_state = check_random_state(self.random_state)
        kept = []
        for code in range(int(y.max()) + 1):
            rows = np.flatnonzero(y == code)
            if code in self._wanted:
                rows = rows[random_state.choice(len(rows), size=self._wanted[code], replace=self.replacement)]
            kept.append(rows)
        return Plan.keeping(len(y), np.concatenate(kept))


CARD = {
    "lever": "resample",
    "name": "RandomUnderSampler",
    "title": "random under-sampling",
    "seeds": ["001", "005", "006", "012", "021"],
    "needs": [],
    "example": {"random_state": 0},
    "since": "0.1",
    "status": "claimed",
    "source": "Kubat, Matwin (1997), Addressing the curse of imbalanced training sets",
    "facts": {
        "kind": "under",
        "arm": {"kind": "resampler", "rank": 3, "label": "random under-sampling", "encoding": None},
    },
}
