from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import fbeta_score

from steelyard.core import UsageError
from steelyard.metrics import f1, f2, f_beta


@pytest.mark.parametrize("beta", [0.5, 1, 2])
def test_equals_scikit_learn(binary, beta) -> None:
    got = f_beta(binary.y, binary.decisions, beta=beta, sample_weight=binary.weight)
    expected = fbeta_score(binary.y, binary.decisions, beta=beta, sample_weight=binary.weight)
    assert got == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("beta", [0.5, 1, 2])
def test_macro_mean_over_present_classes(many, beta) -> None:
    expected = fbeta_score(
        many.y, many.decisions, beta=beta, labels=[0, 1, 2, 4], average="macro", sample_weight=many.weight
    )
    got = f_beta(many.y, many.decisions, beta=beta, sample_weight=many.weight, n_classes=5)
    assert got == pytest.approx(expected, abs=1e-12)


def test_f1_and_f2_are_its_two_names(binary, many) -> None:
    for y, _, decisions, weight in (binary, many):
        assert f1(y, decisions, sample_weight=weight) == f_beta(y, decisions, beta=1, sample_weight=weight)
        assert f2(y, decisions, sample_weight=weight) == f_beta(y, decisions, beta=2, sample_weight=weight)


def test_nothing_flagged_is_zero_but_nothing_to_flag_is_undefined() -> None:
    assert f1([0, 1], [0, 0]) == 0
    assert f1([0, 0], [0, 1]) == 0
    assert np.isnan(f1([0, 0], [0, 0]))


def test_a_fold_of_two_classes_is_still_judged_over_many() -> None:
    y, decisions = [0, 0, 1, 1], [0, 0, 0, 1]
    assert f1(y, decisions) == pytest.approx(2 / 3)
    assert f1(y, decisions, n_classes=3) == pytest.approx((0.8 + 2 / 3) / 2)


def test_bad_beta_is_refused() -> None:
    with pytest.raises(UsageError, match="beta is 0"):
        f_beta([0, 1], [0, 1], beta=0)
