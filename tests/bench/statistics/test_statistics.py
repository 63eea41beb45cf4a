"""Statistics against a published example, independent libraries, and hand values."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.stats import rankdata

from steelyard.bench.statistics import (
    Friedman,
    bayesian_signed_rank,
    by_tier,
    cliques,
    compare_pairs,
    critical_difference,
    elo_ratings,
    friedman,
    holm,
    mean_ranks,
    rank_intervals,
    score_table,
)
from steelyard.core import DataError, TooFewSamples, UsageError

# Demšar (2006), Table 6: areas under the ROC curve of C4.5 with and without tuned m and cf
DEMSAR = pd.DataFrame(
    [
        (0.763, 0.768, 0.771, 0.798),
        (0.599, 0.591, 0.590, 0.569),
        (0.954, 0.971, 0.968, 0.967),
        (0.628, 0.661, 0.654, 0.657),
        (0.882, 0.888, 0.886, 0.898),
        (0.936, 0.931, 0.916, 0.931),
        (0.661, 0.668, 0.609, 0.685),
        (0.583, 0.583, 0.563, 0.625),
        (0.775, 0.838, 0.866, 0.875),
        (1.000, 1.000, 1.000, 1.000),
        (0.940, 0.962, 0.965, 0.962),
        (0.619, 0.666, 0.614, 0.669),
        (0.972, 0.981, 0.975, 0.9749),  # printed alike, ranked 2 and 3
        (0.957, 0.978, 0.946, 0.970),
    ],
    columns=["C4.5", "m", "cf", "m+cf"],
)


def test_the_published_example_comes_out() -> None:
    ranks = mean_ranks(DEMSAR)
    assert ranks.round(3).to_dict() == {"m+cf": 1.964, "m": 2.0, "cf": 2.893, "C4.5": 3.143}
    # the article computes chi2 = 9.28 and F = 3.69 without the correction for ties
    n, k = DEMSAR.shape
    chi2 = 12 * n / (k * (k + 1)) * ((ranks**2).sum() - k * (k + 1) ** 2 / 4)
    assert chi2 == pytest.approx(9.28, abs=0.01)
    assert (n - 1) * chi2 / (n * (k - 1) - chi2) == pytest.approx(3.69, abs=0.01)
    assert critical_difference(k, n, 0.05) == pytest.approx(1.25, abs=0.01)
    assert critical_difference(k, n, 0.10) == pytest.approx(1.12, abs=0.01)


def test_friedman_with_ties_agrees_with_an_independent_computation() -> None:
    from scipy.stats import friedmanchisquare

    got = friedman(DEMSAR)
    n, k = DEMSAR.shape
    ranks = DEMSAR.rank(axis=1)
    tied = sum(float((t**3 - t).sum()) for t in (row.value_counts() for _, row in ranks.iterrows()))
    plain = 12 * n / (k * (k + 1)) * ((ranks.mean() ** 2).sum() - k * (k + 1) ** 2 / 4)
    assert got.chi2 == pytest.approx(plain / (1 - tied / (n * k * (k**2 - 1))))
    assert got.p == pytest.approx(friedmanchisquare(*DEMSAR.to_numpy().T).pvalue)
    assert 0 < got.p_f < got.p


def test_arms_that_tie_everywhere_do_not_differ() -> None:
    table = pd.DataFrame({"a": [0.5, 0.6], "b": [0.5, 0.6], "c": [0.5, 0.6]})
    assert friedman(table) == Friedman(0.0, 1.0, 0.0, 1.0)


def test_the_signed_rank_test_is_exact_on_few_data_sets_that_tie() -> None:
    gap = np.array([0.0, 1, 2, 2, 3, 4, -1, 5])
    ranks = rankdata(np.abs(gap[1:]))  # no difference has no rank
    sums = np.array(list(product((0, 1), repeat=7))) @ ranks  # the seven signs, all ways
    p = 2 * (sums >= ranks[gap[1:] > 0].sum()).mean()
    assert compare_pairs(pd.DataFrame({"a": gap, "b": 0.0})).p.tolist() == pytest.approx([p])


def test_nemenyi_and_holm_agree_with_scikit_posthocs() -> None:
    posthocs = pytest.importorskip("scikit_posthocs")
    p = posthocs.posthoc_nemenyi_friedman(DEMSAR.to_numpy())
    ranks = mean_ranks(DEMSAR)[DEMSAR.columns].to_numpy()
    gaps = np.abs(ranks[:, None] - ranks[None, :])
    off = ~np.eye(4, dtype=bool)
    for alpha in (0.05, 0.1, 0.3):
        ours = gaps > critical_difference(4, 14, alpha)
        np.testing.assert_array_equal(ours[off], (p.to_numpy() < alpha)[off])
    pairs = compare_pairs(DEMSAR)
    theirs = posthocs.posthoc_wilcoxon(
        DEMSAR.melt(), val_col="value", group_col="variable", p_adjust="holm", zero_method="wilcox"
    )
    for row in pairs.itertuples():
        assert row.p_holm == pytest.approx(theirs.loc[row.arm, row.other], abs=0.02)


def test_holm_is_monotone_and_capped() -> None:
    assert holm([0.9, 0.001, 0.5, 0.02]).tolist() == pytest.approx([1.0, 0.004, 1.0, 0.06])
    assert holm([]).tolist() == []


def test_the_bayesian_test_agrees_with_baycomp() -> None:
    baycomp = pytest.importorskip("baycomp")
    gap = (DEMSAR["m+cf"] - DEMSAR["C4.5"]).to_numpy()
    theirs = baycomp.SignedRankTest.probs(gap, np.zeros_like(gap), rope=0.01, nsamples=50_000)
    ours = bayesian_signed_rank(gap, rope=0.01)
    assert (ours.worse, ours.same, ours.better) == pytest.approx((theirs[2], theirs[1], theirs[0]), abs=0.05)
    assert ours.better + ours.same + ours.worse == pytest.approx(1)


def test_small_differences_are_practically_the_same() -> None:
    rng = np.random.default_rng(0)
    assert bayesian_signed_rank(rng.normal(0, 0.002, 30), rope=0.01).same > 0.99
    assert bayesian_signed_rank(rng.normal(-0.1, 0.02, 30), rope=0.01).worse > 0.99
    with pytest.raises(TooFewSamples):
        bayesian_signed_rank([])


def test_rank_intervals_hold_the_rank_and_name_the_best() -> None:
    table = pd.DataFrame({"a": np.arange(20) + 0.5, "b": np.arange(20) + 0.0, "c": np.arange(20) - 1.0})
    found = rank_intervals(table)
    assert found["rank"].to_dict() == {"a": 1.0, "b": 2.0, "c": 3.0}
    assert found["best"].to_dict() == {"a": 1.0, "b": 0.0, "c": 0.0}
    mixed = rank_intervals(DEMSAR)
    assert (mixed["low"] <= mixed["rank"]).all()
    assert (mixed["rank"] <= mixed["high"]).all()


def test_elo_turns_win_rates_into_points() -> None:
    """Ten wins to one loss are 400 points apart; 0.1 games each way are too few to matter."""
    better = [1.0] * 1000 + [0.0] * 100
    table = pd.DataFrame({"a": better, "b": [0.5] * 1100})
    found = elo_ratings(table, draws=20)
    assert found.loc["a", "rating"] - found.loc["b", "rating"] == pytest.approx(400, abs=2)
    assert found["rating"].mean() == pytest.approx(1000)
    unbeaten = elo_ratings(pd.DataFrame({"a": [1.0] * 5, "b": [0.0] * 5}), draws=20)
    assert np.isfinite(unbeaten.to_numpy()).all()


def test_cliques_do_not_contain_each_other() -> None:
    ranks = pd.Series({"a": 1.0, "b": 1.2, "c": 1.9, "d": 3.0})
    assert cliques(ranks, 1.0) == [("a", "b", "c")]
    assert cliques(ranks, 0.1) == []
    assert cliques(ranks, 5.0) == [("a", "b", "c", "d")]


def test_score_tables_turn_signs_and_leave_gaps_out() -> None:
    rows = [
        ("d", "a", "", 0, 0, "loss", 2.0),
        ("d", "b", "", 0, 0, "loss", 1.0),
        ("e", "a", "", 0, 0, "loss", 1.0),
    ]
    scores = pd.DataFrame(rows, columns=["data", "arm", "learner", "seed", "split", "metric", "value"])
    assert score_table(scores, "loss", lower=True).to_dict("index") == {"d": {"a": -2.0, "b": -1.0}}
    with pytest.raises(UsageError, match="the study has loss"):
        score_table(scores, "f1")
    with pytest.raises(DataError, match="every arm"):
        score_table(scores[1:], "loss")


def test_tiers_are_closed_above() -> None:
    table = pd.DataFrame({"a": [1.0, 2.0, 3.0]}, index=["x", "y", "z"])
    found = by_tier(table, pd.Series({"x": 10.0, "y": 10.1, "z": 100.0}), [10, 50])
    assert found["a"].to_dict() == {"up to 10": 1.0, "10 to 50": 2.0, "over 50": 3.0}
    with pytest.raises(UsageError, match="no value for 'z'"):
        by_tier(table, pd.Series({"x": 1.0, "y": 1.0}), [10])
