from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from steelyard.metrics import normalised_average_precision


def reference(y, p, weight) -> float:
    share = np.average(y, weights=weight)
    return (average_precision_score(y, p, sample_weight=weight) - share) / (1 - share)


def test_is_average_precision_above_prevalence(binary) -> None:
    got = normalised_average_precision(binary.y, binary.p, sample_weight=binary.weight)
    assert got == pytest.approx(reference(binary.y, binary.p, binary.weight), abs=1e-12)


def test_macro_mean_over_present_classes(many) -> None:
    each = [reference(many.y == k, many.p[:, k], many.weight) for k in (0, 1, 2, 4)]
    got = normalised_average_precision(many.y, many.p, sample_weight=many.weight)
    assert got == pytest.approx(np.mean(each), abs=1e-12)


def test_limits() -> None:
    assert normalised_average_precision([0, 0, 0, 1], [0, 1, 2, 3]) == 1
    assert normalised_average_precision([0, 0, 0, 1], [7, 7, 7, 7]) == 0
    assert np.isnan(normalised_average_precision([0, 0], [0.1, 0.2]))
    assert np.isnan(normalised_average_precision([1, 1], [0.1, 0.2]))
