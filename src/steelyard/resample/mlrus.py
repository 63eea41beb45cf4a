"""ML-RUS: drop rows that carry no rare label."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from steelyard.resample.multilabel import MultiLabelSampler, check_rate
from steelyard.resample.plan import Ints, Plan

__all__ = ["MLRUS"]


class MLRUS(MultiLabelSampler):
    r"""Drop random rows among those that carry no rare label.

    When to use it: when there are more rows than a learner needs. Every row with a label whose `irlbl` lies
    above `mean_ir` stays; of the others `rate` :math:`\cdot\, n` go, or all but one when there are fewer.

    Args:
        rate: rows to drop, as a share of all rows.
        random_state: seed of the draw.

    Raises:
        UsageError: a rate that is not between 0 and 1.
        DataError: targets that are neither 0/1 columns nor a vector of classes.

    >>> Y = np.array([[1, 0]] * 9 + [[0, 1]])
    >>> MLRUS(rate=0.5, random_state=0).fit_resample(np.arange(10.0).reshape(-1, 1), Y)[1].sum(axis=0).tolist()
    [4, 1]

    Source: Charte, Rivera, del Jesus, Herrera (2015), Addressing imbalance in multilabel classification:
    measures and random resampling algorithms.
    """

    _takes_any_columns = True

    def __init__(self, *, rate: float = 0.25, random_state: Any = None) -> None:
        self.rate = rate
        self.random_state = random_state

    def _check_options(self) -> None:
        check_rate(self.rate, most=1.0)

    def _plan(self, X: Any, y: Ints) -> Plan:  # noqa: ARG002 - only labels matter here
        if self._nothing_rare():
            return Plan.keeping(len(y), np.arange(len(y)))
        common = np.flatnonzero(~self._rare_anywhere(y))
        dropped = min(int(self.rate * len(y)), max(len(common) - 1, 0))
        gone = check_random_state(self.random_state).choice(common, size=dropped, replace=False)
        return Plan.keeping(len(y), np.setdiff1d(np.arange(len(y)), gone))


CARD = {
    "lever": "resample",
    "name": "MLRUS",
    "title": "multi-label random under-sampling (ML-RUS)",
    "seeds": [],
    "needs": [],
    "example": {"random_state": 0},
    "since": "0.1",
    "status": "claimed",
    "source": "Charte, Rivera, del Jesus, Herrera (2015), Addressing imbalance in multilabel classification",
    "facts": {"kind": "multilabel"},
}
