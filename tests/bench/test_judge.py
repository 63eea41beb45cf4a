"""Claims can hold, fail, or remain open; worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from steelyard.bench import judge, paired
from steelyard.core import Claim


def _scores(gains: dict[str, list[float]], metric: str = "f1") -> pd.DataFrame:
    """One row a score: "plain" is 0.5 everywhere, "new" is better by the gains, by data set and seed."""
    rows = []
    for data, values in gains.items():
        for seed, gain in enumerate(values):
            for split in (0, 1):
                wiggle = 0.01 if split else -0.01  # cancels within a seed
                rows.append((data, "plain", "tree", seed, split, metric, 0.5))
                rows.append((data, "new", "tree", seed, split, metric, 0.5 + gain + wiggle))
    return pd.DataFrame(rows, columns=["data", "arm", "learner", "seed", "split", "metric", "value"])


CLAIM = Claim("new is better", "f1", "new", "plain")


def test_the_interval_is_students_over_seeds_when_there_are_few_data_sets() -> None:
    gains = [0.10, 0.14, 0.12]
    verdict = judge(CLAIM, _scores({"a": gains}))
    half = stats.t.ppf(0.975, 2) * np.std(gains, ddof=1) / np.sqrt(3)
    assert (verdict.answer, verdict.units, verdict.unit) == ("holds", 3, "seed")
    assert verdict.gain == pytest.approx(0.12)
    assert (verdict.low, verdict.high) == pytest.approx((0.12 - half, 0.12 + half))
    assert (verdict.arm, verdict.beats) == pytest.approx((0.62, 0.5))


def test_with_five_data_sets_a_data_set_is_the_unit() -> None:
    sets = {name: [0.01 * i, 0.01 * i + 0.02] for i, name in enumerate("abcdef", start=1)}
    verdict = judge(CLAIM, _scores(sets))
    assert (verdict.unit, verdict.units) == ("data set", 6)
    assert verdict.gain == pytest.approx(0.045)
    assert verdict.p == pytest.approx(stats.wilcoxon(np.arange(2, 8)).pvalue)


@pytest.mark.parametrize(
    ("gains", "by", "answer"),
    [
        ([0.10, 0.14, 0.12], 0.0, "holds"),
        ([0.10, 0.14, 0.12], 0.5, "does not hold"),
        ([-0.10, -0.14, -0.12], 0.0, "does not hold"),
        ([0.10, -0.14, 0.12], 0.0, "not shown"),
        ([0.10], 0.0, "not shown"),
    ],
)
def test_a_claim_can_hold_fail_or_stay_open(gains: list[float], by: float, answer: str) -> None:
    claim = Claim("new is better", "f1", "new", "plain", by=by)
    assert judge(claim, _scores({"a": gains})).answer == answer


def test_lower_is_better_turns_the_gain_round() -> None:
    claim = Claim("new loses less", "log_loss", "new", "plain", lower=True)
    verdict = judge(claim, _scores({"a": [-0.10, -0.14, -0.12]}, "log_loss"))
    assert verdict.answer == "holds"
    assert verdict.gain == pytest.approx(0.12)


def test_equality_is_about_every_single_trial() -> None:
    claim = Claim("new is the same", "f1", "new", "plain", within=0.011)
    assert judge(claim, _scores({"a": [0.0, 0.0]})).answer == "holds"
    assert judge(claim, _scores({"a": [0.0, 0.001001]})).answer == "does not hold"


def test_an_arm_without_results_is_not_judged_and_only_pairs_count() -> None:
    scores = _scores({"a": [0.1, 0.2]})
    assert judge(Claim("x", "f1", "new", "absent"), scores).answer == "not judged"
    assert judge(Claim("x", "f1", "new", "plain", data=("b",)), scores).answer == "not judged"
    lost = scores[~((scores["arm"] == "plain") & (scores["seed"] == 1))]
    assert len(paired(lost, "f1", "new", "plain")) == 2


def test_undefined_values_are_left_out() -> None:
    scores = _scores({"a": [0.1, 0.2]})
    scores.loc[scores["seed"] == 1, "value"] = np.nan
    assert judge(CLAIM, scores).units == 1


def test_a_claim_about_a_share_counts_data_sets() -> None:
    sets = {f"d{i}": [0.1 if i else -5.0] for i in range(30)}
    verdict = judge(Claim("new is better on 70 %", "f1", "new", "plain", share=0.7), _scores(sets))
    z = stats.norm.ppf(0.975)
    middle, n = (29 / 30 + z**2 / 60) / (1 + z**2 / 30), 30
    half = z / (1 + z**2 / n) * np.sqrt(29 / 30 * (1 / 30) / n + z**2 / (4 * n**2))
    assert verdict.gain == pytest.approx(29 / 30)
    assert (verdict.low, verdict.high) == pytest.approx((middle - half, middle + half))
    assert verdict.answer == "holds"
    assert "in 97%" in str(verdict)
    strict = Claim("new is better on 90 %", "f1", "new", "plain", share=0.9)
    assert judge(strict, _scores(sets)).answer == "not shown"
    few = {f"d{i}": [-0.1] for i in range(10)}
    assert judge(Claim("on 70 %", "f1", "new", "plain", share=0.7), _scores(few)).answer == "does not hold"


def test_a_claim_may_ask_the_signed_rank_test_too() -> None:
    sets = {f"d{i}": [0.01 * i] for i in range(1, 7)}  # six wins: p = 2 / 2**6
    assert judge(Claim("new is better", "f1", "new", "plain", p=0.05), _scores(sets)).answer == "holds"
    assert judge(Claim("new is better", "f1", "new", "plain", p=0.01), _scores(sets)).answer == "not shown"
