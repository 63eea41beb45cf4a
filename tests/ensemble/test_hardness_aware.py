"""Meta-sampling, hardness-aware boosting and boosting with rows made inside clusters."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import make_blobs, make_classification
from sklearn.tree import DecisionTreeClassifier

from steelyard.core import UsageError
from steelyard.ensemble import (
    HardnessBoostClassifier,
    KMeansSMOTEBoostClassifier,
    MetaSampledEnsembleClassifier,
    RUSBoostClassifier,
)
from steelyard.ensemble.meta_sampling import balanced_log_loss
from steelyard.ensemble.rows import Rows
from steelyard.ensemble.self_paced import self_paced_factor, self_paced_pick
from steelyard.ensemble.synthesis import ClusteredInterpolation


def data() -> tuple[Any, Any]:
    return make_classification(900, n_features=5, weights=[0.9], flip_y=0.05, random_state=0)


def test_the_loss_weighs_classes_alike_by_hand() -> None:
    true, y = np.array([0.5, 0.5, 0.25]), np.array([0, 0, 1])
    assert balanced_log_loss(true, y) == pytest.approx((np.log(2) + np.log(4)) / 2)
    assert balanced_log_loss(np.array([]), np.array([], dtype=int)) == 0


def test_the_centre_with_the_least_held_out_loss_is_taken() -> None:
    X, y = data()
    tried = {
        centre: MetaSampledEnsembleClassifier(n_estimators=2, centres=(centre,), random_state=0).fit(X, y)
        for centre in (0.0, 0.5, 1.0)
    }
    both = MetaSampledEnsembleClassifier(n_estimators=2, centres=tuple(tried), random_state=0).fit(X, y)
    losses = {centre: model.log_[1]["held_out_loss"] for centre, model in tried.items()}
    assert both.log_[1]["held_out_loss"] == min(losses.values())
    assert both.log_[1]["centre"] == min(losses, key=lambda centre: losses[centre])
    assert both.training_prior_.tolist() == [0.5, 0.5]


def test_held_out_rows_are_never_trained_on() -> None:
    seen: list[Any] = []

    class Spy(DecisionTreeClassifier):
        def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
            seen.append(X[:, 0])
            return super().fit(X, y, sample_weight)

    X = np.c_[np.arange(200.0), np.random.default_rng(0).normal(size=200)]
    y = np.r_[np.zeros(150, int), np.ones(50, int)]
    MetaSampledEnsembleClassifier(estimator=Spy(), n_estimators=30, centres=(0.5,), random_state=0).fit(X, y)
    rows = np.unique(np.concatenate(seen)).astype(int)
    assert np.bincount(y[rows])[1] == 40
    assert np.bincount(y[rows])[0] <= 120


def test_meta_options_are_checked() -> None:
    for bad in ({"holdout": 0}, {"width": 0}, {"centres": ()}):
        with pytest.raises(UsageError, match="holdout"):
            MetaSampledEnsembleClassifier(**bad).fit(*data())


def test_the_first_round_is_rus_boost_and_hard_rows_come_by_bins_after() -> None:
    X, y = data()
    ours = HardnessBoostClassifier(n_estimators=6, random_state=0).fit(X, y)
    smallest = np.bincount(y).min()
    assert all(entry["rows"] == [smallest, smallest] for entry in ours.log_)
    assert (
        len(ours.estimators_)
        >= len(RUSBoostClassifier(n_estimators=6, random_state=0).fit(X, y).estimators_) - 2
    )
    with pytest.raises(UsageError, match="k_bins"):
        HardnessBoostClassifier(k_bins=0).fit(X, y)


def test_self_paced_draws_by_hand() -> None:
    X = np.arange(100.0)[:, None]
    group = Rows.of(X, np.zeros(100, dtype=np.int64), None, merge=False).classes[0]
    hard = np.r_[np.full(60, 0.1), np.full(40, 0.9)]
    for alpha, easy in ((0.0, 18), (1.0, 13), (1e16, 10)):
        picked = self_paced_pick(group, hard, 20, alpha, np.random.default_rng(0), k_bins=2)
        assert (int((picked < 60).sum()), len(set(picked.tolist()))) == (easy, 20)
    assert (self_paced_factor(0, 3), self_paced_factor(1, 3)) == (0.0, pytest.approx(1.0))


def test_new_rows_lie_between_rows_of_one_cluster() -> None:
    X, _ = make_blobs([100, 30, 30], centers=[[0, 0], [10, 0], [0, 10]], cluster_std=0.5, random_state=0)
    y, cluster = np.r_[np.zeros(100, int), np.ones(60, int)], np.repeat([0, 1, 2], [100, 30, 30])
    rows = Rows.of(X, y, None, merge=False)
    made, a, b, step = ClusteredInterpolation(rows, 5, cluster, 1.0)(1, 40, np.random.default_rng(0))
    assert (cluster[a] == cluster[b]).all()
    assert made == pytest.approx(X[a] + step[:, None] * (X[b] - X[a]))
    assert set(np.unique(cluster[a])) == {1, 2}


def test_lone_rows_among_other_classes_do_not_breed() -> None:
    X, _ = make_blobs([200, 30], centers=[[0, 0], [10, 0]], cluster_std=0.5, random_state=0)
    y = np.r_[np.zeros(197, int), np.ones(33, int)]  # three rare rows lie in the crowd
    cluster = np.repeat([0, 1], [200, 30])
    rows = Rows.of(X, y, None, merge=False)
    _, a, _, _ = ClusteredInterpolation(rows, 5, cluster, 1.0)(1, 50, np.random.default_rng(0))
    assert (cluster[a] == 1).all()


def test_k_means_smote_boost_fills_up_to_the_largest_class() -> None:
    X, y = data()
    model = KMeansSMOTEBoostClassifier(n_estimators=3, random_state=0).fit(X, y)
    assert model.log_[0]["rows"] == [np.bincount(y).max()] * 2
    with pytest.raises(UsageError, match="n_clusters"):
        KMeansSMOTEBoostClassifier(n_clusters=0).fit(X, y)
