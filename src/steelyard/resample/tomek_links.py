"""Remove Tomek links: pairs of different classes that are each other's nearest row."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from steelyard.resample.base import BaseSampler
from steelyard.resample.links import tomek_links
from steelyard.resample.plan import Ints, Plan
from steelyard.resample.strategy import Kind, Strategy

__all__ = ["TomekLinks"]


class TomekLinks(BaseSampler):
    """Remove the rows of the targeted classes that form a Tomek link.

    When to use it: a light cleaning of the border, alone or after SMOTE. Rows :math:`a, b` of different
    classes form a link when :math:`b` is the nearest row of :math:`a` and :math:`a` that of :math:`b`. With
    the default strategy the row of the larger class goes, with `"all"` both go.

    The same rows are selected as by imbalanced-learn, ties included; most pairs are ruled out by blocked
    products instead of a search for every row.

    Args:
        sampling_strategy: the classes rows may be taken from, see `sampling_targets`.
        n_jobs: threads; None uses those of the machine.

    Raises:
        UsageError: a strategy that does not fit.
        ValueError: missing values or columns that are no numbers.

    >>> X = np.array([[0.0], [1.0], [2.0], [2.2], [9.0]])
    >>> TomekLinks().fit_resample(X, [0, 0, 0, 1, 1])[0].ravel().tolist()
    [0.0, 1.0, 2.2, 9.0]

    Source: Tomek (1976), Two modifications of CNN.
    """

    _sampling_type: ClassVar[Kind] = "clean-sampling"

    def __init__(self, *, sampling_strategy: Strategy = "auto", n_jobs: int | None = None) -> None:
        self.sampling_strategy = sampling_strategy
        self.n_jobs = n_jobs

    def _plan(self, X: Any, y: Ints) -> Plan:
        linked = tomek_links(X, y, n_jobs=self.n_jobs)
        targeted = np.isin(y, list(self._wanted))
        return Plan.keeping(len(y), np.flatnonzero(~(linked & targeted)))


CARD = {
    "lever": "resample",
    "name": "TomekLinks",
    "title": "removal of Tomek links",
    "seeds": ["012"],
    "needs": [],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Tomek (1976), Two modifications of CNN",
    "facts": {"kind": "clean"},
}
