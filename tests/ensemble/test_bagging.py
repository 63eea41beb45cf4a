from __future__ import annotations

import numpy as np
import pytest

from ensemble.spies import SEEN, Spy, card_rows
from steelyard.ensemble import (
    BalancedRandomForestClassifier,
    EasyEnsembleClassifier,
    OverBaggingClassifier,
    UnderBaggingClassifier,
)


@pytest.fixture(autouse=True)
def _forget() -> None:
    SEEN.clear()


def test_easy_bags_hold_all_rare_rows_and_distinct_others() -> None:
    EasyEnsembleClassifier(estimator=Spy(), n_estimators=4, random_state=0).fit(*card_rows())
    for rows, labels, _ in SEEN:
        assert sorted(rows[labels == 1, 0]) == list(range(100, 120))
        assert len(np.unique(rows[labels == 0, 0])) == 20
    assert len({tuple(sorted(rows[:, 0])) for rows, _, _ in SEEN}) == 4


@pytest.mark.parametrize(("model", "size"), [(UnderBaggingClassifier, 20), (OverBaggingClassifier, 100)])
def test_bags_are_drawn_with_replacement_to_the_target(model: type, size: int) -> None:
    model(estimator=Spy(), n_estimators=3, random_state=0).fit(*card_rows())
    for rows, labels, _ in SEEN:
        assert np.bincount(labels).tolist() == [size, size]
        assert len(np.unique(rows[:, 0])) < 2 * size


def test_progressive_bags_go_from_the_table_to_the_target() -> None:
    model = UnderBaggingClassifier(n_estimators=5, balancing_schedule="progressive", random_state=0)
    assert [entry["rows"][0] for entry in model.fit(*card_rows()).log_] == [100, 80, 60, 40, 20]


def test_a_forest_tree_sees_a_balanced_bootstrap() -> None:
    forest = BalancedRandomForestClassifier(n_estimators=3, random_state=0).fit(*card_rows())
    assert [entry["rows"] for entry in forest.log_] == [[20, 20]] * 3
    assert forest.feature_importances_.sum() == pytest.approx(1)


def test_stages_end_where_the_prediction_is() -> None:
    X, y = card_rows()
    model = UnderBaggingClassifier(n_estimators=4, random_state=0).fit(X, y)
    stages = list(model.staged_predict_proba(X))
    assert len(stages) == 4
    assert stages[-1] == pytest.approx(model.predict_proba(X), abs=1e-15)
    assert stages[0] == pytest.approx(
        UnderBaggingClassifier(n_estimators=1, random_state=0).fit(X, y).predict_proba(X)
    )
