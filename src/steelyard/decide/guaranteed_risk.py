"""Leave rows undecided until the error rate of the rest is guaranteed."""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import beta

from steelyard.core import UsageError
from steelyard.decide.rows import class_positions, class_scores

__all__ = ["GuaranteedRisk"]


class GuaranteedRisk:
    r"""Decide as many rows as possible with an error rate that stays below a bound, with known certainty.

    When to use it: "of the rows decided automatically at most 2 % may be wrong", the rest goes to people. With
    `per_class` the bound holds among the rows decided for each class by itself; without it a common class that is
    easy pays for a rare one that is always wrong.

    Held-out rows are sorted by the probability of the decided class. A binary search over how many to decide asks
    at each of its :math:`s = \lceil \log_2 (n + 1) \rceil` steps whether the upper binomial bound of the error rate,
    at certainty :math:`1 - (1 - c)/s`, keeps the bound; K classes share :math:`1 - c` equally.

    Args:
        risk: the error rate r that decided rows may have, above 0 and below 1.
        certainty: c, how sure to be that the bound holds, above 0 and below 1.
        per_class: hold the bound among the rows decided for each class.

    Attributes:
        least_: the least probability of the decided class, one a class (K,); infinite where none is safe.
        coverage_: share of the held-out rows that are decided.
        bound_: upper bound of the error rate, one a class (K,); NaN where nothing is decided.

    Raises:
        UsageError: an option out of range.

    >>> rng = np.random.default_rng(0)
    >>> p = rng.random(5000)
    >>> rule = GuaranteedRisk(0.05).fit(p, rng.random(5000) < p)
    >>> bool(0.05 < rule.coverage_ < 0.2), rule.reject([0.5, 0.999, 0.001]).tolist()
    (True, [True, False, False])

    Source: Geifman, El-Yaniv (2017), Selective Classification for Deep Neural Networks.
    """

    def __init__(self, risk: float = 0.05, *, certainty: float = 0.95, per_class: bool = False) -> None:
        for name, value in (("risk", risk), ("certainty", certainty)):
            if not 0 < value < 1:
                raise UsageError(f"{name} is {value!r}, expected a share above 0 and below 1")
        self.risk, self.certainty, self.per_class = float(risk), float(certainty), per_class

    def fit(self, p: ArrayLike, y: ArrayLike, decisions: ArrayLike | None = None) -> Self:
        """Find how sure a decision must be, on rows nothing was fitted on.

        Args:
            p: probabilities (n, K), or (n,) of the positive class.
            y: class positions (n,).
            decisions: decided class positions (n,), of a fixed rule; None for the most probable class.

        Raises:
            DataError, TargetError: arrays that do not fit.
        """
        scores = class_scores(p)
        n, n_classes = scores.shape
        truth, decided, sure = class_positions(y, n, n_classes), *self._decided(scores, decisions)
        groups = [decided == k for k in range(n_classes)] if self.per_class else [np.ones(n, dtype=bool)]
        found = [self._search(sure[g], (decided != truth)[g], len(groups)) for g in groups]
        least, bound = zip(*(found if self.per_class else found * n_classes), strict=True)
        self.least_, self.bound_ = np.array(least), np.array(bound)
        self.coverage_ = float((sure >= self.least_[decided]).mean()) if n else 0.0
        return self

    def reject(self, p: ArrayLike, decisions: ArrayLike | None = None) -> NDArray[np.bool_]:
        """Which rows (n,) to leave undecided."""
        decided, sure = self._decided(class_scores(p), decisions)
        return np.asarray(sure < self.least_[decided])

    @staticmethod
    def _decided(
        scores: NDArray[np.float64], decisions: ArrayLike | None
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        n, n_classes = scores.shape
        given = scores.argmax(axis=1) if decisions is None else decisions
        decided = class_positions(given, n, n_classes)
        return decided, scores[np.arange(n), decided]

    def _search(
        self, sure: NDArray[np.float64], wrong: NDArray[np.bool_], shares: int
    ) -> tuple[float, float]:
        """The least confidence that keeps the bound, and the bound reached there."""
        order = np.argsort(-sure, kind="stable")
        falling, errors = sure[order], np.cumsum(wrong[order])
        steps = max(1, int(np.ceil(np.log2(len(sure) + 1))))
        doubt = (1 - self.certainty) / shares / steps
        low, high, best = 0, len(sure), (np.inf, np.nan)
        for _ in range(steps):
            middle = (low + high + 1) // 2
            if middle <= low:
                break
            count = int(np.searchsorted(-falling, -falling[middle - 1], side="right"))  # ties go together
            bound = _upper(int(errors[count - 1]), count, doubt)
            if bound <= self.risk:
                low, best = count, (float(falling[count - 1]), bound)
            else:
                high = middle - 1
        return best


def _upper(errors: int, count: int, doubt: float) -> float:
    """The error rate at which so few errors have only this probability (Clopper-Pearson)."""
    return 1.0 if errors == count else float(beta.isf(doubt, errors + 1, count - errors))


CARD = {
    "lever": "decide",
    "name": "GuaranteedRisk",
    "title": "Selective classification with guaranteed risk",
    "seeds": ["048", "058"],
    "needs": ["probabilities"],
    "example": {"risk": 0.05},
    "since": "0.1",
    "status": "claimed",
    "source": "Geifman, El-Yaniv (2017), Selective Classification for Deep Neural Networks",
    "facts": {},
}
