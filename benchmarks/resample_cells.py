"""One cell of the resampling benchmark: which samplers, on which rows, and how one of them is measured."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import json
import os
import resource
import signal
import sys
import tempfile
import time
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

RARE = 0.02
JOBS = 2
SHORT, REPEATS = 2.0, 5
"""What takes fewer CPU seconds is done so many times, and the median counts."""
SIDES = ("steelyard", "imbalanced-learn")
PACKAGES = ("imblearn.over_sampling", "imblearn.under_sampling", "imblearn.combine")


@dataclass(frozen=True)
class Entry:
    """One sampler with its options.

    `columns` says what it is fed: numbers, categories, or both; `selects` that it chooses rows by a rule, so that
    both sides must choose the same ones; `cleaning` that the higher target is for it; `most` how many rows
    imbalanced-learn can be asked to do in reasonable time.
    """

    sampler: str
    options: dict[str, Any] = field(default_factory=dict)
    columns: str = "numbers"
    selects: bool = False
    cleaning: bool = False
    most: int = 100_000


SEED = {"random_state": 0}
RULE = {"selects": True, "cleaning": True}
SAMPLERS = {
    "RandomOverSampler": Entry("RandomOverSampler", SEED),
    "SMOTE": Entry("SMOTE", SEED),
    "SMOTENC": Entry("SMOTENC", {**SEED, "categorical_features": list(range(10))}, "mixed"),
    "SMOTEN": Entry("SMOTEN", SEED, "categories"),
    "BorderlineSMOTE-1": Entry("BorderlineSMOTE", SEED),
    "BorderlineSMOTE-2": Entry("BorderlineSMOTE", {**SEED, "kind": "borderline-2"}),
    "SVMSMOTE": Entry("SVMSMOTE", SEED),
    "KMeansSMOTE": Entry("KMeansSMOTE", {**SEED, "cluster_balance_threshold": 0.0}),
    "ADASYN": Entry("ADASYN", SEED),
    "RandomUnderSampler": Entry("RandomUnderSampler", SEED),
    "ClusterCentroids": Entry("ClusterCentroids", SEED),
    "NearMiss-1": Entry("NearMiss", selects=True),
    "NearMiss-2": Entry("NearMiss", {"version": 2}, selects=True),
    "NearMiss-3": Entry("NearMiss", {"version": 3}, selects=True),
    "TomekLinks": Entry("TomekLinks", **RULE),
    "EditedNearestNeighbours": Entry("EditedNearestNeighbours", **RULE),
    "EditedNearestNeighbours (mode)": Entry("EditedNearestNeighbours", {"kind_sel": "mode"}, **RULE),
    "RepeatedEditedNearestNeighbours": Entry("RepeatedEditedNearestNeighbours", **RULE),
    "AllKNN": Entry("AllKNN", **RULE),
    "NeighbourhoodCleaningRule": Entry("NeighbourhoodCleaningRule", **RULE),
    "OneSidedSelection": Entry("OneSidedSelection", SEED, **RULE),
    "CondensedNearestNeighbour": Entry("CondensedNearestNeighbour", SEED, most=20_000, **RULE),
    "InstanceHardnessThreshold": Entry("InstanceHardnessThreshold", SEED, most=20_000),
    "SMOTEENN": Entry("SMOTEENN", SEED, cleaning=True),
    "SMOTETomek": Entry("SMOTETomek", SEED, cleaning=True),
}
UNBOUNDED = ("InstanceHardnessThreshold", "KMeansSMOTE", "ClusterCentroids")
"""Samplers the million-row target does not speak of: what takes their time is a forest or k-means."""


def table(name: str, rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """The rows by name: "made" (`rows` x `columns`), or "folder/file" of the real tables, kept for the next cell."""
    place = Path(tempfile.gettempdir()) / "steelyard-benchmark"
    place.mkdir(exist_ok=True)
    kept = place / f"{name.replace('/', '-')}-{rows}-{columns}.npz"
    if not kept.exists():
        X, y = _made(rows, columns) if name == "made" else _real(name, rows)
        partial = kept.with_suffix(f".{os.getpid()}.npz")
        np.savez(partial, X=X, y=y)
        partial.rename(kept)
    found = np.load(kept)
    return found["X"], found["y"]


def _made(rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    from sklearn.datasets import make_classification

    return make_classification(
        n_samples=rows,
        n_features=columns,
        n_informative=max(2, columns // 2),
        n_redundant=columns // 6,
        n_clusters_per_class=2 if columns < 6 else 4,
        weights=[1 - RARE],
        flip_y=0.005,
        random_state=0,
    )


def data_folder() -> Path:
    """Where the real tables lie."""
    return Path(os.environ.get("STEELYARD_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))


def _real(name: str, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """The first rows of a real table, numeric columns, classes with at least 50 rows; of a number the upper tenth."""
    with np.load(data_folder() / f"{name}.npz", allow_pickle=False) as found:
        X = found["X"][:rows]
        if "y" in found:
            y = found["y"][:rows]
        else:
            y = (found["y_value"][:rows] > np.quantile(found["y_value"], 0.9)).astype(np.int64)
    common = np.isin(
        y, [label for label, n in zip(*np.unique(y, return_counts=True), strict=True) if n >= 50]
    )
    return np.ascontiguousarray(X[common], dtype=np.float64 if X.dtype.kind != "f" else X.dtype), y[common]


def fed(entry: Entry, X: np.ndarray) -> np.ndarray:
    """The columns a sampler takes: all, some, or none of them cut into five categories."""
    cut = {"numbers": 0, "mixed": 10, "categories": X.shape[1]}[entry.columns]
    if not cut:
        return X
    edges = np.quantile(X[:, :cut], [0.2, 0.4, 0.6, 0.8], axis=0)
    codes = sum((X[:, :cut] > edge).astype(np.int64) for edge in edges)
    return codes if cut == X.shape[1] else np.hstack([codes, X[:, cut:]])


def sampler(side: str, entry: Entry, jobs: int = JOBS) -> Any:
    """The sampler of one side."""
    for package in PACKAGES if side == "imbalanced-learn" else ("steelyard.resample",):
        kind = getattr(importlib.import_module(package), entry.sampler, None)
        if kind is not None:
            made = kind(**entry.options)
            return made.set_params(n_jobs=jobs) if "n_jobs" in made.get_params() else made
    raise SystemExit(f"{side} has no {entry.sampler}")


def digest(X: np.ndarray, y: np.ndarray) -> str:
    """The same for the same rows in the same order, up to the ninth decimal."""
    rows = np.round(np.asarray(X, dtype=np.float64), 9) + 0.0
    return hashlib.sha256(np.ascontiguousarray(rows).tobytes() + np.asarray(y).tobytes()).hexdigest()[:16]


def measure(side: str, name: str, where: str, rows: int, columns: int, limit: int) -> dict[str, Any]:
    """Time one sampler in this process, which ends by an alarm after `limit` seconds."""
    entry = SAMPLERS[name]
    X, y = table(where, rows, columns)
    X = fed(entry, X)
    made = sampler(side, entry)
    # a first call on few rows pays for imports and thread pools, which are no part of the comparison
    few = np.concatenate([np.flatnonzero(y == label)[:40] for label in np.unique(y)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with contextlib.suppress(ValueError, RuntimeError):  # too few rows for some samplers
            made.fit_resample(X[few], y[few])
        signal.alarm(limit)
        times = []
        while len(times) < REPEATS and (not times or times[-1][0] < SHORT):
            X_out = None  # the last answer is not to count as memory of this one
            wall, cpu = time.perf_counter(), _cpu()
            X_out, y_out = made.fit_resample(X, y)
            times.append((_cpu() - cpu, time.perf_counter() - wall))
        signal.alarm(0)
    cpu, wall = np.median(times, axis=0).tolist()
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    figures = {"cpu": round(cpu, 5), "wall": round(wall, 5), "mib": peak // 1024}
    return {**figures, "out": len(y_out), "digest": digest(X_out, y_out)}


def _cpu() -> float:
    """CPU seconds of this process and of its workers, which count once they have ended."""
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor().shutdown(wait=True)
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    print(json.dumps(measure(**asked)))
