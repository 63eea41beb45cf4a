"""Soft voting that brings its members to one prior first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_is_fitted

from steelyard.core import Floats, UsageError
from steelyard.ensemble.mixed import Mixed

__all__ = ["SoftVotingClassifier"]


class SoftVotingClassifier(Mixed):
    r"""The weighted mean of different classifiers' probabilities, each first brought to the rows' own prior.

    When to use it: to join a classifier trained on all rows with ensembles trained on balanced ones. scikit-learn's
    VotingClassifier adds their probabilities as they are: one says .5 where the other says .02, and the vote is at no
    prior at all. Here every member's training prior is found (a sampler in its pipeline, `training_prior_`, class
    weights) and undone; for members that train on the rows as they are, the vote is scikit-learn's.

    With :math:`p_m` a member's probabilities, :math:`\pi_m` its training prior and :math:`\pi` that of the rows:
    :math:`p \propto \sum_m w_m \, \mathrm{norm}(p_m \, \pi / \pi_m)`.

    Args:
        estimators: pairs of name and classifier; a self-paced ensemble, a balanced forest and AdaBoost if None.
        weights: weight of every member; equal if None.
        n_jobs: threads; the answer does not depend on it.
        random_state: seed; it sets every `random_state` of the members.

    Attributes:
        estimators_: the members, trained on class positions.
        member_priors_: class probabilities each of them was trained on (K,).
        classes_: labels (K,).
        training_prior_: the prior of the rows (K,), at which the vote stands.
        n_features_in_: columns seen in `fit`.

    Raises:
        UsageError: estimators or weights that do not fit.
        TooFewSamples: only one class.

    >>> from sklearn.datasets import make_classification
    >>> X, y = make_classification(500, weights=[0.9], flip_y=0, random_state=0)
    >>> model = SoftVotingClassifier(random_state=0).fit(X, y)
    >>> model.member_priors_[0].tolist(), model.training_prior_.tolist()
    ([0.5, 0.5], [0.902, 0.098])

    Source: Saerens, Latinne & Decaestecker (2002), Adjusting the Outputs of a Classifier to New a Priori Probabilities.
    """

    def __init__(
        self,
        *,
        estimators: Sequence[tuple[str, Any]] | None = None,
        weights: ArrayLike | None = None,
        n_jobs: int | None = None,
        random_state: Any = None,
    ) -> None:
        self.estimators = estimators
        self.weights = weights
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Fit on rows X (n, d), labels y (n,) and, if given, weights (n,)."""
        self.votes_ = self._checked_weights()
        rows, codes, weight = self._read(X, y, sample_weight)
        self.training_prior_ = self._shares_of(codes, weight)
        self._keep(self._fitted(rows, codes, weight, self._seed()), self.training_prior_)
        return self

    def predict_proba(self, X: ArrayLike) -> Floats:
        """The weighted mean of the members' probabilities at the rows' prior (n, K)."""
        check_is_fitted(self)
        rows = self._validated(X, reset=False)
        total = np.zeros((rows.shape[0], len(self.classes_)))
        for vote, member, prior in zip(self.votes_, self.estimators_, self.member_priors_, strict=True):
            total += vote * self._undone(member, prior, rows, self.natural_)
        return np.asarray(total / self.votes_.sum())

    def _checked_weights(self) -> Floats:
        n = len(self._named())
        votes = np.ones(n) if self.weights is None else np.asarray(self.weights, dtype=float)
        if votes.shape != (n,) or not np.isfinite(votes).all() or (votes < 0).any() or not votes.any():
            raise UsageError(f"weights={self.weights!r} came, expected {n} numbers of at least 0, not all 0")
        return votes


CARD = {
    "lever": "ensemble",
    "name": "SoftVotingClassifier",
    "title": "Soft voting at one prior",
    "seeds": ["006", "017"],
    "needs": ["predict_proba"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Saerens, Latinne & Decaestecker (2002), Adjusting the Outputs of a Classifier",
    "facts": {
        "arm": {
            "kind": "ensemble",
            "rank": 9,
            "label": "soft voting",
            "wraps": False,
            "encoding": "tree",
            "default": False,
        }
    },
}
