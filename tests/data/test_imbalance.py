from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.core import TooFewSamples, UsageError
from steelyard.data import dirichlet, exponential, linear, make_imbalanced, reverse, step, to_ratio

BALANCED = np.repeat(np.arange(10), 5000)


def counts(y, *args, **named) -> list[int]:
    rows = make_imbalanced(y, *args, **named)
    assert rows.dtype == np.int64
    assert (np.diff(rows) > 0).all()
    return [int((np.asarray(y)[rows] == label).sum()) for label in sorted(set(y))]


def test_the_published_long_tails_of_cifar() -> None:
    assert counts(BALANCED, exponential(100)) == [5000, 2997, 1796, 1077, 645, 387, 232, 139, 83, 50]
    assert counts(BALANCED, exponential(10)) == [5000, 3871, 2997, 2320, 1796, 1391, 1077, 834, 645, 500]
    assert counts(BALANCED, step(100)) == [5000] * 5 + [50] * 5
    assert counts(BALANCED, step(10, minority=0.2)) == [5000] * 8 + [500] * 2


def test_linear_and_reversed() -> None:
    assert counts(BALANCED[:25_000], linear(5)) == [5000, 4000, 3000, 2000, 1000]
    assert counts(BALANCED, reverse(exponential(100))) == counts(BALANCED, exponential(100))[::-1]


def test_unbalanced_rows_allow_a_smaller_head() -> None:
    y = np.repeat([0, 1, 2], [1000, 50, 20])
    assert counts(y, exponential(100)) == [500, 50, 5]
    assert counts(y, reverse(exponential(100))) == [0, 2, 20]


def test_to_ratio_both_ways() -> None:
    y = np.repeat([0, 1, 2], [1000, 500, 100])
    assert counts(y, to_ratio(50)) == [1000, 500, 20]
    assert counts(y, to_ratio(4)) == [400, 400, 100]
    assert counts(y, to_ratio(10)) == [1000, 500, 100]


def test_counts_by_label_and_order() -> None:
    y = np.repeat(["a", "b", "c"], 30)
    assert counts(y, {"c": 3, "a": 30}) == [30, 0, 3]
    assert counts(y, exponential(9), order=["c", "a", "b"]) == [10, 3, 30]


def test_dirichlet() -> None:
    y = np.repeat(np.arange(5), 200)
    shares = np.random.default_rng(4).dirichlet(np.full(5, 0.5))
    got = counts(y, dirichlet(0.5), seed=4)
    assert max(got) == 200
    assert np.allclose(np.array(got) / 200, shares / shares.max(), atol=0.006)
    assert np.std(counts(y, dirichlet(10_000), seed=4)) < 5


def test_seeds() -> None:
    first, again = (make_imbalanced(BALANCED, exponential(100), seed=1) for _ in range(2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, make_imbalanced(BALANCED, exponential(100), seed=2))


@given(
    st.lists(st.integers(1, 60), min_size=2, max_size=6),
    st.floats(1, 50),
    st.sampled_from([exponential, linear, step, to_ratio]),
)
def test_no_profile_asks_for_rows_that_are_not_there(sizes, ratio, profile) -> None:
    y = np.repeat(np.arange(len(sizes)), sizes)
    got = counts(y, profile(ratio))
    assert all(few <= many for few, many in zip(got, sizes, strict=True))
    assert max(got) >= 1


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: make_imbalanced([0, 1], {0: 2}), TooFewSamples),
        (lambda: make_imbalanced([0, 1], {2: 1}), UsageError),
        (lambda: make_imbalanced([0, 1], exponential(2), order=[0]), UsageError),
        (lambda: make_imbalanced([0, 1], exponential(2), order=[0, 0, 1]), UsageError),
        (lambda: make_imbalanced([1, 1], exponential(2)), UsageError),
        (lambda: exponential(0.5), UsageError),
        (lambda: linear(float("nan")), UsageError),
        (lambda: step(10, minority=1), UsageError),
        (lambda: to_ratio(0), UsageError),
        (lambda: dirichlet(0), UsageError),
    ],
)
def test_what_cannot_be_made(call, error) -> None:
    with pytest.raises(error):
        call()
