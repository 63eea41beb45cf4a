from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from imblearn.over_sampling import SMOTE, KMeansSMOTE, RandomOverSampler
from imblearn.under_sampling import EditedNearestNeighbours, RandomUnderSampler
from sklearn.datasets import load_breast_cancer, make_classification
from sklearn.ensemble import AdaBoostClassifier
from sklearn.neighbors import NearestNeighbors
from sklearn.tree import DecisionTreeClassifier

from steelyard.core import DataError, UsageError
from steelyard.ensemble import (
    OverBoostClassifier,
    ResamplingBaggingClassifier,
    ResamplingBoostClassifier,
    RUSBoostClassifier,
    SMOTEBaggingClassifier,
    SMOTEBoostClassifier,
)
from steelyard.ensemble.rows import Rows
from steelyard.ensemble.synthesis import Interpolation, resampled


class Stump(DecisionTreeClassifier):
    """Keeps what it was trained on."""

    def __init__(self, max_depth: int = 1, random_state: Any = 0) -> None:
        super().__init__(max_depth=max_depth, random_state=random_state)

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        self.seen_ = (X, y, np.ones(len(y)) if sample_weight is None else sample_weight)
        return super().fit(X, y, sample_weight=sample_weight)


def data() -> tuple[Any, Any]:
    X, y = make_classification(400, n_features=5, weights=[0.9], flip_y=0.05, random_state=0)
    return X.astype(np.float32), y


def test_without_a_sampler_it_is_adaboost() -> None:
    X, y = load_breast_cancer(return_X_y=True)
    X = X.astype(np.float32)
    base = DecisionTreeClassifier(max_depth=1)
    ours = ResamplingBoostClassifier(estimator=base, n_estimators=15).fit(X, y)
    theirs = AdaBoostClassifier(base, n_estimators=15).fit(X, y)
    assert ours.predict_proba(X) == pytest.approx(theirs.predict_proba(X), abs=1e-12)


@pytest.mark.parametrize(
    ("model", "side"),
    [(RUSBoostClassifier, np.min), (OverBoostClassifier, np.max), (SMOTEBoostClassifier, np.max)],
)
def test_members_see_the_target_of_every_class(model: type, side: Any) -> None:
    X, y = data()
    target = side(np.bincount(y))
    fitted = model(n_estimators=4, random_state=0).fit(X, y)
    assert [entry["rows"] for entry in fitted.log_] == [[target, target]] * len(fitted.log_)


def test_errors_and_updates_are_on_all_rows() -> None:
    X, y = data()
    fitted = RUSBoostClassifier(estimator=Stump(), n_estimators=2, random_state=3).fit(X, y)
    weight = np.full(len(y), 1 / len(y))
    for member, vote, error in zip(
        fitted.estimators_, fitted.estimator_weights_, fitted.estimator_errors_, strict=True
    ):
        rows, _, weights = member.seen_
        order = [int(np.flatnonzero((row == X).all(axis=1))[0]) for row in rows]
        expected = weight[order]
        assert weights / weights.sum() == pytest.approx(expected / expected.sum())
        wrong = member.predict(X) != y
        assert error == pytest.approx(weight @ wrong)
        assert vote == pytest.approx(np.log((1 - error) / error))
        weight = weight * np.exp(vote * wrong)
        weight /= weight.sum()
    assert len(fitted.estimators_) == 2


@pytest.mark.parametrize("kind", [RUSBoostClassifier, OverBoostClassifier, SMOTEBoostClassifier])
def test_a_draw_no_better_than_chance_starts_afresh_and_does_not_end_the_rounds(kind: type) -> None:
    X, y = make_classification(3000, n_features=8, weights=[0.97], flip_y=0.02, random_state=0)
    fitted = kind(n_estimators=12, random_state=0).fit(X, y)
    assert len(fitted.estimators_) >= 4
    assert (fitted.estimator_weights_ > 0).all()
    assert (fitted.estimator_errors_ < 0.5).all()


def test_the_log_pairs_every_member_with_its_vote() -> None:
    X, y = data()
    fitted = OverBoostClassifier(n_estimators=5, random_state=0).fit(X, y)
    assert [entry["vote"] for entry in fitted.log_] == fitted.estimator_weights_.tolist()
    assert len(fitted.log_) == len(fitted.estimators_)


def test_new_rows_lie_between_a_row_and_one_of_its_nearest() -> None:
    X, y = data()
    rows = Rows.of(X, y.astype(np.int64), None, merge=True)
    made, a, b, step = Interpolation(rows, 3)(1, 50, np.random.default_rng(0))
    assert made == pytest.approx((1 - step[:, None]) * X[a] + step[:, None] * X[b], abs=1e-5)
    assert (y[a] == 1).all()
    near = NearestNeighbors(n_neighbors=4).fit(X[y == 1]).kneighbors(X[a])[1]
    rare = np.flatnonzero(y == 1)
    assert all(second in rare[row[1:]] for second, row in zip(b, near, strict=True))
    assert len(made) == 50
    assert made.dtype == np.float32


def test_a_class_of_one_row_repeats_it() -> None:
    X, y = data()
    X, y = np.r_[X[y == 0], X[y == 1][:1]], np.r_[y[y == 0], 1]
    rows = Rows.of(X, y.astype(np.int64), None, merge=True)
    made = Interpolation(rows, 5)(1, 4, np.random.default_rng(0))[0]
    assert (made == X[-1]).all()
    assert SMOTEBoostClassifier(n_estimators=2, random_state=0).fit(X, y).predict(X).shape == y.shape


def test_weights_of_new_rows_lie_between_those_of_their_parents() -> None:
    X, y = data()
    fitted = SMOTEBoostClassifier(estimator=Stump(), n_estimators=2, random_state=0).fit(X, y)
    rows, labels, weights = fitted.estimators_[1].seen_
    own, made = weights[: len(y)][labels[: len(y)] == 1], weights[len(y) :]
    assert (labels[len(y) :] == 1).all()
    assert (made >= own.min() * (1 - 1e-9)).all()
    assert (made <= own.max() * (1 + 1e-9)).all()
    assert len(rows) == len(weights) == 2 * (y == 0).sum()


def test_smote_bags_hold_the_largest_class_size_of_every_class() -> None:
    X, y = data()
    fitted = SMOTEBaggingClassifier(n_estimators=2, random_state=0).fit(X, y)
    assert {tuple(entry["rows"]) for entry in fitted.log_} == {((y == 0).sum(), (y == 0).sum())}
    assert fitted.training_prior_ == pytest.approx([0.5, 0.5])


@pytest.mark.parametrize("kind", [ResamplingBaggingClassifier, ResamplingBoostClassifier])
@pytest.mark.parametrize("sampler", [RandomUnderSampler(), SMOTE(), EditedNearestNeighbours()])
def test_samplers_of_others_work_inside(kind: type, sampler: Any) -> None:
    X, y = data()
    fitted = kind(sampler=sampler, n_estimators=3, random_state=0).fit(X, y)
    again = kind(sampler=sampler, n_estimators=3, random_state=0).fit(X, y)
    assert (fitted.predict_proba(X) == again.predict_proba(X)).all()
    assert fitted.training_prior_[1] > y.mean()


def test_k_means_smote_boost() -> None:
    X, y = data()
    sampler = KMeansSMOTE(kmeans_estimator=4, cluster_balance_threshold=0.05)
    fitted = ResamplingBoostClassifier(sampler=sampler, n_estimators=2, random_state=0).fit(X, y)
    assert fitted.log_[0]["rows"][1] > (y == 1).sum() * 5


def test_rows_a_sampler_can_name_keep_their_weight() -> None:
    X, y = data()
    weight = np.arange(1.0, len(y) + 1)
    rng = np.random.default_rng(0)
    table, everything = Rows.of(X, y, None, merge=False), np.arange(len(y))
    for sampler in (RandomUnderSampler(), RandomOverSampler()):
        made = resampled(sampler, table.take(everything, weight), table, rng)
        order = [int(np.flatnonzero((row == X).all(axis=1))[0]) for row in made.features(table)]
        assert made.weight.tolist() == weight[order].tolist()
    weights = resampled(SMOTE(), table.take(everything, weight), table, rng).weight
    assert weights[: len(y)].tolist() == weight.tolist()
    assert weights[len(y) :] == pytest.approx(weight[y == 1].mean())


def test_samplers_that_cannot_serve_are_named() -> None:
    X, y = data()
    with pytest.raises(UsageError, match="fit_resample"):
        ResamplingBoostClassifier(sampler=DecisionTreeClassifier()).fit(X, y)

    class Dropping(RandomUnderSampler):
        def fit_resample(self, X: Any, y: Any) -> Any:
            return X[y == 0], y[y == 0]

    with pytest.raises(DataError, match="Dropping left only classes"):
        ResamplingBaggingClassifier(sampler=Dropping(), n_estimators=1).fit(X, y)
