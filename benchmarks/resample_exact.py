"""Do both sides select the same rows? Made and real tables, both precisions, ties included."""

from __future__ import annotations

import json
import sys
import warnings
from typing import Any

import numpy as np

from benchmarks.resample_cells import SAMPLERS, SIDES, data_folder, digest, sampler, table

ROWS, FEW = 4_000, 600
"""Rows of a table, and of one for imbalanced-learn's condensing, which trains anew for every row it keeps."""
DIMENSIONS = (2, 5, 15, 16, 30, 60, 120, 200)
FOLDERS = ("tab_adbench", "tab_binarised_regression", "tab_kddcup99_10pct")
PACKAGED = ("breast_cancer", "digits", "wine")
TOO_RARE = ("tab_adbench/smtp",)
"""Tables whose rare class has too few rows to be in a sample."""


def tables() -> list[str]:
    """Names of the tables: "made d", "grid d" (whole numbers full of ties), scikit-learn's and real ones."""
    made = [f"{kind} {d}" for kind in ("made", "grid") for d in DIMENSIONS]
    folder = data_folder()
    real = [f"{name}/{path.stem}" for name in FOLDERS for path in sorted((folder / name).glob("*.npz"))]
    return made + list(PACKAGED) + [name for name in real if name not in TOO_RARE]


def load(where: str) -> tuple[np.ndarray, np.ndarray]:
    """The rows in float64."""
    kind, _, d = where.partition(" ")
    if where in PACKAGED:
        from sklearn import datasets

        return getattr(datasets, f"load_{where}")(return_X_y=True)
    if "/" in where:
        X, y = table(where, 10**9, 0)
        some = np.sort(np.random.default_rng(0).permutation(len(y))[:ROWS])
        X, y = X[some], np.unique(y[some], return_inverse=True)[1]
        common = np.bincount(y)[y] >= 8
        return X[common].astype(np.float64), y[common]
    rng = np.random.default_rng(int(d))
    y = rng.choice(3, size=2_000, p=[0.8, 0.15, 0.05])
    X = rng.normal(size=(len(y), int(d))) + rng.normal(size=(3, int(d)))[y] / np.sqrt(int(d))
    return (X if kind == "made" else np.round(X)), y


def compare(where: str) -> list[dict[str, Any]]:
    """For every rule and both precisions: are rows and labels the same, in the same order?"""
    found = []
    for name, entry in SAMPLERS.items():
        if not entry.selects:
            continue
        same, compared = True, 0
        for dtype in (np.float32, np.float64):
            X, y = load(where)
            X = X.astype(dtype)
            if entry.sampler == "CondensedNearestNeighbour":
                some = np.sort(np.random.default_rng(1).permutation(len(y))[:FEW])
                X, y = X[some], y[some]
            for strategy in ("auto", "all"):
                given = [sampler(side, entry).set_params(sampling_strategy=strategy) for side in SIDES]
                answers = [digest(*one.fit_resample(X, y)) for one in given]
                same, compared = same and answers[0] == answers[1], compared + len(y)
        found.append({"sampler": name, "where": where, "rows": compared, "columns": X.shape[1]})
        found[-1]["digest"] = "same" if same else "DIFFERENT"
    return found


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    print(json.dumps(compare(sys.argv[1])))
