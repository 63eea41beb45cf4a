from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2_contingency

from steelyard.core import TooFewSamples, UsageError
from steelyard.decide import Threshold, best_threshold, flag_rate_shift
from steelyard.metrics import f1


def test_it_is_the_chi_squared_test_without_correction() -> None:
    before, now = np.repeat([1, 0], [30, 170]), np.repeat([1, 0], [70, 230])
    expected = chi2_contingency([[30, 170], [70, 230]], correction=False).pvalue
    assert flag_rate_shift(before, now).p_value == pytest.approx(expected)


def test_false_alarms_are_as_rare_as_asked_for() -> None:
    rng = np.random.default_rng(0)
    raised = [
        flag_rate_shift(rng.random(500) < 0.2, rng.random(800) < 0.2, level=0.05).moved for _ in range(2000)
    ]
    assert np.mean(raised) == pytest.approx(0.05, abs=0.02)


def macro_f1(y: np.ndarray, decided: np.ndarray) -> float:
    return (f1(y, decided) + f1(1 - y, 1 - decided)) / 2


def test_a_threshold_tuned_at_another_prevalence_is_worse_and_is_noticed() -> None:
    rng = np.random.default_rng(0)

    def rows(n: int, share: float) -> tuple[np.ndarray, np.ndarray]:
        y = (rng.random(n) < share).astype(int)
        return y, 1 / (1 + np.exp(-(rng.normal(size=n) + 1.5 * y - 1.5)))

    (y_same, p_same), (y_other, p_other), (y, p) = rows(2000, 0.2), rows(2000, 0.8), rows(4000, 0.2)
    same, other = (
        Threshold(best_threshold(*pair, "f1")[0]) for pair in ((y_same, p_same), (y_other, p_other))
    )
    assert macro_f1(y, other.decide(p)) < macro_f1(y, same.decide(p)) - 0.05
    assert flag_rate_shift(other.decide(p_other), other.decide(p)).moved
    assert "re-target" in flag_rate_shift(other.decide(p_other), other.decide(p)).text
    assert "no more than chance" in flag_rate_shift(same.decide(p_same), same.decide(p)).text


def test_edges_of_flag_rates() -> None:
    assert not flag_rate_shift([0, 0], [0]).moved
    with pytest.raises(TooFewSamples, match="0 and 1 decisions"):
        flag_rate_shift([], [1])
    with pytest.raises(UsageError, match="level is 1"):
        flag_rate_shift([1], [1], level=1)
