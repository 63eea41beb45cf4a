from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from steelyard.core import UsageError
from steelyard.metrics import partial_roc_auc, roc_auc


@pytest.mark.parametrize("max_fpr", [0.01, 0.1, 0.37, 0.99])
def test_equals_scikit_learn(binary, max_fpr) -> None:
    got = partial_roc_auc(binary.y, binary.p, max_fpr=max_fpr, sample_weight=binary.weight)
    expected = roc_auc_score(binary.y, binary.p, max_fpr=max_fpr, sample_weight=binary.weight)
    assert got == pytest.approx(expected, abs=1e-12)


def test_the_whole_curve_is_the_roc_area(binary) -> None:
    whole = partial_roc_auc(binary.y, binary.p, max_fpr=1, sample_weight=binary.weight)
    assert whole == pytest.approx(roc_auc(binary.y, binary.p, sample_weight=binary.weight), abs=1e-12)


def test_macro_mean_over_present_classes(many) -> None:
    each = [
        roc_auc_score(many.y == k, many.p[:, k], max_fpr=0.1, sample_weight=many.weight) for k in (0, 1, 2, 4)
    ]
    got = partial_roc_auc(many.y, many.p, sample_weight=many.weight)
    assert got == pytest.approx(np.mean(each), abs=1e-12)


def test_limits() -> None:
    y = [0] * 20 + [1] * 5
    assert partial_roc_auc(y, y) == 1
    assert partial_roc_auc(y, [0.5] * 25) == pytest.approx(0.5)
    assert np.isnan(partial_roc_auc([0, 0], [0.1, 0.2]))
    assert np.isnan(partial_roc_auc([1, 1], [0.1, 0.2]))


@pytest.mark.parametrize("max_fpr", [0, -0.1, 1.1, float("nan")])
def test_bad_rates_are_refused(max_fpr) -> None:
    with pytest.raises(UsageError, match="max_fpr"):
        partial_roc_auc([0, 1], [0.1, 0.2], max_fpr=max_fpr)
