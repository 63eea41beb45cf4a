"""The table of arms: means by hand, sets apart for the first metric, gains with their interval."""

from __future__ import annotations

import pandas as pd
import pytest

from steelyard.bench import arm_table, as_markdown, judge
from steelyard.bench.reproduction import Reproduction
from steelyard.bench.study import StudyResults
from steelyard.cli.reproduce import _row, _total
from steelyard.core import Claim, Paper

COLUMNS = ["data", "arm", "learner", "seed", "split", "metric", "value"]


@pytest.fixture
def scores() -> pd.DataFrame:
    rows = []
    for data, base in (("a", 0.2), ("b", 0.6)):
        for seed in range(3 if data == "a" else 1):
            for arm, more in (("plain", 0.0), ("new", 0.1 + 0.01 * seed)):
                rows.append((data, arm, "net", seed, 0, "f1", base + more))
                rows.append((data, arm, "net", seed, 0, "recall", base))
    return pd.DataFrame([*rows, ("a", "other", "net", 0, 0, "time", 3.0)], columns=COLUMNS)


def test_data_sets_count_alike_and_the_best_arm_comes_first(scores: pd.DataFrame) -> None:
    table = arm_table(scores, ["f1", "recall"], control="plain")
    assert list(table.columns) == ["f1, a", "f1, b", "f1", "recall", "gain over plain"]
    assert list(table.index) == ["new", "plain"]
    assert table.loc["new", "f1, a"] == pytest.approx(0.31)
    assert table.loc["new", "f1"] == pytest.approx((0.31 + 0.7) / 2)
    assert table.loc["plain", "recall"] == pytest.approx(0.4)
    assert table.loc["new", "gain over plain"].startswith("+0.107 (+0.0")
    assert table.loc["plain", "gain over plain"] == ""
    assert list(arm_table(scores, ["f1"], lower=True).index) == ["plain", "new"]
    assert arm_table(scores.iloc[:0], ["f1"]).empty


def test_a_set_without_the_first_metric_gets_no_column(scores: pd.DataFrame) -> None:
    without = scores[(scores["data"] == "a") | (scores["metric"] == "recall")]
    assert list(arm_table(without, ["f1", "recall"]).columns) == ["f1", "recall"]
    third = without.assign(data=without["data"].replace("b", "c"))
    assert list(arm_table(pd.concat([scores, third]), ["f1"]).columns) == ["f1, a", "f1, b", "f1"]


def test_markdown_is_aligned(scores: pd.DataFrame) -> None:
    lines = as_markdown(arm_table(scores[scores["data"] == "a"], ["f1"])).splitlines()
    assert lines[0] == "| arm   | f1    |"
    assert lines[2] == "| new   | 0.310 |"
    assert len({len(line) for line in lines}) == 1


def test_many_systems_print_every_claim_and_a_total(scores: pd.DataFrame) -> None:
    claim = Claim("new is better", "f1", "new", "plain")
    trials = pd.DataFrame({"state": ["done"] * 2, "seconds": [30.0, 60.0]})
    results = StudyResults(scores, trials, wanted=2)
    paper = Paper("999", "A title", claims=(claim,))
    one = Reproduction(paper, "small", results, (judge(claim, scores),))
    assert _row(one).splitlines()[0] == "999  A title  (2 done)"
    assert "holds: new is better" in _row(one)
    assert _total([one, one]) == "2 systems, 2 claims: 2 holds; 3.0 minutes of trials"
    assert list(one.table.index) == ["new", "plain"]
