"""MetaCost: relabel every row with the decision of least expected cost, then learn the labels."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.dummy import DummyClassifier
from sklearn.utils.parallel import Parallel, delayed

from steelyard.core import Floats, Prior, derive
from steelyard.decide import ExpectedCost
from steelyard.ensemble.asked import Asked
from steelyard.ensemble.committee import Committee, member_probabilities, seeded
from steelyard.ensemble.rows import Ints, draw, fit_plain
from steelyard.ensemble.whole import whole
from steelyard.weights import inverse_costs

__all__ = ["MetaCostClassifier"]


class MetaCostClassifier(Committee):
    r"""One model that has costs built in: it learns which decision is cheapest, not which class is true.

    When to use it: the model that is handed on has to be a single plain one whose own decision follows the costs,
    such as a small tree to read. Where a threshold or a rule can be handed on too, `ExpectedCost` on calibrated
    probabilities is better: this model's probabilities are those of the cheapest decision, not of the class.

    A bag of models gives probabilities of every row, from members that had not drawn it where there are any; the row
    gets the label :math:`\arg\min_k \sum_j C_{kj} p_j`, and one model is fitted to the new labels.

    Args:
        estimator: the learner, of the bag and of the final model; a decision tree if None.
        cost: C (K, K), rows the decision, columns the truth, labels in sorted order; None for costs that
            make classes count alike.
        n_estimators: members of the bag.
        n_jobs: threads; the answer does not depend on it.
        random_state: seed.

    Attributes:
        estimators_: the final model alone, trained on class positions.
        labels_: the new class positions of the distinct rows, and `moved_`, the share of weight that moved.
        classes_: labels (K,).
        training_prior_: shares of the new labels (K,); 0 for a class that is the cheapest decision nowhere.
        n_features_in_: columns seen in `fit`.

    Raises:
        UsageError: an option out of range.
        TooFewSamples: only one class.

    >>> from sklearn.datasets import make_classification
    >>> X, y = make_classification(500, weights=[0.9], random_state=0)
    >>> model = MetaCostClassifier(cost=[[0, 9], [1, 0]], random_state=0).fit(X, y)
    >>> bool(model.predict(X).mean() > y.mean())
    True

    Source: Domingos (1999), MetaCost: A General Method for Making Classifiers Cost-Sensitive.
    """

    def __init__(
        self,
        estimator: Any = None,
        *,
        cost: ArrayLike | None = None,
        n_estimators: int = 20,
        n_jobs: int | None = None,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.cost = cost
        self.n_estimators = n_estimators
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Fit on rows X (n, d), labels y (n,) and, if given, weights (n,)."""
        count = whole("n_estimators", self.n_estimators)
        rows = self._rows(X, y, sample_weight).compact()
        seed, n, n_classes = self._seed(), len(rows.y), len(self.classes_)
        mass = np.bincount(rows.y, weights=rows.mass, minlength=n_classes).astype(np.float64)
        cost = inverse_costs(Prior(tuple(range(n_classes)), mass)) if self.cost is None else self.cost
        rule = ExpectedCost(np.asarray(cost))
        even = bool((rows.mass == rows.mass[0]).all())

        def one(i: int) -> tuple[Floats, Ints]:
            rng = np.random.default_rng(derive(seed, "bag", i))
            drawn = draw(rows.mass, n, rng, even=even, replacement=True)
            member = seeded(self._member(), seed, "member", i).fit(rows.X[drawn], rows.y[drawn])
            return member_probabilities(member, Asked(rows.X), n_classes), np.bincount(
                drawn, minlength=n
            ) == 0

        p, outside, times = np.zeros((n, n_classes)), np.zeros((n, n_classes)), np.zeros(n)
        calls = (delayed(one)(i) for i in range(count))
        for votes, unseen in Parallel(n_jobs=self.n_jobs, prefer="threads", return_as="generator")(calls):
            p += votes / count
            outside += votes * unseen[:, None]
            times += unseen
        p = np.where(times[:, None] > 0, outside / np.maximum(times, 1)[:, None], p)
        self.labels_ = rule.decide(p)
        self.moved_ = float(rows.mass[self.labels_ != rows.y].sum() / rows.mass.sum())
        weight = None if even else rows.mass
        one_decision = bool((self.labels_ == self.labels_[0]).all())
        final = DummyClassifier() if one_decision else seeded(self._member(), seed, "final")
        self.estimators_ = [fit_plain(final, rows.X, self.labels_, weight)]
        after = np.bincount(self.labels_, weights=rows.mass, minlength=n_classes)
        self.training_prior_ = after / after.sum()
        return self


CARD = {
    "lever": "ensemble",
    "name": "MetaCostClassifier",
    "title": "MetaCost (relabelling by least expected cost)",
    "seeds": ["012"],
    "needs": ["predict_proba"],
    "example": {"n_estimators": 5},
    "since": "0.1",
    "status": "claimed",
    "source": "Domingos (1999), MetaCost: A General Method for Making Classifiers Cost-Sensitive",
    "facts": {},
}
