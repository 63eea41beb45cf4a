"""Sets of classes that hold the true one as often as promised, in every class."""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.core import DataError, Floats, UsageError
from steelyard.decide.rows import class_positions, class_scores

__all__ = ["ConformalSets"]


class ConformalSets:
    r"""Sets of classes that hold the true one with probability 1 - alpha, also for rows of a rare class.

    When to use it: an answer such as "either of these two" or "none fits" can be acted on, and the promise has to
    hold for the rare class, not on average only. It holds in finite samples for any model, right or wrong, as
    long as held-out rows and new rows of a class come from the same distribution; other class shares do not hurt it.
    Unlike a threshold nothing is promised about how many false alarms the sets hold.

    Class k is in the set where :math:`(1 + \#\{i: y_i = k,\ p_{ik} \leq p_k\}) / (n_k + 1) > \alpha`: the share of
    held-out rows of class k that looked no more like k than the new row does. `per_class=False` compares with the true
    class's probability of all held-out rows instead, and then promises the average only.

    Args:
        alpha: how often the true class may be missed, above 0 and below 1.
        per_class: hold the promise in every class.

    Attributes:
        n_rows_: different held-out rows of each class (K,).

    Raises:
        UsageError: alpha outside (0, 1).

    A class with fewer than :math:`1/\alpha - 1` held-out rows can never be ruled out and is in every set.

    >>> p, y = [[0.9, 0.1], [0.8, 0.2], [0.6, 0.4], [0.3, 0.7]], [0, 0, 0, 1]
    >>> conformal = ConformalSets(alpha=0.4).fit(p, y)
    >>> conformal.sets([[0.85, 0.15], [0.55, 0.45]]).tolist()  # one row of class 1 cannot rule it out
    [[True, True], [False, True]]

    Source: Vovk, Gammerman, Shafer (2005), Algorithmic Learning in a Random World (Mondrian predictors);
    Sadinle, Lei, Wasserman (2019), Least Ambiguous Set-Valued Classifiers with Bounded Error Levels.
    """

    def __init__(self, alpha: float = 0.1, *, per_class: bool = True) -> None:
        if not 0 < alpha < 1:
            raise UsageError(f"alpha is {alpha!r}, expected a share above 0 and below 1, such as 0.1")
        self.alpha, self.per_class = float(alpha), per_class

    def fit(self, p: ArrayLike, y: ArrayLike, *, distinct: ArrayLike | None = None) -> Self:
        """Keep what held-out rows looked like.

        Args:
            p: probabilities (n, K), or (n,) of the positive class, of rows the model was not fitted on.
            y: class positions (n,).
            distinct: how many different rows of each class these are (K,), when repeated folds hold a row several
                times; what they say is then averaged, and a row counts once. None if all are different.

        Raises:
            DataError, TargetError: arrays that do not fit.
        """
        scores = class_scores(p)
        n, n_classes = scores.shape
        truth = class_positions(y, n, n_classes)
        own = scores[np.arange(n), truth]
        counts = np.bincount(truth, minlength=n_classes)
        self.n_rows_ = (
            counts if distinct is None else np.minimum(counts, np.asarray(distinct, dtype=np.int64))
        )
        groups = [own[truth == k] for k in range(n_classes)] if self.per_class else [own] * n_classes
        self._known = [np.sort(group) for group in groups]
        return self

    def p_values(self, p: ArrayLike) -> Floats:
        """How usual each row would be in each class (n, K): below u with probability at most u in its own."""
        scores = class_scores(p)
        if scores.shape[1] != len(self._known):
            raise DataError(
                f"probabilities of {scores.shape[1]} classes came, the held-out rows had {len(self._known)}; "
                "use the model they belong to"
            )
        rows = self.n_rows_ if self.per_class else np.full(len(self._known), self.n_rows_.sum())
        return np.column_stack(
            [
                (1 + np.searchsorted(known, column, side="right") * (n / max(len(known), 1))) / (n + 1)
                for known, column, n in zip(self._known, scores.T, rows, strict=True)
            ]
        )

    def sets(self, p: ArrayLike) -> NDArray[np.bool_]:
        """Which classes are in the set of each row (n, K); a set may be empty or hold all."""
        return np.asarray(self.p_values(p) > self.alpha)


CARD = {
    "lever": "decide",
    "name": "ConformalSets",
    "title": "Conformal prediction sets with coverage in every class (Mondrian)",
    "seeds": ["012", "058"],
    "needs": ["probabilities"],
    "example": {"alpha": 0.1},
    "since": "0.1",
    "status": "claimed",
    "source": "Vovk, Gammerman, Shafer (2005), Algorithmic Learning in a Random World",
    "facts": {},
}
