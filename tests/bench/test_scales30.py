"""The example study end to end: killed hard, resumed, the same table, its page."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

from steelyard.bench import Ledger, listed_trials, load_study, read_study, run_study
from steelyard.bench.executors import Serial
from steelyard.cli.main import main

FILE = Path(__file__).resolve().parents[2] / "examples" / "studies" / "scales30.py"


def _finished(ledger: Path) -> int:
    try:
        with closing(sqlite3.connect(f"{ledger.as_uri()}?mode=ro", uri=True)) as base:
            return int(base.execute("SELECT count(*) FROM trials").fetchone()[0])
    except sqlite3.OperationalError:  # not there yet
        return 0


def typed(verb: str, *options: str) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["bench", verb, str(FILE), *options])
    assert stop.value.code == 0


def test_a_killed_study_goes_on_to_the_same_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "study"
    options = ["--scale", "smoke", "--out", str(folder)]
    command = [sys.executable, "-m", "steelyard", "bench", "run", str(FILE), *options]
    started = subprocess.Popen(
        [*command, "--jobs", "1"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    until = time.monotonic() + 300
    while _finished(folder / "ledger.sqlite") < 3 and started.poll() is None and time.monotonic() < until:
        time.sleep(0.02)
    os.killpg(started.pid, signal.SIGKILL)
    assert started.wait() == -signal.SIGKILL

    with Ledger(folder) as ledger:
        kept = ledger.trials().set_index("key")
    assert len(kept) >= 3
    assert set(kept["state"]) == {"done"}
    typed("run", *options, "--engine", "serial")
    assert "8 done; kept in" in capsys.readouterr().out
    trials = listed_trials(load_study(FILE), "smoke", 0)
    resumed = read_study(trials, folder)
    after = resumed.trials.set_index("key").loc[kept.index]
    pd.testing.assert_frame_equal(after, kept)  # times and all: nothing ran twice
    calm = run_study(trials, tmp_path / "calm", Serial())
    pd.testing.assert_frame_equal(resumed.scores, calm.scores)

    typed("report", *options, "--metric", "f1")
    page = (folder / "study.html").read_text(encoding="utf-8")
    assert "lightgbm" in page
    assert "Learner by learner" in page
