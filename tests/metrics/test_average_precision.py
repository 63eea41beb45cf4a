from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from steelyard.metrics import average_precision


def test_equals_scikit_learn(binary) -> None:
    got = average_precision(binary.y, binary.p, sample_weight=binary.weight)
    assert got == pytest.approx(
        average_precision_score(binary.y, binary.p, sample_weight=binary.weight), abs=1e-12
    )


def test_macro_mean_leaves_out_the_absent_class(many) -> None:
    present = [0, 1, 2, 4]
    expected = average_precision_score(
        np.eye(5)[many.y][:, present], many.p[:, present], average="macro", sample_weight=many.weight
    )
    got = average_precision(many.y, many.p, sample_weight=many.weight)
    assert got == pytest.approx(expected, abs=1e-12)


def test_by_hand() -> None:
    assert average_precision([1, 0, 1, 0], [0.9, 0.6, 0.4, 0.2]) == pytest.approx((1 + 2 / 3) / 2, abs=1e-15)
    # all tied: one step at the prevalence
    assert average_precision([1, 0, 0, 0], [0.5] * 4) == 0.25


def test_undefined_without_positives_and_one_without_negatives() -> None:
    assert np.isnan(average_precision([0, 0], [0.1, 0.2]))
    assert average_precision([1, 1], [0.1, 0.2]) == 1


def test_is_one_minus_what_false_alarms_cost() -> None:
    # AP = 1 - P(y=0) E+[FPR / rate], card 016, without ties
    for seed in range(300):
        rng = np.random.default_rng(seed)
        n = int(rng.integers(5, 60))
        y = rng.permutation(np.r_[0, 1, (rng.random(n) < rng.random()).astype(int)])
        s = rng.permutation(n + 2) + rng.random() * y
        fpr = np.array([(s[y == 0] >= t).mean() for t in s[y == 1]])
        rate = np.array([(s >= t).mean() for t in s[y == 1]])
        assert average_precision(y, s) == pytest.approx(1 - (y == 0).mean() * (fpr / rate).mean(), abs=1e-12)


def test_fixing_one_atomic_mistake_gains_by_the_closed_form() -> None:
    y = np.array([1, 0, 1, 1, 0, 0, 1])
    s = np.arange(7, 0, -1.0)
    before = average_precision(y, s)
    for i in np.flatnonzero((y[:-1] == 0) & (y[1:] == 1)):
        fixed = y.copy()
        fixed[[i, i + 1]] = 1, 0
        r, k = i + 1, y[: i + 2].sum()
        assert average_precision(fixed, s) - before == pytest.approx(k / (4 * r * (r + 1)), abs=1e-12)
