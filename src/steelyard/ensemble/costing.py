"""Costing: weights turned into rows by accepting each row as often as it weighs."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import _check_sample_weight

from steelyard.core import Floats, derive
from steelyard.ensemble.committee import Committee, seeded
from steelyard.ensemble.rows import Drawn, Ints, Rows
from steelyard.ensemble.whole import whole

__all__ = ["CostingClassifier"]


class CostingClassifier(Committee):
    r"""A committee whose members see each row with a probability proportional to its weight.

    When to use it: rows differ in what an error on them costs, and the learner takes no weights, or takes them
    badly. Pass the costs as `sample_weight`; `RowCosts.stakes` makes them from costs of false alarms and misses.
    Then the most probable class is the one of least expected cost.

    Row i is accepted with probability :math:`w_i / \max_j w_j`, anew for every member, so no row ever comes twice:
    drawing with replacement repeats dear rows, which learners then memorise. A class that went missing sends its
    heaviest row.

    Args:
        estimator: the member; a decision tree if None.
        n_estimators: number of members.
        n_jobs: threads; the answer does not depend on it.
        random_state: seed.

    Attributes:
        estimators_: the members, trained on class positions.
        classes_: labels (K,).
        training_prior_: class probabilities the members were trained on: shares of the weight (K,).
        log_: for every member, the rows of each class it was trained on.
        n_features_in_: columns seen in `fit`.

    Raises:
        UsageError: an option out of range.
        TooFewSamples: only one class.

    >>> from sklearn.datasets import make_classification
    >>> X, y = make_classification(500, weights=[0.9], flip_y=0, random_state=0)
    >>> model = CostingClassifier(random_state=0).fit(X, y, sample_weight=np.where(y == 1, 9, 1))
    >>> model.training_prior_.tolist(), model.log_[0]["rows"][1]
    ([0.5, 0.5], 49)

    Source: Zadrozny, Langford, Abe (2003), Cost-Sensitive Learning by Cost-Proportionate Example Weighting.
    """

    def __init__(
        self,
        estimator: Any = None,
        *,
        n_estimators: int = 10,
        n_jobs: int | None = None,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.n_estimators = n_estimators
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Fit on rows X (n, d), labels y (n,) and weights (n,), which may be costs."""
        count = whole("n_estimators", self.n_estimators)
        rows = Rows.of(*self._read(X, y, sample_weight), merge=True).compact()
        seed, n_classes = self._seed(), len(self.classes_)
        heaviest = [group.rows[group.mass.argmax()] for group in rows.classes]

        def one(i: int) -> tuple[Any, Ints]:
            accepted = np.random.default_rng(derive(seed, "accept", i)).random(len(rows.y)) * rows.mass.max()
            chosen = accepted < rows.mass
            chosen[[row for row in heaviest if not chosen[rows.y == rows.y[row]].any()]] = True
            return seeded(self._member(), seed, "member", i).fit(rows.X[chosen], rows.y[chosen]), rows.y[
                chosen
            ]

        self.estimators_, self.log_ = [], []
        calls = (delayed(one)(i) for i in range(count))
        for member, labels in Parallel(n_jobs=self.n_jobs, prefer="threads", return_as="generator")(calls):
            self._join(member, self._entry(Drawn(y=labels, weight=np.ones(len(labels)))))
        mass = np.bincount(rows.y, weights=rows.mass, minlength=n_classes)
        self.training_prior_ = mass / mass.sum()
        return self

    def _weights(self, X: Any, sample_weight: ArrayLike | None) -> Floats | None:
        """Weights whether or not the members take any: they only say which rows are accepted."""
        if sample_weight is None:
            return None
        weights: Floats = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
        return weights


CARD = {
    "lever": "ensemble",
    "name": "CostingClassifier",
    "title": "Costing (cost-proportionate rejection sampling)",
    "seeds": ["012"],
    "needs": ["predict_proba"],
    "example": {"n_estimators": 5},
    "since": "0.1",
    "status": "claimed",
    "source": "Zadrozny, Langford, Abe (2003), Cost-Sensitive Learning by Cost-Proportionate Example Weighting",
    "facts": {},
}
