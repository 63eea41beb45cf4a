from __future__ import annotations

import numpy as np
import pytest

from steelyard.core import TooFewSamples, UsageError
from steelyard.data import balanced_twin

Y = np.repeat(["a", "b", "c"], [100, 30, 12])


@pytest.mark.parametrize("n", [3, 30, 31, 32])
def test_counts_are_equal_up_to_one_and_sum_to_n(n: int) -> None:
    rows = balanced_twin(Y, n, seed=1)
    counts = np.unique(Y[rows], return_counts=True)[1]
    assert counts.sum() == len(np.unique(rows)) == n
    assert np.ptp(counts) <= 1


def test_too_many_or_too_few_rows_are_refused() -> None:
    with pytest.raises(TooFewSamples, match="'c'"):
        balanced_twin(Y, 60)
    with pytest.raises(UsageError, match="at least one"):
        balanced_twin(Y, 2)
