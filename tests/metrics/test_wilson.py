from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from steelyard.core import UsageError
from steelyard.metrics import wilson_interval


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_against_scipy(confidence: float) -> None:
    pairs = [(h, n) for n in (1, 2, 7, 50, 1000) for h in {0, 1, n // 2, n - 1, n}]
    low, high = wilson_interval([h for h, _ in pairs], [n for _, n in pairs], confidence=confidence)
    expected = [binomtest(h, n).proportion_ci(confidence, method="wilson") for h, n in pairs]
    assert low == pytest.approx([one.low for one in expected], abs=1e-12)
    assert high == pytest.approx([one.high for one in expected], abs=1e-12)


def test_without_trials_nothing_is_known() -> None:
    low, high = wilson_interval([[0, 3]], [[0, 4]])
    assert (low[0, 0], high[0, 0]) == (0, 1)
    assert 0 < low[0, 1] < 0.75 < high[0, 1] < 1


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(UsageError, match="between 0 and the trials"):
        wilson_interval(3, 2)
    with pytest.raises(UsageError, match="confidence is 95"):
        wilson_interval(1, 2, confidence=95)
    assert np.shape(wilson_interval(1, 2)[0]) == ()
