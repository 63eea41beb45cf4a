"""The arms' places within each learner."""

from __future__ import annotations

import pandas as pd
import pytest

from steelyard.bench.statistics import by_learner, elo_ratings, rank_intervals, score_table
from steelyard.core import DataError, UsageError

NAMES = ["data", "arm", "learner", "seed", "split", "metric", "value"]


def _scores() -> pd.DataFrame:
    """Four sets; with trees a wins thrice, with nets b wins always and c has no result."""
    tree = {"a": (0.9, 0.8, 0.7, 0.1), "b": (0.5, 0.6, 0.5, 0.6), "c": (0.4, 0.4, 0.6, 0.2)}
    net = {"a": (0.1, 0.2, 0.3, 0.4), "b": (0.2, 0.3, 0.4, 0.5)}
    rows = [
        (f"set{i}", arm, learner, seed, 0, "f1", value + (0.01 if seed else -0.01))
        for learner, arms in (("tree", tree), ("net", net))
        for arm, values in arms.items()
        for i, value in enumerate(values)
        for seed in (0, 1)
    ]
    return pd.DataFrame(rows, columns=NAMES)


def test_ranks_are_worked_out_with_one_learner_alone() -> None:
    found = by_learner(_scores(), "f1")
    assert list(zip(found["learner"], found["arm"], strict=True)) == [
        ("net", "b"), ("net", "a"), ("tree", "a"), ("tree", "b"), ("tree", "c"),
    ]  # fmt: skip
    assert found["rank"].tolist() == [1, 2, (1 + 1 + 1 + 3) / 4, (2 + 2 + 3 + 1) / 4, (3 + 3 + 2 + 2) / 4]
    assert (found["sets"] == 4).all()
    assert (found["low"] <= found["rank"]).all()
    assert (found["rank"] <= found["high"]).all()
    assert found.loc[0, ["low", "high", "best"]].tolist() == [1, 1, 1]


def test_elo_and_intervals_are_those_of_the_learners_own_table() -> None:
    scores = _scores()
    table = score_table(scores[scores["learner"] == "tree"], "f1")
    own = by_learner(scores, "f1").query("learner == 'tree'").set_index("arm")
    pd.testing.assert_frame_equal(
        own[["rank", "low", "high", "best"]], rank_intervals(table), check_names=False
    )
    elo = elo_ratings(table).loc[own.index]
    assert own["elo"].tolist() == elo["rating"].tolist()
    assert own["elo_low"].tolist() == elo["low"].tolist()
    assert (own["elo_low"] < own["elo_high"]).all()


def test_smaller_is_better_turns_the_order() -> None:
    assert by_learner(_scores(), "f1", lower=True).query("learner == 'net'")["arm"].tolist() == ["a", "b"]


def test_learners_without_a_common_set_are_left_out_and_none_is_an_error() -> None:
    scores = _scores()
    torn = scores[~((scores["learner"] == "net") & (scores["data"] < "set2") & (scores["arm"] == "a"))]
    torn = torn[~((torn["learner"] == "net") & (torn["data"] >= "set2") & (torn["arm"] == "b"))]
    assert set(by_learner(torn, "f1")["learner"]) == {"tree"}
    with pytest.raises(DataError, match="no data set has scores"):
        by_learner(torn[torn["learner"] == "net"], "f1")
    with pytest.raises(UsageError, match="no scores of 'mcc'"):
        by_learner(scores, "mcc")
