"""A run killed without warning goes on and gives the answer of an undisturbed run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from steelyard.race import Run
from worlds import logistic_world

COMMAND = [
    "-m", "steelyard", "run", "table.csv", "--target", "y", "--metric", "f1", "--max-fits", "60", "--repeats", "2",
    "--learner", "logistic", "--learner", "lightgbm", "--remedy", "SMOTE", "--remedy", "RandomUnderSampler",
    "--jobs", "2", "--quiet",
]  # fmt: skip


def _start(folder: Path, out: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, *COMMAND, "--out", out],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def _finish(folder: Path, out: str) -> float:
    start = time.monotonic()
    process = _start(folder, out)
    try:
        _, said = process.communicate(timeout=300)
    except subprocess.TimeoutExpired:
        _kill(process)
        raise
    assert process.returncode == 0, said.decode()
    return time.monotonic() - start


def _kill(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def _same(folder: Path, one: str, two: str) -> None:
    first, second = Run.load(folder / one), Run.load(folder / two)
    keep = [c for c in first.results_.columns if c != "seconds"]
    pd.testing.assert_frame_equal(first.results_[keep], second.results_[keep])
    assert first.verdict_ == second.verdict_
    rows = logistic_world(100, seed=3).frame.drop(columns="y")
    assert np.array_equal(first.best_.predict_proba(rows), second.best_.predict_proba(rows))


def _kill_at(tmp_path: Path, kills: int, seed: int) -> None:
    logistic_world(1500, prevalence=0.1).frame.to_csv(tmp_path / "table.csv", index=False)
    seconds = _finish(tmp_path, "whole")
    rng = np.random.default_rng(seed)
    struck = 0
    for number, share in enumerate(rng.uniform(0.15, 1.0, kills)):
        process = _start(tmp_path, f"k{number}")
        try:
            process.communicate(timeout=share * seconds)
        except subprocess.TimeoutExpired:
            _kill(process)
            struck += 1
            if (tmp_path / f"k{number}").exists():  # struck after the end: then all of it is there
                _same(tmp_path, "whole", f"k{number}")
        _finish(tmp_path, f"k{number}")
        _same(tmp_path, "whole", f"k{number}")
    assert struck


def test_two_kills(tmp_path) -> None:
    _kill_at(tmp_path, 2, seed=0)


@pytest.mark.small
def test_ten_kills_at_random_moments(tmp_path) -> None:
    _kill_at(tmp_path, 10, seed=1)


def test_ctrl_c_is_one_sentence_and_loses_nothing(tmp_path) -> None:
    logistic_world(6000, prevalence=0.1).frame.to_csv(tmp_path / "table.csv", index=False)
    process = _start(tmp_path, "out")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not list(tmp_path.glob("out.partial/fits/*.npz")):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert b"Traceback" not in said
    assert b"repeat the command" in said
    assert list(tmp_path.glob("out.partial/fits/*.npz"))
