from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks

from steelyard.core import Prior, UsageError
from steelyard.decide import RowCosts, Threshold, calibration_in_the_large, savings
from steelyard.ensemble import (
    BayesMinimumRiskClassifier,
    CostingClassifier,
    MetaCostClassifier,
    UnderBaggingClassifier,
)
from steelyard.weights import Weighted


def world(n: int, seed: int) -> tuple[Any, Any, Any, RowCosts]:
    """Rows with a known probability of being positive, and costs that differ by row."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 4))
    truth = 1 / (1 + np.exp(3 - X @ [1.5, 1.0, 0.0, 0.0]))
    costs = RowCosts(fp=np.full(n, 2.0), fn=np.exp(2 + X[:, 2]))
    return X, (rng.random(n) < truth).astype(int), truth, costs


def test_rows_are_accepted_as_often_as_they_weigh() -> None:
    rng = np.random.default_rng(0)
    X, y = np.arange(400.0)[:, None], np.arange(400) % 2
    weight = rng.exponential(size=400)
    seen: list[Any] = []

    class Spy(DecisionTreeClassifier):
        def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
            seen.append(np.asarray(X)[:, 0].astype(int))
            return super().fit(X, y)

    CostingClassifier(Spy(), n_estimators=300, random_state=0).fit(X, y, weight)
    assert all(len(np.unique(rows)) == len(rows) for rows in seen)
    often = np.bincount(np.concatenate(seen), minlength=400) / 300
    wanted = weight / weight.max()
    assert (np.abs(often - wanted) <= 4.5 * np.sqrt(wanted * (1 - wanted) / 300) + 1e-9).all()


def test_learners_without_weights_follow_costs() -> None:
    X, y, _, costs = world(4000, 0)
    new, truth, _, prices = world(4000, 1)
    plain = KNeighborsClassifier(25).fit(X, y).predict(new)
    model = CostingClassifier(KNeighborsClassifier(25), n_estimators=10, random_state=0)
    decided = model.fit(X, y, costs.stakes(y)).predict(new)
    assert savings(truth, decided, prices) > savings(truth, plain, prices) + 0.05
    shares = np.bincount(y, weights=costs.stakes(y))
    assert np.allclose(model.training_prior_, shares / shares.sum())


def test_stakes_by_hand() -> None:
    assert RowCosts(fp=[1, 2], fn=[3, 4]).stakes([1, 0]).tolist() == [3, 2]
    with pytest.raises(ValueError, match="pass 0 or 1"):
        RowCosts(fp=[1, 2], fn=[3, 4]).stakes([1, 2])


def test_weights_at_one_half_are_the_decision_by_costs() -> None:
    X, y, truth, costs = world(60_000, 0)
    weighted = LogisticRegression().fit(X, y, sample_weight=costs.stakes(y)).predict(X)
    best = (1 - truth) * costs.fp <= truth * costs.fn
    assert (weighted == best).mean() > 0.9


def test_meta_cost_learns_the_cheapest_decision() -> None:
    X, y, truth, _ = world(4000, 0)
    matrix = np.array([[0.0, 9.0], [1.0, 0.0]])
    model = MetaCostClassifier(LogisticRegression(), cost=matrix, random_state=0).fit(X, y)
    best = (truth >= 0.1).astype(int)
    assert (model.predict(X) == best).mean() > 0.97
    assert (LogisticRegression().fit(X, y).predict(X) == best).mean() < 0.85
    assert model.moved_ > 0.1
    assert len(model.estimators_) == 1


def test_meta_cost_leaves_plain_labels_that_nobody_doubts() -> None:
    X = np.repeat([[0.0], [5.0]], 50, axis=0) + np.random.default_rng(0).normal(size=(100, 1)) / 10
    y = np.repeat([0, 1], 50)
    model = MetaCostClassifier(cost=1 - np.eye(2), random_state=0).fit(X, y)
    assert model.moved_ == 0
    assert model.training_prior_.tolist() == [0.5, 0.5]


def test_one_sided_costs_give_one_decision() -> None:
    X, y, _, _ = world(300, 0)
    model = MetaCostClassifier(cost=[[0, 1e9], [0, 0]], random_state=0).fit(X, np.array(["no", "yes"])[y])
    assert set(model.predict(X)) == {"yes"}
    assert model.training_prior_.tolist() == [0, 1]


def test_minimum_risk_is_near_the_best_there_is() -> None:
    X, y, _, _ = world(8000, 0)
    new, truth, known, prices = world(20_000, 1)
    model = BayesMinimumRiskClassifier(random_state=0).fit(X, y)
    best = (1 - known) * prices.fp <= known * prices.fn
    reached = savings(truth, model.predict(new, costs=prices), prices)
    assert reached > savings(truth, best, prices) - 0.02
    assert reached > savings(truth, model.predict(new), prices) + 0.02


def test_a_remedy_inside_is_undone_and_calibrated() -> None:
    X, y, _, _ = world(4000, 0)
    new, truth, _, _ = world(20_000, 1)
    base = UnderBaggingClassifier(n_estimators=10)
    model = BayesMinimumRiskClassifier(base, cost=[[0, 9], [1, 0]], random_state=0).fit(X, y)
    assert calibration_in_the_large(model.predict_proba(new), truth) == pytest.approx(1, abs=0.1)
    assert np.allclose(model.training_prior_, Prior.of(y).p)
    assert (model.predict(new) == Threshold.of_costs(fp=1, fn=9).decide(model.predict_proba(new))).all()


def test_many_classes_and_text_labels() -> None:
    X, y = make_classification(1500, 6, n_informative=4, n_classes=3, weights=[0.8, 0.15], random_state=0)
    names = np.array(["common", "rare", "rarest"])[y]
    cost = [[0, 5, 50], [1, 0, 50], [1, 1, 0]]
    plain = BayesMinimumRiskClassifier(random_state=0).fit(X, names)
    dear = BayesMinimumRiskClassifier(cost=cost, random_state=0).fit(X, names)
    assert (dear.predict(X) == "rarest").sum() > (plain.predict(X) == "rarest").sum()
    assert MetaCostClassifier(cost=cost, random_state=0).fit(X, names).predict(X[:2]).dtype.kind == "U"


def test_savings_agree_with_empulse() -> None:
    empulse = pytest.importorskip("empulse.metrics")
    _, y, truth, costs = world(2000, 3)
    decided = (truth > 0.2).astype(int)
    theirs = empulse.savings_score(y, decided, fp_cost=costs.fp, fn_cost=costs.fn)
    assert savings(y, decided, costs) == pytest.approx(theirs)


def test_what_takes_no_weights_or_gives_no_probabilities_is_refused() -> None:
    X, y, _, costs = world(200, 0)
    with pytest.raises(UsageError, match="gives no probabilities"):
        BayesMinimumRiskClassifier(RidgeClassifier()).fit(X, y)
    with pytest.raises(UsageError, match=r"wrap it in weights\.Weighted"):
        BayesMinimumRiskClassifier(KNeighborsClassifier()).fit(X, y, costs.stakes(y))
    wrapped = BayesMinimumRiskClassifier(Weighted(KNeighborsClassifier()))
    assert wrapped.fit(X, y, costs.stakes(y)).predict(X).shape == (200,)


NOT_TWICE = "rows are dealt into folds, so a row of weight two is not two rows"
KNOWN = {
    "check_sample_weight_equivalence_on_dense_data": NOT_TWICE,
    "check_sample_weight_equivalence_on_sparse_data": NOT_TWICE,
}


@parametrize_with_checks(
    [
        CostingClassifier(n_estimators=3),
        MetaCostClassifier(n_estimators=3),
        BayesMinimumRiskClassifier(GaussianNB(), cv=2, random_state=0),
    ],
    expected_failed_checks=lambda model: KNOWN if isinstance(model, BayesMinimumRiskClassifier) else {},
)
def test_scikit_learn_conventions(estimator: Any, check: Any) -> None:
    check(estimator)
