from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import auc, precision_recall_curve

from steelyard.metrics import pr_auc_trapezoid


def reference(y, p, weight) -> float:
    precision, recall, _ = precision_recall_curve(y, p, sample_weight=weight)
    return auc(recall, precision)


def test_equals_scikit_learn(binary) -> None:
    got = pr_auc_trapezoid(binary.y, binary.p, sample_weight=binary.weight)
    assert got == pytest.approx(reference(*binary[:2], binary.weight), abs=1e-12)


def test_macro_mean_over_present_classes(many) -> None:
    each = [reference(many.y == k, many.p[:, k], many.weight) for k in (0, 1, 2, 4)]
    got = pr_auc_trapezoid(many.y, many.p, sample_weight=many.weight)
    assert got == pytest.approx(np.mean(each), abs=1e-12)


def test_a_constant_score_is_flattered() -> None:
    assert pr_auc_trapezoid([1] + [0] * 9, [0.5] * 10) == pytest.approx((1 + 0.1) / 2)


def test_undefined_without_positives() -> None:
    assert np.isnan(pr_auc_trapezoid([0, 0], [0.1, 0.2]))
