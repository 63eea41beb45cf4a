"""Run a protocol's trials by joblib or by the engine; each keeps the CPU time of every trial."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from typing import Any

import joblib
import pandas as pd

from benchmarks.study import balancing, deciding
from steelyard.bench import RawTable, Shared, Trial, raw_table, run_study
from steelyard.bench.executors import Processes

PROTOCOLS: dict[str, Any] = {"balancing": balancing, "deciding": deciding}


def trials_of(protocol: str, tables: list[str], learners: list[str], folds: int) -> list[Trial]:
    """All arms of a protocol with some learners on some folds of some tables."""
    settings = {"protocol": protocol}
    return [
        Trial(timed, table, arm, learner, 0, split, settings, shares=f"{table} {split}")
        for table in tables
        for split in range(folds)
        for learner in learners
        for arm in PROTOCOLS[protocol].ARMS
    ]


def timed(trial: Trial, shared: Shared) -> Mapping[str, float]:
    """The engine's trial, and the CPU time it took."""
    start = time.process_time()
    scores = PROTOCOLS[trial.settings["protocol"]].engine(trial, shared)
    return {**scores, "cpu": time.process_time() - start}


def by_engine(trials: list[Trial]) -> pd.DataFrame:
    """All trials by the engine, on all cores."""
    with tempfile.TemporaryDirectory() as folder:
        results = run_study(trials, folder, Processes())
    if set(results.states) != {"done"}:
        raise SystemExit(f"the engine's trials ended as {results.states}")
    return results.scores


def by_script(trials: list[Trial]) -> pd.DataFrame:
    """All trials by joblib, on all cores; every table is opened once."""
    tables = {name: raw_table(name, Shared()) for name in dict.fromkeys(one.data for one in trials)}
    jobs = (joblib.delayed(_rows)(tables[one.data], one) for one in trials)
    return pd.DataFrame([row for rows in joblib.Parallel(n_jobs=-1)(jobs) for row in rows])


def _rows(table: RawTable, trial: Trial) -> list[dict[str, Any]]:
    start = time.process_time()
    found = PROTOCOLS[trial.settings["protocol"]].plain(table, trial)
    found["cpu"] = time.process_time() - start
    about = {
        "data": trial.data,
        "arm": trial.arm,
        "learner": trial.learner,
        "seed": trial.seed,
        "split": trial.split,
    }
    return [{**about, "metric": name, "value": float(value)} for name, value in found.items()]
