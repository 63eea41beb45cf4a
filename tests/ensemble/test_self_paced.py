from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import make_classification

from ensemble.spies import SEEN, Spy, card_rows
from steelyard.core import UsageError
from steelyard.ensemble import SelfPacedEnsembleClassifier


@pytest.fixture(autouse=True)
def _forget() -> None:
    SEEN.clear()


def test_every_member_sees_all_rare_rows_once_and_as_many_others() -> None:
    X, y = card_rows()
    SelfPacedEnsembleClassifier(estimator=Spy(), n_estimators=6, random_state=0).fit(X, y)
    assert len(SEEN) == 6
    for rows, labels, weight in SEEN:
        assert weight is None
        assert np.bincount(labels).tolist() == [20, 20]
        assert sorted(rows[labels == 1, 0]) == list(range(100, 120))


def test_draws_move_from_equal_hardness_to_equal_counts() -> None:
    X, y = card_rows()
    SelfPacedEnsembleClassifier(estimator=Spy(), n_estimators=3, k_bins=2, random_state=0).fit(X, y)
    easy = [int((rows[labels == 0, 1] == 0.1).sum()) for rows, labels, _ in SEEN]
    # alpha is tan(pi / 4) = 1 in the second of three rounds and endless in the last
    assert easy[1:] == [13, 10]


def test_the_running_mean_has_no_empty_member() -> None:
    """Were the sum divided by one more, all hardness would rise; the middle bin would then not be empty."""
    X, y = card_rows()
    X[:60, 1], X[60:100, 1] = 0.0, 1.0
    SelfPacedEnsembleClassifier(estimator=Spy(), n_estimators=3, k_bins=2, random_state=0).fit(X, y)
    easy = [int((rows[labels == 0, 1] == 0.0).sum()) for rows, labels, _ in SEEN]
    # weights 1 / (0 + 1) and 1 / (1 + 1): 13.3 and 6.7 of 20; with sums halved 12 and 8
    assert easy[1] == 13


def test_small_bins_repeat_rows_or_pass_them_on() -> None:
    X, y = card_rows()
    X[:98, 1], X[98:100, 1] = 0.1, 0.9
    for replacement, distinct, hard in ((True, 2, 10), (False, 2, 2)):
        SEEN.clear()
        model = SelfPacedEnsembleClassifier(
            estimator=Spy(), n_estimators=3, k_bins=2, replacement=replacement, random_state=0
        ).fit(X, y)
        rows = SEEN[-1][0][SEEN[-1][1] == 0]
        drawn = rows[rows[:, 1] == 0.9, 0]
        assert (len(np.unique(drawn)), len(drawn), len(rows)) == (distinct, hard, 20)
        assert model.training_prior_.tolist() == [0.5, 0.5]


def test_progressive_starts_with_every_row() -> None:
    X, y = card_rows()
    SelfPacedEnsembleClassifier(
        estimator=Spy(), n_estimators=3, balancing_schedule="progressive", random_state=0
    ).fit(X, y)
    assert [int((labels == 0).sum()) for _, labels, _ in SEEN] == [100, 60, 20]


def test_a_schedule_may_cut_even_the_smallest_class() -> None:
    X, y = card_rows()
    SelfPacedEnsembleClassifier(
        estimator=Spy(), n_estimators=3, balancing_schedule=lambda *_: [30, 10], random_state=0
    ).fit(X, y)
    assert [np.bincount(labels).tolist() for _, labels, _ in SEEN] == [[30, 10]] * 3


def test_every_larger_class_is_cut_on_its_own() -> None:
    X, y = make_classification(
        900, n_informative=5, n_classes=3, weights=[0.7, 0.25, 0.05], flip_y=0, random_state=0
    )

    class Three(Spy):
        def predict_proba(self, X: Any) -> Any:
            p = np.abs(np.asarray(X)[:, :3]) + 0.1
            return p / p.sum(axis=1, keepdims=True)

    SelfPacedEnsembleClassifier(estimator=Three(), n_estimators=4, random_state=0).fit(X, y)
    smallest = np.bincount(y).min()
    assert all(np.bincount(labels).tolist() == [smallest] * 3 for _, labels, _ in SEEN)


def test_balanced_classes_need_no_cut() -> None:
    X, y = card_rows()
    X, y = X[80:], y[80:]
    SelfPacedEnsembleClassifier(estimator=Spy(), n_estimators=2, random_state=0).fit(X, y)
    assert all(len(rows) == 40 for rows, _, _ in SEEN)


def test_weighted_rare_rows_weigh_as_much_as_what_is_drawn_against_them() -> None:
    X, y = card_rows()
    weights = np.where(y == 1, 2.0, 1.0)
    SelfPacedEnsembleClassifier(estimator=Spy(), n_estimators=3, random_state=0).fit(X, y, weights)
    for _, labels, weight in SEEN:
        assert weight[labels == 0].sum() == pytest.approx(40)
        assert weight[labels == 1].sum() == pytest.approx(40)


def test_options_are_checked() -> None:
    X, y = card_rows()
    for bad in ({"k_bins": 0}, {"hardness": "odd"}, {"balancing_schedule": "odd"}):
        with pytest.raises(UsageError):
            SelfPacedEnsembleClassifier(**bad).fit(X, y)
