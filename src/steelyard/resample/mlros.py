"""ML-ROS: repeat rows that carry rare labels."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from steelyard.resample.multilabel import MultiLabelSampler, check_rate
from steelyard.resample.plan import Ints, Plan

__all__ = ["MLROS"]


class MLROS(MultiLabelSampler):
    r"""Repeat random rows of every rare label until the label is no longer rare or enough rows are there.

    When to use it: as the plain control for every multi-label method that makes rows; look at
    `steelyard.data.scumble` first. Rare are the labels with `irlbl` above `mean_ir`. In turn each of them
    gets a copy of one of its rows, until its ratio (counted with the copies) has come down to the mean of the
    beginning, or until `rate` :math:`\cdot\, n` rows were added.

    Args:
        rate: the most rows to add, as a share of the rows.
        random_state: seed of the draws.

    Raises:
        UsageError: a rate that is not above 0.
        DataError: targets that are neither 0/1 columns nor a vector of classes.

    >>> Y = np.array([[1, 0]] * 9 + [[0, 1]])
    >>> sampler = MLROS(rate=0.5, random_state=0)
    >>> sampler.fit_resample(np.arange(10.0).reshape(-1, 1), Y)[1].sum(axis=0).tolist(), sampler.rare_labels_.tolist()
    ([9, 2], [1])

    Source: Charte, Rivera, del Jesus, Herrera (2015), Addressing imbalance in multilabel classification:
    measures and random resampling algorithms.
    """

    _takes_any_columns = True

    def __init__(self, *, rate: float = 0.25, random_state: Any = None) -> None:
        self.rate = rate
        self.random_state = random_state

    def _check_options(self) -> None:
        check_rate(self.rate)

    def _plan(self, X: Any, y: Ints) -> Plan:  # noqa: ARG002 - only labels matter here
        random_state = check_random_state(self.random_state)
        wanted = int(self.rate * len(y))
        counts = y.sum(axis=0)
        bags = {label: np.flatnonzero(y[:, label]) for label in self.rare_labels_.tolist()}
        added: list[int] = []
        self._nothing_rare()
        while bags and len(added) < wanted:
            for label in list(bags)[: wanted - len(added)]:
                row = int(random_state.choice(bags[label]))
                added.append(row)
                counts += y[row]
                if counts.max() / counts[label] <= self._mean_ratio:
                    del bags[label]
        return Plan.keeping(len(y), np.concatenate([np.arange(len(y)), np.array(added, dtype=np.int64)]))


CARD = {
    "lever": "resample",
    "name": "MLROS",
    "title": "multi-label random over-sampling (ML-ROS)",
    "seeds": [],
    "needs": [],
    "example": {"random_state": 0},
    "since": "0.1",
    "status": "claimed",
    "source": "Charte, Rivera, del Jesus, Herrera (2015), Addressing imbalance in multilabel classification",
    "facts": {"kind": "multilabel"},
}
