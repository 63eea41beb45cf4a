from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks

from steelyard.core import NotForMe, UsageError
from steelyard.ensemble import RejectionCascadeClassifier
from steelyard.ensemble.rejection_cascade import keeping


class Column(ClassifierMixin, BaseEstimator):
    """Its probability is one column of the rows; it remembers what it was fitted on and asked."""

    SEEN: dict[int, list[Any]] = {}  # noqa: RUF012 - one place for all clones

    def __init__(self, column: int = 0) -> None:
        self.column = column

    def fit(self, X: Any, y: Any) -> Column:
        self.classes_, self.n_features_in_ = np.array([0, 1]), X.shape[1]
        self.SEEN.setdefault(self.column, []).append((np.asarray(X), np.asarray(y)))
        return self

    def predict_proba(self, X: Any) -> Any:
        p = np.asarray(X)[:, self.column]
        return np.column_stack([1 - p, p])


def two_columns() -> tuple[Any, Any]:
    """Ten positives at .2 to .65 in the first column, ninety negatives of which thirty lie at .3."""
    first = np.r_[np.linspace(0.2, 0.65, 10).round(2), np.full(60, 0.1), np.full(30, 0.3)]
    second = np.r_[np.full(10, 0.9), np.full(90, 0.05)]
    return np.column_stack([first, second]), np.r_[np.ones(10, int), np.zeros(90, int)]


def test_by_hand() -> None:
    X, y = two_columns()
    Column.SEEN.clear()
    model = RejectionCascadeClassifier([(Column(0), 0.8, 1), (Column(1), 1, 10)], cv=2).fit(X, y)
    # eight of ten positives lie at .3 or above, with thirty negatives
    assert model.thresholds_ == pytest.approx([0.3])
    assert model.pass_rates_ == pytest.approx([1, 0.38])
    assert model.recalls_ == pytest.approx([1, 0.8])
    assert model.expected_cost_ == pytest.approx(1 + 10 * 0.38)
    learned, labels = Column.SEEN[1][-1]
    assert len(learned) == 38
    assert labels.sum() == 8
    p = model.predict_proba(X)[:, 1]
    assert p[2:10].tolist() == [0.9] * 8
    assert p[10:70].tolist() == [0.1] * 60
    assert model.reached(X).sum() == 38


def test_a_floor_of_one_and_nothing_to_dismiss_is_the_last_stage_alone() -> None:
    X, y = two_columns()
    X[:, 0] = 0.5
    model = RejectionCascadeClassifier([(Column(0), 1, 1), (Column(1), 1, 1)], cv=2).fit(X, y)
    assert model.pass_rates_ == [1, 1]
    assert np.array_equal(model.predict_proba(X)[:, 1], X[:, 1])


def test_it_ends_when_no_negative_is_left() -> None:
    y = np.repeat([0, 1], [50, 10])
    X = np.column_stack([y * 0.9, y * 0.9])
    model = RejectionCascadeClassifier([(Column(0), 1, 1), (Column(1), 1, 10)], cv=2).fit(X, y)
    assert len(model.estimators_) == 1
    assert model.expected_cost_ == 1


@pytest.mark.parametrize("floor", [0.5, 0.9, 1.0])
def test_the_threshold_is_the_highest_that_keeps_the_floor(floor: float) -> None:
    rng = np.random.default_rng(0)
    p, codes, weight = np.round(rng.random(200), 2), rng.integers(0, 2, 200), rng.exponential(size=200)
    found = keeping(p, codes, weight, floor)

    def recall(threshold: float) -> float:
        return weight[(codes == 1) & (p >= threshold)].sum() / weight[codes == 1].sum()

    assert recall(found) >= floor - 1e-9
    higher = p[(codes == 1) & (p > found)]
    assert not len(higher) or recall(higher.min()) < floor


def world(n: int, seed: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 6))
    score = 2 * X[:, 0] + 2 * X[:, 1] * X[:, 2] - 6
    return X, (rng.random(n) < 1 / (1 + np.exp(-score))).astype(int)


def test_most_rows_are_dismissed_early_and_the_floor_holds_on_new_rows() -> None:
    X, y = world(12_000, 0)
    new, truth = world(12_000, 1)
    forest = DecisionTreeClassifier(min_samples_leaf=20)
    model = RejectionCascadeClassifier([(LogisticRegression(), 0.95, 1), (forest, 1, 20)], random_state=0)
    model.fit(X, y)
    reached = model.reached(new)
    assert (reached == 1).mean() == pytest.approx(model.pass_rates_[1], abs=0.02)
    assert (reached == 1).mean() < 0.7
    positives = truth.sum()
    assert reached[truth == 1].mean() > 0.95 - 3 * np.sqrt(0.95 * 0.05 / positives)
    assert model.predict_proba(new)[:, 1].mean() == pytest.approx(truth.mean(), rel=0.15)


def test_frames_and_errors() -> None:
    X, y = world(2000, 0)
    frame = pd.DataFrame(X, columns=list("abcdef"))
    stages = [(GaussianNB(), 0.9, 1), (GaussianNB(), 1, 1)]
    model = RejectionCascadeClassifier(stages, random_state=0).fit(frame, y)
    assert np.allclose(
        model.predict_proba(frame),
        RejectionCascadeClassifier(stages, random_state=0).fit(X, y).predict_proba(X),
    )
    with pytest.raises(NotForMe, match="Only binary"):
        RejectionCascadeClassifier(stages).fit(X, np.arange(2000) % 3)
    with pytest.raises(UsageError, match="a stage has floor 0"):
        RejectionCascadeClassifier([(GaussianNB(), 0, 1)]).fit(X, y)


NOT_TWICE = "rows are dealt into folds, so a row of weight two is not two rows"


@parametrize_with_checks(
    [RejectionCascadeClassifier([(GaussianNB(), 0.95, 1), (GaussianNB(), 1, 10)], cv=2, random_state=0)],
    expected_failed_checks=lambda _: {
        "check_sample_weight_equivalence_on_dense_data": NOT_TWICE,
        "check_sample_weight_equivalence_on_sparse_data": NOT_TWICE,
    },
)
def test_scikit_learn_conventions(estimator: Any, check: Any) -> None:
    check(estimator)
