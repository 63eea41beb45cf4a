from __future__ import annotations

import numpy as np
import pytest

from steelyard.core import DataError, TargetError, TooFewSamples
from steelyard.metrics import average_precision, log_loss, named


@pytest.mark.parametrize(
    ("y", "scores", "weight", "error", "words"),
    [
        (["a", "b"], [0.1, 0.2], None, TargetError, "prior.encode"),
        ([[0, 1]], [0.1, 0.2], None, TargetError, "one dimension"),
        ([0.0, 1.0], [0.1, 0.2], None, TargetError, "float64"),
        ([-1, 1], [0.1, 0.2], None, TargetError, "-1"),
        ([0, 2], [0.1, 0.2], None, TargetError, "2 classes"),
        ([0, 3], np.full((2, 3), 1 / 3), None, TargetError, "3 classes"),
        ([], [], None, TooFewSamples, "empty"),
        ([0, 1], [0.1], None, DataError, "2 labels"),
        ([0, 1], [[0.1], [0.2]], None, DataError, r"\(2, 1\)"),
        ([0, 1], [0.1, np.nan], None, DataError, "the (scores|probabilities)"),
        ([0, 1], [0.1, 0.2], [1], DataError, "one weight a row"),
        ([0, 1], [0.1, 0.2], [1, -1], DataError, "negative"),
        ([0, 1], [0.1, 0.2], [1, np.nan], DataError, "missing"),
        ([0, 1], [0.1, 0.2], [1, np.inf], DataError, "infinite"),
        ([0, 1], [0.1, 0.2], [0, 0], TooFewSamples, "zero"),
    ],
)
@pytest.mark.parametrize("metric", [average_precision, log_loss])
def test_bad_rows_are_named(metric, y, scores, weight, error, words) -> None:
    with pytest.raises(error, match=words):
        metric(y, scores, sample_weight=weight)


def test_booleans_small_integers_lists_and_two_columns_are_fine() -> None:
    y, p = [0, 1, 1], np.array([0.2, 0.1, 0.9])
    both = np.column_stack([1 - p, p])
    for metric in (average_precision, log_loss):
        expected = metric(y, p)
        assert metric(np.array(y, dtype=bool), p) == expected
        assert metric(np.array(y, dtype=np.uint8), both.tolist()) == expected
        assert metric(y, both.astype(np.float32)) == pytest.approx(expected, abs=1e-6)


def test_infinite_scores_rank() -> None:
    assert average_precision([1, 0, 1], [np.inf, 0, -np.inf]) == pytest.approx((1 + 2 / 3) / 2)


def test_every_metric_takes_weightless_rows_for_absent(binary) -> None:
    from steelyard.metrics import metric_names

    weight = np.ones(300)
    weight[::3] = 0
    kept = weight > 0
    for name in metric_names():
        full = named(name)(binary.y, binary.p, binary.decisions, weight)
        part = named(name)(binary.y[kept], binary.p[kept], binary.decisions[kept])
        assert full == pytest.approx(part, abs=1e-12), name
