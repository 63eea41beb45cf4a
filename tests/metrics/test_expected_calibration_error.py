from __future__ import annotations

import numpy as np
import pytest

from steelyard.metrics import expected_calibration_error


def naive(event, p, weight, n_bins=15) -> float:
    """Loop over half-open bins of equal width; the predictions meet no edge but 0 and 1."""
    weight = np.ones(len(p)) if weight is None else weight
    total = 0.0
    for b in range(n_bins):
        inside = (p >= b / n_bins) & ((p < (b + 1) / n_bins) | (b == n_bins - 1))
        if weight[inside].sum():
            gap = np.average(p[inside], weights=weight[inside]) - np.average(
                event[inside], weights=weight[inside]
            )
            total += abs(gap) * weight[inside].sum()
    return total / weight.sum()


def test_equals_a_loop_over_bins(binary) -> None:
    for n_bins in (1, 3, 15):
        p = (
            binary.p * 0.998 + 0.0013
        )  # rounded predictions leave the edges, where a loop's divisions may differ
        got = expected_calibration_error(binary.y, p, n_bins=n_bins, sample_weight=binary.weight)
        assert got == pytest.approx(naive(binary.y, p, binary.weight, n_bins), abs=1e-12)


def test_many_classes_judge_the_most_probable_one(many) -> None:
    p = many.p * 0.997 + 0.003 / 5
    got = expected_calibration_error(many.y, p, sample_weight=many.weight)
    assert got == pytest.approx(naive(p.argmax(axis=1) == many.y, p.max(axis=1), many.weight), abs=1e-12)


def test_calibrated_and_not() -> None:
    y = np.repeat([0, 1, 0, 1], [9, 1, 5, 5])
    p = np.repeat([0.1, 0.5], 10)
    assert expected_calibration_error(y, p) == pytest.approx(0, abs=1e-12)
    assert expected_calibration_error(y, p + 0.2) == pytest.approx(0.2)
