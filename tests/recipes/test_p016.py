"""The bias of selecting by AUPRC, at the card's own setting."""

from __future__ import annotations

import pandas as pd
import pytest
from scipy import stats

from steelyard.bench import Shared
from steelyard.recipes.p016_auroc_and_auprc import build, figures

SMALL = build("small", 0)


def _gains(data: str, arm: str) -> pd.DataFrame:
    trials = [trial for trial in SMALL if (trial.data, trial.arm) == (data, arm)]
    return pd.DataFrame([dict(trial.run(trial, Shared())) for trial in trials])


def test_fixing_by_auprc_favours_the_group_with_more_positives_and_by_auroc_does_not() -> None:
    precise, any_ = (_gains("mistakes at 0.85", f"by {name}") for name in ("AUPRC", "AUROC"))
    assert len(precise) == 20
    assert stats.ttest_1samp(precise["favour"], 0.0).statistic > 5
    assert abs(any_["favour"].mean()) < precise["favour"].mean() / 3
    assert any_["low_25"].mean() > 5 * precise["low_25"].mean()


def test_a_ranking_left_alone_gains_nothing() -> None:
    still = _gains("noise at 0.65", "untouched")
    assert (still.filter(regex="favour|high_|low_") == 0).all(axis=None)


def test_figures_show_both_groups_round_by_round() -> None:
    rows = [
        (trial.data, trial.arm, trial.learner, trial.seed, 0, name, value)
        for trial in SMALL
        if trial.seed < 2 and (trial.data == "formulas" or trial.data.startswith("mistakes"))
        for name, value in trial.run(trial, Shared()).items()
    ]
    names = ["data", "arm", "learner", "seed", "split", "metric", "value"]
    scores = pd.DataFrame(rows, columns=names)
    by_prevalence, *rounds = figures(scores)
    assert [line["name"] for line in by_prevalence["lines"]] == ["AUROC 0.5", "AUROC 0.696", "AUROC 0.892"]
    x, mean, low, high = by_prevalence["lines"][0]["points"][0]
    chosen = scores.query("metric == 'average_precision' and arm == 'decomposition' and data == 'formulas'")
    expected = chosen.loc[chosen["learner"] == "AUROC 0.5, prevalence 0.01", "value"]
    assert (x, mean) == pytest.approx((0.01, expected.mean()))
    assert low < mean < high
    assert len(rounds) == 4
    assert [point[0] for point in rounds[0]["lines"][1]["points"]] == list(range(1, 26))
