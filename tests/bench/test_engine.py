"""The engine: same numbers everywhere, nothing lost, every failure a row with its reason."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from steelyard.bench import Ledger, Limits, Trial, load_study, plan_study, read_study, run_study
from steelyard.bench.executors import Processes, Serial, make_executor
from steelyard.core import DataError, Event, UsageError

FILE = Path(__file__).with_name("toy_study.py")
toy = load_study(FILE)


def _quality(scores: pd.DataFrame) -> pd.DataFrame:
    return scores[scores["metric"] == "quality"].reset_index(drop=True)


def test_processes_give_the_table_of_the_serial_run(tmp_path: Path) -> None:
    trials = toy.build("small", 0)
    alone = run_study(trials, tmp_path / "a", Serial())
    many = run_study(trials, tmp_path / "b", Processes(2, study=FILE))
    pd.testing.assert_frame_equal(_quality(alone.scores), _quality(many.scores))
    assert many.states == {"done": len(trials)}


def test_trials_that_share_compute_it_once_and_others_do_not(tmp_path: Path) -> None:
    scores = run_study(toy.build("small", 0), tmp_path, Processes(2, study=FILE)).scores
    base = scores[scores["metric"] == "base"].groupby("data")["value"]
    assert set(base.nunique()) == {1}
    assert base.first().nunique() == 6


@pytest.mark.parametrize("executor", [Serial(Limits(seconds=1)), Processes(2, Limits(1, 1500), FILE)])
def test_whatever_goes_wrong_is_a_row_with_a_reason(executor: Serial | Processes, tmp_path: Path) -> None:
    acts = ["work", "decline", "fail", "sleep", "work"]
    if isinstance(executor, Processes):
        acts += ["die", "hoard", "work"]
    trials = [
        Trial(toy.act, "d", f"{i} {act}", settings={"do": act}, shares="one") for i, act in enumerate(acts)
    ]
    found = run_study(trials, tmp_path, executor).trials.set_index("arm")
    assert len(found) == len(trials)
    assert (found.loc[found.index.str.contains("work"), "state"] == "done").all()
    assert tuple(found.loc["1 decline", ["state", "reason"]]) == ("declined", "binary only; got 7 classes")
    assert tuple(found.loc["2 fail", ["state", "reason"]]) == ("failed", "ValueError: the columns do not")
    assert tuple(found.loc["3 sleep", ["state", "reason"]]) == ("timeout", "took longer than 1 s")
    if isinstance(executor, Processes):
        assert tuple(found.loc["5 die", ["state", "reason"]]) == ("died", "its process ended (exit code 3)")
        assert found.loc["6 hoard", "state"] == "memory"


def test_compiled_code_that_hears_no_signal_is_ended_with_its_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = sys.modules["steelyard.bench.executors.processes"]
    monkeypatch.setattr(module, "GRACE", 0.5)
    monkeypatch.setattr(module, "START", 20.0)
    acts = ["work", "spin", "work"]
    trials = [Trial(toy.act, "d", f"{i}", settings={"do": a}, shares="one") for i, a in enumerate(acts)]
    found = run_study(trials, tmp_path, Processes(1, Limits(seconds=0.5), FILE))
    assert found.trials.set_index("arm")["state"].to_dict() == {"0": "done", "1": "timeout", "2": "done"}


def test_a_second_run_runs_nothing_and_failures_only_when_asked(tmp_path: Path) -> None:
    trials = [*toy.build("smoke", 0), Trial(toy.act, "d", "bad", settings={"do": "fail"})]
    run_study(trials, tmp_path, Serial())

    class Counting:
        seen = 0

        def run(self, some: list[Trial]) -> Iterator[Any]:
            self.seen += len(some)
            return Serial().run(some)

    counting = Counting()
    run_study(trials, tmp_path, counting)
    assert counting.seen == 0
    run_study(trials, tmp_path, counting, retry=True)
    assert counting.seen == 1


def test_other_code_settings_seed_or_data_is_another_trial() -> None:
    one = Trial(toy.act, "d", "a")
    others = [
        Trial(toy.act, "e", "a"),
        Trial(toy.act, "d", "b"),
        Trial(toy.act, "d", "a", "tree"),
        Trial(toy.act, "d", "a", seed=1),
        Trial(toy.act, "d", "a", split=1),
        Trial(toy.act, "d", "a", settings={"x": 1}),
        Trial(toy.build, "d", "a"),
    ]
    assert len({one.key, *(other.key for other in others)}) == 8
    assert one.key == Trial(toy.act, "d", "a", shares="whatever").key


def test_a_copy_of_a_study_elsewhere_has_the_same_trials_and_an_edited_one_has_others(tmp_path: Path) -> None:
    copy, edited = tmp_path / "copy.py", tmp_path / "edited.py"
    copy.write_bytes(FILE.read_bytes())
    edited.write_bytes(FILE.read_bytes() + b"# another word")
    key = Trial(toy.act, "d", "a").key
    assert Trial(load_study(copy).act, "d", "a").key == key
    assert Trial(load_study(edited).act, "d", "a").key != key


def test_functions_that_other_processes_cannot_find_are_refused() -> None:
    with pytest.raises(UsageError, match="give a function of a module"):
        _ = Trial(lambda trial, shared: {}, "d", "a").key
    with pytest.raises(UsageError, match="no plain values"):
        _ = Trial(toy.act, "d", "a", settings={"x": object()}).key


def test_killed_at_any_moment_it_goes_on_to_the_same_table(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "steelyard", "bench", "run", str(FILE), "--out", str(tmp_path / "s")]
    environment = os.environ | {"TOY_PAUSE": "0.1"}
    for wait in (2.5, 4.0):
        started = subprocess.Popen(
            [*command, "--jobs", "2"],
            env=environment,
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        time.sleep(wait)
        os.killpg(started.pid, signal.SIGKILL)
        started.wait()
    done = subprocess.run([*command, "--json"], env=environment, capture_output=True, text=True, check=True)
    assert '"done": 36' in done.stdout
    os.environ["TOY_PAUSE"] = "0.1"
    try:
        trials = toy.build("small", 0)
        resumed = read_study(trials, tmp_path / "s").scores
        calm = run_study(trials, tmp_path / "calm", Serial()).scores
    finally:
        del os.environ["TOY_PAUSE"]
    pd.testing.assert_frame_equal(_quality(resumed), _quality(calm))


def test_scores_move_into_parquet_and_stay_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["steelyard.bench.ledger"], "SHARD", 7)
    trials = toy.build("small", 0)
    many = run_study(trials, tmp_path / "many", Serial())
    assert len(list((tmp_path / "many" / "shards").iterdir())) > 5
    monkeypatch.undo()
    few = run_study(trials, tmp_path / "few", Serial())
    pd.testing.assert_frame_equal(_quality(many.scores), _quality(few.scores))


def test_a_shard_that_sqlite_does_not_list_does_not_count(tmp_path: Path) -> None:
    trials = toy.build("smoke", 0)
    before = run_study(trials, tmp_path, Serial()).scores
    shard = next((tmp_path / "shards").iterdir())
    (tmp_path / "shards" / "00009-orphan.parquet").write_bytes(shard.read_bytes())
    (tmp_path / "shards" / "00010-broken.parquet").write_bytes(b"PAR1")
    pd.testing.assert_frame_equal(before, read_study(trials, tmp_path).scores)


def test_the_plan_knows_the_time_once_every_arm_ran(tmp_path: Path) -> None:
    small, smoke = toy.build("small", 0), toy.build("smoke", 0)
    assert plan_study(small, tmp_path).unknown == ("better", "plain")
    run_study(smoke, tmp_path, Serial())
    plan = plan_study(small, tmp_path)
    assert (plan.trials, plan.open) == (36, 24)
    assert plan.seconds is not None
    assert 0 < plan.seconds < 10


def test_progress_counts_and_forecasts(tmp_path: Path) -> None:
    heard: list[Event] = []
    run_study(toy.build("smoke", 0), tmp_path, Serial(), listener=heard.append)
    assert [event.done for event in heard] == list(range(13))
    assert heard[-1].total == 12
    assert heard[-1].seconds_left == 0


def test_bad_studies_and_folders_are_refused_in_one_sentence(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(DataError, match="cannot hold a study"):
        Ledger(blocked)
    with pytest.raises(UsageError, match="is no file"):
        load_study(tmp_path / "none.py")
    broken = tmp_path / "broken.py"
    broken.write_text("import nothing_of_this_name")
    with pytest.raises(UsageError, match="cannot be loaded: ModuleNotFoundError"):
        load_study(broken)
    with pytest.raises(UsageError, match="expected one of processes, serial, ray"):
        make_executor("cloud")
    with pytest.raises(UsageError, match="only ray has one"):
        make_executor("serial", address="auto")
