from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.core import TargetError, UsageError
from steelyard.samplers import hardness, hardness_bins, largest_remainder, self_paced_quotas


@pytest.mark.parametrize(("alpha", "expected"), [(0, [18, 2]), (1e16, [10, 10]), (1, [13, 7])])
def test_quotas_of_two_bins_by_hand(alpha: float, expected: list[int]) -> None:
    assert self_paced_quotas([60, 40], [0.1, 0.9], 20, alpha).tolist() == expected


def test_an_empty_middle_bin_gets_nothing_and_the_quota_is_met() -> None:
    quotas = self_paced_quotas([60, 0, 40], [0.1, 0.0, 0.9], 20, 1e16)
    assert quotas.tolist() == [10, 0, 10]


def test_a_bin_without_hardness_gets_nothing_while_alpha_is_zero() -> None:
    assert self_paced_quotas([60, 40], [0.0, 0.5], 10, 0).tolist() == [0, 10]
    assert self_paced_quotas([60, 0], [0.0, 0.0], 10, 0).tolist() == [10, 0]


def test_bins_too_small_pass_their_rest_on() -> None:
    assert self_paced_quotas([3, 40], [0.1, 0.9], 20, 0, capacity=[3, 40]).tolist() == [3, 17]
    assert self_paced_quotas([3, 4], [0.0, 0.9], 6, 0, capacity=[3, 4]).tolist() == [2, 4]


@given(
    st.lists(st.tuples(st.integers(0, 50), st.floats(0, 1)), min_size=1, max_size=12),
    st.integers(0, 200),
    st.floats(0, 1e17),
)
@settings(max_examples=100, deadline=None)
def test_the_quota_is_always_met_exactly(bins: list[tuple[int, float]], total: int, alpha: float) -> None:
    size, mean = (np.array(column, dtype=float) for column in zip(*bins, strict=True))
    if not size.any():
        return
    free = self_paced_quotas(size, mean, total, alpha)
    assert free.sum() == total
    assert (free[size == 0] == 0).all()
    held = self_paced_quotas(size, mean, total, alpha, capacity=size)
    assert held.sum() == min(total, size.sum())
    assert (held <= size).all()


def test_largest_remainder_never_loses_a_row_to_rounding_noise() -> None:
    assert largest_remainder([10, 10 / 9], 20).tolist() == [18, 2]
    assert largest_remainder([1, 1, 1], 10).tolist() == [4, 3, 3]


def test_hardness_kinds_by_hand() -> None:
    proba = [[0.75, 0.25], [0.5, 0.5]]
    assert hardness([0, 1], proba).tolist() == [0.25, 0.5]
    assert hardness([0, 1], proba, "squared").tolist() == [0.0625, 0.25]
    assert hardness([0, 1], proba, "cross_entropy") == pytest.approx([-np.log(0.75), np.log(2)])
    assert np.isfinite(hardness([0], [0.0], "cross_entropy")).all()


def test_absolute_hardness_is_the_distance_to_the_label_for_two_classes() -> None:
    p = np.random.default_rng(0).random(20)
    y = np.arange(20) % 2
    assert hardness(y, np.c_[1 - p, p]) == pytest.approx(np.abs(p - y))


def test_bad_arguments_are_named() -> None:
    with pytest.raises(UsageError, match="cross_entropy"):
        hardness([0], [1.0], "entropy")
    with pytest.raises(TargetError, match="one column a class"):
        hardness([2], [[0.5, 0.5]])
    with pytest.raises(TargetError):
        hardness([0, 1], [[0.5, 0.5]])


def test_rows_of_one_hardness_have_no_bins() -> None:
    assert hardness_bins([0.3, 0.3], 5) is None
    assert hardness_bins([0.0, 0.19, 0.2, 1.0], 5).tolist() == [0, 0, 1, 4]
