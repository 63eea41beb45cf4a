from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_iris, make_classification
from sklearn.ensemble import AdaBoostClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier

from steelyard.core import UsageError
from steelyard.ensemble import (
    AdaCostClassifier,
    AdaUBoostClassifier,
    AsymBoostClassifier,
    class_betas,
    class_costs,
)

ADABOOST = [
    AdaCostClassifier(cost="uniform"),
    AdaUBoostClassifier(beta="uniform"),
    AsymBoostClassifier(cost="uniform"),
]


class Remembering(DecisionTreeClassifier):
    """A stump that keeps the weights it was trained with."""

    def __init__(self, max_depth: int = 1, random_state: Any = 0) -> None:
        super().__init__(max_depth=max_depth, random_state=random_state)

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        weight = np.ones(len(y)) if sample_weight is None else np.array(sample_weight)
        self.weight_ = (weight / weight.sum())[np.lexsort(X.T)]
        return super().fit(X, y, sample_weight=sample_weight)


@pytest.mark.parametrize("load", [load_breast_cancer, load_iris], ids=["two classes", "three classes"])
@pytest.mark.parametrize("model", ADABOOST, ids=lambda m: type(m).__name__)
def test_without_costs_every_round_is_adaboost(model: Any, load: Any) -> None:
    X, y = load(return_X_y=True)
    X, first = np.unique(X.astype(np.float32), axis=0, return_index=True)
    y = y[first]
    base = Remembering()
    ours = model.set_params(estimator=base, n_estimators=20).fit(X, y)
    theirs = AdaBoostClassifier(base, n_estimators=20).fit(X, y)
    assert len(ours.estimators_) == len(theirs.estimators_) == 20
    for a, b in zip(ours.estimators_, theirs.estimators_, strict=True):
        assert a.weight_ == pytest.approx(b.weight_, rel=1e-12, abs=1e-12)
    assert ours.estimator_weights_ == pytest.approx(theirs.estimator_weights_, rel=1e-12)
    assert ours.estimator_errors_ == pytest.approx(theirs.estimator_errors_, rel=1e-12)
    assert ours.predict_proba(X) == pytest.approx(theirs.predict_proba(X), abs=1e-12)
    for a, b in zip(ours.staged_predict_proba(X), theirs.staged_predict_proba(X), strict=True):
        assert a == pytest.approx(b, abs=1e-12)


def second_round(model: Any) -> tuple[Any, Any, Any, Any]:
    """Weights of the second round over those of the first, the first vote, its predictions and the truth."""
    X, y = load_breast_cancer(return_X_y=True)
    X = X[y.argsort()].astype(np.float32)[:300]
    y = np.sort(y)[:300]
    fitted = model.set_params(estimator=Remembering(), n_estimators=4).fit(X, y)
    first, second = (m.weight_ for m in fitted.estimators_[:2])
    order = np.lexsort(X.T)
    return second / first, fitted.estimator_weights_[0], fitted.estimators_[0].predict(X)[order], y[order]


@pytest.mark.parametrize("scale", [1.0, 40.0])
def test_ada_cost_adjusts_right_rows_and_wrong_ones(scale: float) -> None:
    """By hand: costs 2 and 1/2 are 1 and 1/4 of the largest, so wrong rows get 1 and 5/8, right ones 0 and -3/8."""
    costs = scale * np.array([[7.0, 2.0], [0.5, 7.0]])
    ratio, vote, predicted, y = second_round(AdaCostClassifier(cost=costs))
    exponent = np.where(predicted != y, np.array([5 / 8, 1.0])[y], np.array([-3 / 8, 0.0])[y])
    expected = np.exp(vote * exponent)
    assert ratio / ratio[0] == pytest.approx(expected / expected[0], rel=1e-9)
    assert len(np.unique(expected)) == 4


def test_ada_cost_of_many_classes_takes_the_mistake_made() -> None:
    model = AdaCostClassifier(cost=[[1, 2, 4], [8, 1, 2], [2, 2, 1]])
    growth = model._growth(np.full(3, 2.0), 2.0)[[0, 1, 1, 2, 0, 2], [0, 0, 1, 1, 2, 2]]
    right, wrong = [0, 2 / 8 - 1, 4 / 8 - 1], [1 + 8 / 8, 1 + 2 / 8, 1 + 4 / 8]
    assert growth == pytest.approx(np.stack([right, wrong], axis=1).ravel()[[0, 1, 2, 3, 5, 4]])


def test_ada_u_boost_starts_unequal_and_slows_down() -> None:
    ratio, vote, predicted, y = second_round(AdaUBoostClassifier(beta=[1.0, 4.0]))
    slower = np.array([1.0, 4.0]) ** -0.25
    expected = np.exp(vote * (predicted != y) * slower[y])
    assert ratio / ratio[predicted == y][0] == pytest.approx(expected, rel=1e-9)
    X = np.arange(10.0)[:, None]
    model = AdaUBoostClassifier(estimator=Remembering(), beta=[1.0, 4.0], n_estimators=1)
    start = model.fit(X, [0] * 6 + [1] * 4).estimators_[0].weight_
    assert start[-1] / start[0] == 4


def test_asym_boost_spreads_the_asymmetry() -> None:
    costs = np.array([[1.0, 9.0], [1 / 9, 1.0]])
    ratio, vote, predicted, y = second_round(AsymBoostClassifier(cost=costs))
    expected = np.exp(vote * (predicted != y)) * costs[predicted, y] ** (1 / 8)
    assert ratio / ratio[predicted == y][0] == pytest.approx(expected, rel=1e-9)


def test_presets_by_hand() -> None:
    assert class_costs([900, 100]) == pytest.approx(np.array([[1, 9], [1 / 9, 1]]))
    assert class_costs([900, 100], "log1p-inverse")[0, 1] == pytest.approx(np.log(10))
    assert class_costs([900, 100], "uniform").tolist() == [[1, 1], [1, 1]]
    assert class_betas([900, 300, 100]).tolist() == [1, 3, 9]


def test_costs_that_do_not_fit_are_refused() -> None:
    X, y = load_breast_cancer(return_X_y=True)
    for model in (
        AdaCostClassifier(cost="odd"),
        AdaCostClassifier(cost=np.ones((3, 3))),
        AdaUBoostClassifier(beta=[1, -1]),
        AsymBoostClassifier(cost="log1p-inverse"),
        AdaCostClassifier(learning_rate=0),
        AdaCostClassifier(estimator=KNeighborsClassifier()),
    ):
        with pytest.raises(UsageError):
            model.fit(X, y)


def test_a_first_member_no_better_than_chance_votes_alone() -> None:
    X = np.zeros((20, 1))
    model = AdaCostClassifier().fit(X, [0, 1] * 10)
    assert len(model.estimators_) == 1
    assert model.estimator_weights_.tolist() == [1.0]
    assert model.predict_proba(X).sum(axis=1) == pytest.approx(1)


def test_a_perfect_member_ends_the_rounds() -> None:
    X = np.arange(20.0)[:, None]
    model = AdaCostClassifier().fit(X, np.repeat([0, 1], 10))
    assert (len(model.estimators_), model.log_[0]["error"], model.log_[0]["vote"]) == (1, 0.0, 1.0)
    assert model.score(X, np.repeat([0, 1], 10)) == 1


def test_dear_mistakes_do_not_overflow() -> None:
    X, y = make_classification(2000, weights=[0.99], flip_y=0.01, random_state=0)
    model = AdaCostClassifier(cost=[[1, 5000], [1 / 5000, 1]], n_estimators=10, random_state=0).fit(X, y)
    assert np.isfinite(model.predict_proba(X)).all()
