from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ensemble.spies import SEEN, Spy
from steelyard.ensemble import BalanceCascadeClassifier
from steelyard.samplers import cascade_counts


def test_counts_of_the_published_ratio() -> None:
    assert cascade_counts([900, 100], [100, 100], 4).tolist() == [
        [519, 100],
        [300, 100],
        [173, 100],
        [100, 100],
    ]


@pytest.fixture
def graded() -> tuple[Any, Any]:
    """900 majority rows, each harder than the one before, and 100 rare rows."""
    column = np.r_[np.linspace(0.0, 0.9, 900), np.ones(100)]
    return np.c_[np.arange(1000.0), column], np.r_[np.zeros(900, int), np.ones(100, int)]


def test_the_easiest_rows_leave_for_good(graded: tuple[Any, Any]) -> None:
    SEEN.clear()
    BalanceCascadeClassifier(estimator=Spy(), n_estimators=4, random_state=0).fit(*graded)
    lowest = [rows[labels == 0, 0].min() for rows, labels, _ in SEEN]
    for seen, remaining in zip(lowest, [900, 519, 300, 173], strict=True):
        # positions grow with hardness, so what remains are the last rows of the 900
        assert 900 - remaining <= seen < 900 - remaining + remaining // 4
    for rows, labels, _ in SEEN:
        assert np.bincount(labels).tolist() == [100, 100]
        assert len(np.unique(rows[:, 0])) == 200


def test_the_log_tells_rows_and_weights(graded: tuple[Any, Any]) -> None:
    model = BalanceCascadeClassifier(n_estimators=3, balancing_schedule="progressive", random_state=0).fit(
        *graded
    )
    assert [entry["rows"] for entry in model.log_] == [[900, 100], [500, 100], [100, 100]]
    assert model.training_prior_[1] == pytest.approx((0.1 + 1 / 6 + 0.5) / 3)
