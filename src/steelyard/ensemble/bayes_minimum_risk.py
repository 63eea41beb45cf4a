"""Bayes minimum risk: calibrated probabilities, and the decision that costs least."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_is_fitted

from steelyard.core import Floats, Prior, UsageError, derive, generator
from steelyard.decide import ArgMax, ExpectedCost, PriorCorrection, RowCostRule, RowCosts, choose_calibration
from steelyard.weights.wrapping import (
    Ints,
    Wrapper,
    checked,
    fit_weighted,
    folds,
    take_rows,
)

__all__ = ["BayesMinimumRiskClassifier"]


class BayesMinimumRiskClassifier(Wrapper):
    r"""Any classifier, calibrated on rows it has not seen, deciding for least expected cost.

    When to use it: costs are known, for the whole table as a matrix or row by row, and one object is wanted
    that does all of it: undo what the classifier did to the prior (if it states `training_prior_`), calibrate, decide.

    Decides for :math:`\arg\min_k \sum_j C_{kj} p_j`, or, given costs of each row, for the positive class where
    :math:`(1 - p) c_{fp} \leq p\, c_{fn}`. Probabilities of `cv` folds choose and fit the calibration; the classifier
    itself is fitted on all rows.

    Args:
        estimator: a classifier with probabilities; logistic regression if None.
        cost: C (K, K), rows the decision, columns the truth, labels in sorted order; None when all errors cost 1.
        cv: folds, at least 2.
        random_state: seed.

    Attributes:
        estimator_: the classifier, fitted on all rows.
        calibration_: the fitted calibration; `calibration_.note_` says why this one.
        rule_: the decision rule for predictions without costs of their own.
        classes_: labels (K,).
        training_prior_: the prior the probabilities stand at (K,).

    Raises:
        UsageError: a classifier without probabilities.
        TooFewSamples: only one class, or a class too small to hold rows out.

    >>> from sklearn.datasets import make_classification
    >>> X, y = make_classification(600, weights=[0.9], random_state=0)
    >>> model = BayesMinimumRiskClassifier(cost=[[0, 9], [1, 0]], random_state=0).fit(X, y)
    >>> each = RowCosts(fp=np.full(600, 1.0), fn=np.full(600, 9.0))
    >>> bool((model.predict(X) == model.predict(X, costs=each)).all())
    True

    Source: Bahnsen, Stojanovic, Aouada, Ottersten (2014), Improving Credit Card Fraud Detection with Calibrated
    Probabilities; Elkan (2001), The Foundations of Cost-Sensitive Learning.
    """

    def __init__(
        self,
        estimator: Any = None,
        *,
        cost: ArrayLike | None = None,
        cv: int = 5,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.cost = cost
        self.cv = cv
        self.random_state = random_state

    def fit(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Fit on rows X, labels y (n,) and, if given, weights (n,)."""
        X, labels, own = checked(X, y, sample_weight)
        if not hasattr(self._base(), "predict_proba"):
            raise UsageError(
                f"{type(self._base()).__name__} gives no probabilities, so no expected cost; "
                "take a classifier that does"
            )
        self.classes_, codes = np.unique(labels, return_inverse=True)
        seed, n_classes = int(generator(self.random_state).integers(2**31)), len(self.classes_)
        held = np.empty((len(codes), n_classes))
        part = np.empty(len(codes), dtype=np.int64)
        for i, (train, test) in enumerate(folds(codes, self.cv, seed)):
            inside = None if own is None else own[train]
            model = fit_weighted(
                self._base(), take_rows(X, train), labels[train], inside, derive(seed, "fold", i)
            )
            prior = self._prior(codes[train], inside)
            held[test], part[test] = undone(model, take_rows(X, test), prior), i
        self.training_prior_ = self._prior(codes, own).p
        _, self.calibration_, _ = choose_calibration(held, codes, part, sample_weight=own, seed=seed)
        self.estimator_ = fit_weighted(self._base(), X, labels, own, derive(seed, "final"))
        self.rule_ = ArgMax() if self.cost is None else ExpectedCost(np.asarray(self.cost))
        return self

    def predict_proba(self, X: Any) -> Floats:
        """Calibrated probabilities (n, K)."""
        check_is_fitted(self)
        prior = Prior(tuple(range(len(self.classes_))), self.training_prior_)
        return self.calibration_(undone(self.estimator_, X, prior))

    def predict(self, X: Any, costs: RowCosts | None = None) -> NDArray[Any]:
        """The decision of least expected cost (n,), by the costs of these very rows if given."""
        check_is_fitted(self)
        rule = self.rule_ if costs is None else RowCostRule()
        return np.asarray(self.classes_[rule.decide(self.predict_proba(X), costs=costs)])

    def _prior(self, codes: Ints, own: Floats | None) -> Prior:
        return Prior.of(codes, labels=range(len(self.classes_)), sample_weight=own)


def undone(model: Any, X: Any, prior: Prior) -> Floats:
    """A model's probabilities at the prior of its rows, whatever prior it was trained on."""
    p = np.asarray(model.predict_proba(X), dtype=np.float64)
    p = np.clip(p, 0, 1)
    p = p / p.sum(axis=1, keepdims=True)
    trained = getattr(model, "training_prior_", None)
    return p if trained is None else PriorCorrection(trained, prior)(p)


CARD = {
    "lever": "ensemble",
    "name": "BayesMinimumRiskClassifier",
    "title": "Bayes minimum risk with calibrated probabilities",
    "seeds": ["012", "005"],
    "needs": ["predict_proba"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Bahnsen et al. (2014), Improving Credit Card Fraud Detection with Calibrated Probabilities",
    "facts": {},
}
