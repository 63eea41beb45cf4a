from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from steelyard.ensemble import FoldAveragingClassifier
from steelyard.ensemble.fold_averaging import _leave_one_out


def test_every_row_is_left_out_once_and_folds_are_stratified() -> None:
    codes = np.array([0] * 50 + [1] * 10 + [2])
    parts = _leave_one_out(codes, 5, np.random.default_rng(0))
    left_out = np.stack([~np.isin(np.arange(61), part) for part in parts])
    assert left_out.sum(axis=0)[:60].tolist() == [1] * 60
    assert [np.bincount(codes[out]).tolist() for out in left_out] == [[10, 2]] * 5


def test_the_mean_of_hand_made_clones() -> None:
    X, y = make_classification(200, random_state=0)
    splits = [(np.arange(100), np.arange(100, 200)), (np.arange(100, 200), np.arange(100))]
    base = LogisticRegression()
    model = FoldAveragingClassifier(base, cv=splits).fit(X, y)
    by_hand = np.mean(
        [LogisticRegression().fit(X[train], y[train]).predict_proba(X) for train, _ in splits], axis=0
    )
    assert model.predict_proba(X) == pytest.approx(by_hand, abs=1e-12)


def test_positions_of_given_splits_refer_to_all_rows_even_those_of_weight_zero() -> None:
    X, y = make_classification(100, random_state=0)
    weights = np.ones(100)
    weights[:10] = 0
    splits = [(np.arange(60), np.arange(60, 100)), (np.arange(40, 100), np.arange(40))]
    model = FoldAveragingClassifier(LogisticRegression(), cv=splits).fit(X, y, weights)
    by_hand = np.mean(
        [
            LogisticRegression()
            .fit(X[train][weights[train] > 0], y[train][weights[train] > 0])
            .predict_proba(X)
            for train, _ in splits
        ],
        axis=0,
    )
    assert model.predict_proba(X) == pytest.approx(by_hand, abs=1e-12)


def test_weights_reach_the_members() -> None:
    X, y = make_classification(200, weights=[0.9], random_state=0)
    plain: Any = FoldAveragingClassifier(LogisticRegression(), random_state=0).fit(X, y)
    heavy = FoldAveragingClassifier(LogisticRegression(), random_state=0).fit(
        X, y, np.where(y == 1, 9.0, 1.0)
    )
    assert heavy.predict_proba(X)[:, 1].mean() > plain.predict_proba(X)[:, 1].mean() + 0.05
    assert heavy.training_prior_[1] == pytest.approx(0.5, abs=0.1)


def test_a_class_missing_in_a_training_part_gets_no_vote_from_it() -> None:
    X, y = make_classification(100, n_informative=4, n_classes=3, random_state=0)
    two = np.flatnonzero(y < 2)
    model = FoldAveragingClassifier(LogisticRegression(), cv=[(two, two), (np.arange(100), two)]).fit(X, y)
    assert (model.predict_proba(X)[:, 2] <= 0.5).all()
    assert model.predict_proba(X).sum(axis=1) == pytest.approx(1)


def test_splitters_without_groups_work_and_others_say_what_they_miss() -> None:
    X, y = make_classification(60, random_state=0)
    assert len(FoldAveragingClassifier(cv=4).fit(X, y).estimators_) == 4
    with pytest.raises(ValueError, match="groups"):
        FoldAveragingClassifier(cv=GroupKFold(3)).fit(X, y)
