from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks

from steelyard.core import TooFewSamples, UsageError
from steelyard.weights import ClassWeightSearchCV, Weighted, inverse_power
from steelyard.weights.wrapping import folds


class WantsWeight(ClassifierMixin, BaseEstimator):
    """Knows the answer once the rare class weighs at least `wanted` times the common one, else says nothing."""

    def __init__(self, wanted: float = 2.5) -> None:
        self.wanted = wanted

    def fit(self, X: Any, y: Any, sample_weight: Any) -> WantsWeight:
        self.classes_ = np.unique(y)
        ratio = sample_weight[y == 1].mean() / sample_weight[y == 0].mean()
        self.knows_ = ratio >= self.wanted
        return self

    def predict_proba(self, X: Any) -> Any:
        p = np.clip(X[:, 0], 0.1, 0.9) if self.knows_ else np.full(len(X), 0.5)
        return np.column_stack([1 - p, p])


def rows() -> tuple[Any, Any]:
    y = np.repeat([0, 1], [180, 20])
    return np.column_stack([y, np.arange(200)]).astype(float), y


@pytest.mark.parametrize(("wanted", "power"), [(0.5, 0.0), (2.5, 0.5), (8.0, 1.0)])
def test_the_least_power_that_suffices_is_found(wanted: float, power: float) -> None:
    # balanced is 9 : 1, the square root 3 : 1
    model = ClassWeightSearchCV(WantsWeight(wanted), powers=(0.5, 1.0), outer=4, random_state=0).fit(*rows())
    assert model.power_ == power
    assert model.scores_.shape == (3, 5)
    none = 0.1  # average precision when nothing is known
    assert model.gain_ == pytest.approx(0.0 if power == 0 else 1 - none)
    assert model.gain_se_ == pytest.approx(0.0, abs=1e-9)


def test_scores_by_hand() -> None:
    X, y = make_classification(400, weights=[0.85], random_state=0)
    model = ClassWeightSearchCV(powers=(1,), cv=3, outer=None, random_state=0).fit(X, y)
    assert np.isnan(model.gain_)
    seen = []
    for train, test in folds(y, 3, _seed_of(model)):
        p = LogisticRegression(max_iter=1000).fit(X[train], y[train]).predict_proba(X[test])[:, 1]
        seen.append(average_precision_score(y[test], p))
    assert model.scores_[0].tolist() == pytest.approx(seen)


def _seed_of(model: ClassWeightSearchCV) -> int:
    from steelyard.core import derive, generator

    return derive(int(generator(model.random_state).integers(2**31)), "search")


def test_log_loss_sees_the_prior_undone() -> None:
    X, y = make_classification(2000, weights=[0.9], flip_y=0.05, random_state=0)
    model = ClassWeightSearchCV(metric="log_loss", powers=(1,), cv=3, outer=None, random_state=0).fit(X, y)
    plain, undone = model.scores_.mean(axis=1)
    shifted = Weighted(None, inverse_power(1)).fit(X, y)
    raw = -np.log(shifted.predict_proba(X)[np.arange(len(y)), y]).mean()
    assert undone < plain + 0.05 < raw


def test_refusals() -> None:
    X, y = rows()
    with pytest.raises(UsageError, match="weights and threshold would be confused"):
        ClassWeightSearchCV(metric="f1").fit(X, y)
    with pytest.raises(TooFewSamples, match="the rarest class has 1 rows"):
        ClassWeightSearchCV().fit(X[:50], np.append(np.zeros(49, int), 1))
    with pytest.raises(UsageError, match="power is -1"):
        ClassWeightSearchCV(powers=(-1,)).fit(X, y)


NOT_TWICE = "rows are dealt into folds, so a row of weight two is not two rows"
KNOWN = {
    "check_sample_weight_equivalence_on_dense_data": NOT_TWICE,
    "check_sample_weight_equivalence_on_sparse_data": NOT_TWICE,
}


@parametrize_with_checks(
    [
        ClassWeightSearchCV(
            DecisionTreeClassifier(random_state=0), powers=(1,), cv=2, outer=None, random_state=0
        )
    ],
    expected_failed_checks=lambda _: KNOWN,
)
def test_scikit_learn_conventions(estimator: Any, check: Any) -> None:
    check(estimator)
