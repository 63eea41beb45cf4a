"""Rankings with their prevalence, overall and by group."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from steelyard.core import DataError
from steelyard.metrics import ranking_report


def test_each_row_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    y, scores, group = rng.integers(2, size=200), rng.random(200), rng.choice(["a", "b"], 200)
    report = ranking_report(y, scores, groups=group)
    assert list(report) == ["all", "a", "b"]
    for name, part in (("all", np.ones(200, bool)), ("a", group == "a"), ("b", group == "b")):
        row, share = report[name], y[part].mean()
        ap = average_precision_score(y[part], scores[part])
        assert row["rows"] == part.sum()
        assert row["prevalence"] == pytest.approx(share)
        assert row["roc_auc"] == pytest.approx(roc_auc_score(y[part], scores[part]))
        assert row["average_precision"] == pytest.approx(ap)
        assert row["normalised_average_precision"] == pytest.approx((ap - share) / (1 - share))


def test_a_group_of_one_class_has_no_area_and_wrong_groups_are_refused() -> None:
    report = ranking_report([1, 0, 0], [0.9, 0.2, 0.1], groups=[1, 1, 2])
    assert np.isnan(report[2]["roc_auc"])
    assert report[2]["prevalence"] == 0
    with pytest.raises(DataError, match="one group a row"):
        ranking_report([1, 0], [0.1, 0.2], groups=[1])
