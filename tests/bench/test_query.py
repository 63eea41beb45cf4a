"""Questions in SQL get the ledger's own answers, and change nothing."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from steelyard.bench import Ledger, Outcome, Trial, load_study, query_study, run_study
from steelyard.bench.executors import Serial
from steelyard.cli.main import main
from steelyard.core import DataError, MissingExtra, UsageError

pytest.importorskip("duckdb")
FILE = Path(__file__).with_name("toy_study.py")
toy = load_study(FILE)


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*.parquet")}


def test_scores_are_those_of_the_ledger(tmp_path: Path) -> None:
    trials = [*toy.build("smoke", 0), Trial(toy.act, "d", "bad", settings={"do": "fail"})]
    results = run_study(trials, tmp_path, Serial())
    before = _files(tmp_path)
    found = query_study(tmp_path, "SELECT * FROM scores ORDER BY data, arm, learner, seed, split, metric")
    pd.testing.assert_frame_equal(found, results.scores, check_dtype=False)
    means = query_study(
        tmp_path, "SELECT arm, avg(value) AS mean FROM scores WHERE metric = 'quality' GROUP BY arm"
    )
    own = results.scores.query("metric == 'quality'").groupby("arm")["value"].mean()
    assert means.set_index("arm")["mean"].to_dict() == pytest.approx(own.to_dict())
    states = query_study(tmp_path, "SELECT state, count(*) AS n FROM trials GROUP BY state ORDER BY n")
    assert states.to_dict("records") == [{"state": "failed", "n": 1}, {"state": "done", "n": 12}]
    assert _files(tmp_path) == before


def test_the_newest_score_counts_wherever_it_lies(tmp_path: Path) -> None:
    trial = Trial(toy.act, "d", "a")

    def value() -> list[float]:
        return query_study(tmp_path, "SELECT value FROM scores")["value"].tolist()

    def outcome(score: float) -> Outcome:
        return Outcome(trial.key, "done", 0.1, {"quality": score})

    for score in (0.1, 0.2):
        with Ledger(tmp_path) as ledger:
            ledger.record(trial, outcome(score))
        assert value() == [score]
    with Ledger(tmp_path) as ledger:
        ledger.record(trial, outcome(0.3))
        assert len(_files(tmp_path)) == 2
        assert value() == [0.3], "a score that waits in a running study"


def test_only_the_trials_asked_for(tmp_path: Path) -> None:
    trials = toy.build("smoke", 0)
    run_study(trials, tmp_path, Serial())
    keys = [trial.key for trial in trials if trial.arm == "better"]
    found = query_study(tmp_path, "SELECT DISTINCT arm FROM scores", keys=keys)
    assert found["arm"].tolist() == ["better"]
    assert query_study(tmp_path, "SELECT * FROM scores", keys=[]).empty


def test_what_cannot_be_asked_is_said_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DataError, match="holds no study; run it first"):
        query_study(tmp_path / "none", "SELECT 1")
    assert not (tmp_path / "none").exists()
    run_study(toy.build("smoke", 0)[:1], tmp_path, Serial())
    with pytest.raises(UsageError, match=r"cannot be run: .*nowhere.*there are tables scores\(data"):
        query_study(tmp_path, "SELECT * FROM nowhere")
    with pytest.raises(UsageError, match="cannot be run"):
        query_study(tmp_path, "DELETE FROM trials")
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(MissingExtra, match=r"pip install 'steelyard\[studies\]'"):
        query_study(tmp_path, "SELECT 1")


def test_the_command_prints_a_table_or_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trials = toy.build("smoke", 0)
    run_study([*trials, replace(trials[0], arm="stale")], tmp_path, Serial())
    command = ["bench", "query", str(FILE), "SELECT arm, count(*) AS n FROM trials GROUP BY arm ORDER BY arm"]
    options = ["--scale", "smoke", "--out", str(tmp_path)]
    with pytest.raises(SystemExit) as stop:
        main([*command, *options])
    assert stop.value.code == 0
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["arm", "n"],
        ["better", "6"],
        ["plain", "6"],
    ]
    with pytest.raises(SystemExit):
        main([*command, *options, "--json"])
    assert json.loads(capsys.readouterr().out) == [{"arm": "better", "n": 6}, {"arm": "plain", "n": 6}]
