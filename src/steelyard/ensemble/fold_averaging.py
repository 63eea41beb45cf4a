"""Averaging over folds: the control that shows how much of a gain is averaging alone."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.model_selection import check_cv
from sklearn.utils.parallel import Parallel, delayed

from steelyard.ensemble.committee import Committee, seeded
from steelyard.ensemble.rows import Drawn, Ints, fit_plain
from steelyard.ensemble.whole import whole

__all__ = ["FoldAveragingClassifier"]


class FoldAveragingClassifier(Committee):
    """The mean of clones that each leave out one of `n_folds` stratified folds; nothing else changes.

    When to use it: as a control. Whatever is fitted out of fold (a calibrator, a threshold) averages several
    models as a side effect; an arm that merely averages shows how much of its gain is due to that.

    Args:
        estimator: the member; a binned tree if None.
        n_folds: number of folds and members, at least 2. A class of one row is in every training part.
        cv: a splitter or a list of (train, test) positions used instead of `n_folds`.
        n_jobs: threads; the answer does not depend on it.
        random_state: seed.

    Attributes:
        estimators_: the members, trained on class positions.
        classes_: labels (K,).
        training_prior_: class probabilities the members were trained on (K,).
        log_: for every member, the rows and the weight of each class it was trained on.
        n_features_in_: columns seen in `fit`.

    Raises:
        UsageError: an option out of range.
        TooFewSamples: only one class.

    >>> from sklearn.datasets import make_classification
    >>> X, y = make_classification(500, weights=[0.9], flip_y=0, random_state=0)
    >>> model = FoldAveragingClassifier(n_folds=5, random_state=0).fit(X, y)
    >>> len(model.estimators_), model.training_prior_.tolist()
    (5, [0.9, 0.1])

    Source: Zhou (2012), Ensemble Methods: Foundations and Algorithms, on cross-validated committees.
    """

    def __init__(
        self,
        estimator: Any = None,
        *,
        n_folds: int = 5,
        cv: Any = None,
        n_jobs: int | None = None,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.n_folds = n_folds
        self.cv = cv
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Fit on rows X (n, d), labels y (n,) and, if given, weights (n,)."""
        n_folds = whole("n_folds", self.n_folds, least=2)
        checked, codes, weights = self._read(X, y, sample_weight)
        seed = self._seed()
        if self.cv is None:
            parts = _leave_one_out(codes, n_folds, np.random.default_rng(seed))
        else:
            parts = self._given_parts(codes, sample_weight)

        def one(i: int, part: Ints) -> tuple[Any, dict[str, Any]]:
            weight = np.ones(len(part)) if weights is None else weights[part]
            member = seeded(self._member(), seed, "member", i)
            entry = self._entry(Drawn(codes[part], weight))
            return fit_plain(member, checked[part], codes[part], weight), entry

        fitted = Parallel(n_jobs=self.n_jobs, prefer="threads", return_as="generator")(
            delayed(one)(i, part) for i, part in enumerate(parts)
        )
        self.estimators_, self.log_ = [], []
        for member, entry in fitted:
            self._join(member, entry)
        self._conclude()
        return self

    def _given_parts(self, codes: Ints, sample_weight: ArrayLike | None) -> list[Ints]:
        """The training parts of `cv`, without rows of weight 0."""
        if sample_weight is None:
            kept = np.ones(len(codes), dtype=bool)
        else:
            kept = np.broadcast_to(np.asarray(sample_weight) > 0, np.shape(sample_weight) or codes.shape)
        # a splitter sees all rows as they came; members see those that count
        position = np.cumsum(kept) - 1
        placeholder = np.zeros(len(kept), dtype=np.int64)
        placeholder[kept] = codes
        splits = check_cv(self.cv, placeholder, classifier=True).split(np.zeros((len(kept), 1)), placeholder)
        return [position[np.asarray(train)[kept[train]]] for train, _ in splits]


def _leave_one_out(codes: Ints, n_folds: int, rng: np.random.Generator) -> list[Ints]:
    """Positions of all rows but those of one stratified fold, for every fold."""
    fold = np.empty(len(codes), dtype=np.int64)
    dealt = 0
    for code in range(int(codes.max()) + 1):
        rows = rng.permutation(np.flatnonzero(codes == code))
        # the next class goes on where the last one stopped, so that folds stay equally large
        fold[rows] = (dealt + np.arange(len(rows))) % n_folds if len(rows) > 1 else -1
        dealt += len(rows)
    return [np.flatnonzero(fold != left_out) for left_out in range(n_folds)]


CARD = {
    "lever": "ensemble",
    "name": "FoldAveragingClassifier",
    "title": "Averaging over folds (control arm)",
    "seeds": ["001", "012"],
    "needs": ["predict_proba"],
    "example": {"n_folds": 3},
    "since": "0.1",
    "status": "claimed",
    "source": "Zhou (2012), Ensemble Methods: Foundations and Algorithms",
    "facts": {"control": "averaging over folds"},
}
