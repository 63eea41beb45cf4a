"""SMOTE from the support vectors of a class."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.svm import SVC
from sklearn.utils import check_random_state

from steelyard.core import DataError, UsageError
from steelyard.resample.borderline_smote import count_others
from steelyard.resample.neighbours import check_neighbours
from steelyard.resample.plan import Ints, Plan, is_sparse
from steelyard.resample.smote import SMOTE, VERY_RARE
from steelyard.resample.strategy import Strategy
from steelyard.resample.support import support_of

__all__ = ["SVMSMOTE"]

LARGE = 10_000
"""From so many rows on the default machine is trained on those alone that can be support vectors."""


class SVMSMOTE(SMOTE):
    """Make rows from the support vectors of a class: inwards where others crowd, outwards where it is safe.

    When to use it: when an SVM separates the classes well; its training makes it the slowest SMOTE. Support
    vectors whose neighbours all belong to other classes are noise and dropped. From those in danger (at least
    half others) lines are drawn towards neighbours of the class, from the safe ones away from them, by up to
    `out_step` of the distance.

    Args:
        sampling_strategy: see `sampling_targets`.
        random_state: seed; the same seed makes the same rows as imbalanced-learn, from 10,000 rows on where the
            tolerance of the SVM leaves no support vector open.
        k_neighbors: neighbours to draw lines to, or an unfitted neighbour search (of one more).
        m_neighbors: neighbours that decide about danger, or an unfitted neighbour search (of one more).
        svm_estimator: an unfitted SVC to use instead of one with scikit-learn's defaults.
        out_step: reach of the lines that lead outwards, 0 to 1.

    Raises:
        UsageError: an option out of range.
        DataError: every support vector of a class of more than 10 rows is noise; a rarer one is grown as by SMOTE.

    >>> X = np.random.default_rng(0).normal(size=(60, 2)) + np.repeat([[0.0], [1.5]], [45, 15], axis=0)
    >>> SVMSMOTE(random_state=0).fit_resample(X, np.repeat([0, 1], [45, 15]))[0].shape
    (90, 2)

    Source: Nguyen, Cooper, Kamei (2011), Borderline over-sampling for imbalanced data classification.
    """

    def __init__(
        self,
        *,
        sampling_strategy: Strategy = "auto",
        random_state: Any = None,
        k_neighbors: Any = 5,
        m_neighbors: Any = 10,
        svm_estimator: Any = None,
        out_step: float = 0.5,
    ) -> None:
        super().__init__(
            sampling_strategy=sampling_strategy, random_state=random_state, k_neighbors=k_neighbors
        )
        self.m_neighbors = m_neighbors
        self.svm_estimator = svm_estimator
        self.out_step = out_step

    def _check_options(self) -> None:
        super()._check_options()
        check_neighbours(self.m_neighbors, "m_neighbors")
        if not 0 <= self.out_step <= 1:
            raise UsageError(f"out_step={self.out_step!r} was given, expected a number from 0 to 1")

    def _plan(self, X: Any, y: Ints) -> Plan:
        random_state = check_random_state(self.random_state)
        default = SVC(gamma="scale", random_state=self.random_state)
        self.svm_estimator_ = default if self.svm_estimator is None else clone(self.svm_estimator)
        parts = []
        for code, wanted in self._wanted.items():
            if not wanted:
                continue
            rows = np.flatnonzero(y == code)
            support, danger = self._support(X, y, code)
            if not len(support) and len(rows) <= VERY_RARE:
                parts.append(
                    self._simply(X, rows, wanted, code, "all its support vectors lie among other classes")
                )
                continue
            self._check_support(support, code)
            inside = int(random_state.beta(10, 10) * (wanted + 1))
            for chosen, number, reach in (
                (support[danger], inside, 1.0),
                (support[~danger], wanted - inside, -self.out_step),
            ):
                if len(chosen):
                    near = self._near_some(X[rows], np.searchsorted(rows, chosen), code)
                    parts.append(self._lines(X, chosen, rows, near, number, code, reach=reach))
                elif number:
                    where = "in danger" if reach > 0 else "safe"
                    self._notice(
                        f"no support vector of {self._class(code)} is {where}, so {number} rows are not made"
                    )
        return Plan.adding(len(y), parts)

    def _support(self, X: Any, y: Ints, code: int) -> tuple[Ints, Any]:
        """The support vectors of a class that are no noise, and which of them are in danger."""
        if self.svm_estimator is None and not is_sparse(X) and len(y) >= LARGE:
            support = support_of(X, y, code, self.svm_estimator_)
        else:
            support = self.svm_estimator_.fit(X, y).support_
            support = support[y[support] == code].astype(np.int64)
        others, m = count_others(X, y, support, self.m_neighbors)
        fine = others < m
        return support[fine], others[fine] >= m / 2

    def _check_support(self, support: Ints, code: int) -> None:
        if not len(support):
            raise DataError(
                f"every support vector of {self._class(code)} lies among other classes, so none is left to "
                "start from; use another SMOTE"
            )


CARD = {
    "lever": "resample",
    "name": "SVMSMOTE",
    "title": "SMOTE from support vectors",
    "seeds": ["012"],
    "needs": [],
    "example": {"random_state": 0},
    "since": "0.1",
    "status": "claimed",
    "source": "Nguyen, Cooper, Kamei (2011), Borderline over-sampling for imbalanced data classification",
    "facts": {"kind": "over"},
}
