"""Time every sampler against imbalanced-learn's of the same name, both sides in one run.

    python benchmarks/resample.py --quick
    python benchmarks/resample.py --rows 100000 --columns 30 --only TomekLinks EditedNearestNeighbours

Each cell runs in a process of its own, so that its peak memory is its own. CPU seconds are comparable on a
busy machine, wall seconds are not. "same" says whether both sides gave the same rows in the same order.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import math
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from sklearn.datasets import make_classification

SAMPLERS = {
    "RandomUnderSampler": {"random_state": 0},
    "RandomOverSampler": {"random_state": 0},
    "SMOTE": {"random_state": 0},
    "BorderlineSMOTE": {"random_state": 0},
    "ADASYN": {"random_state": 0},
    "NearMiss": {},
    "TomekLinks": {},
    "EditedNearestNeighbours": {},
    "RepeatedEditedNearestNeighbours": {},
    "AllKNN": {},
    "NeighbourhoodCleaningRule": {},
    "OneSidedSelection": {"random_state": 0},
    "CondensedNearestNeighbour": {"random_state": 0},
    "SMOTETomek": {"random_state": 0},
    "SMOTEENN": {"random_state": 0},
}
SLOW_THERE = {"CondensedNearestNeighbour": 5_000}
"""The other side is not asked to do more rows than this."""


def table(rows: int, columns: int, rare: float, seed: int = 0):
    return make_classification(
        n_samples=rows,
        n_features=columns,
        n_informative=max(2, columns // 2),
        n_redundant=columns // 6,
        n_clusters_per_class=2 if columns < 6 else 4,
        weights=[1 - rare],
        flip_y=0.005,
        random_state=seed,
    )


def sampler(side: str, name: str, jobs: int):
    options = dict(SAMPLERS[name])
    packages = ["steelyard.resample"]
    if side == "imbalanced-learn":
        packages = ["imblearn.over_sampling", "imblearn.under_sampling", "imblearn.combine"]
    for package in packages:
        found = getattr(importlib.import_module(package), name, None)
        if found is not None:
            made = found(**options)
            return made.set_params(n_jobs=jobs) if "n_jobs" in made.get_params() else made
    raise SystemExit(f"{side} has no {name}")


def one(side: str, name: str, rows: int, columns: int, rare: float, jobs: int) -> dict:
    """Time one sampler in this process."""
    X, y = table(rows, columns, rare)
    made = sampler(side, name, jobs)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wall, cpu = time.perf_counter(), time.process_time()
    X_out, y_out = made.fit_resample(X, y)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    digest = hashlib.sha256(
        np.ascontiguousarray(np.round(X_out, 9) + 0.0).tobytes() + y_out.tobytes()
    ).hexdigest()
    return {"wall": wall, "cpu": cpu, "mib": (after - before) / 1024, "n": len(y_out), "digest": digest}


def cell(side: str, name: str, args: argparse.Namespace, rows: int) -> dict | None:
    """Time one sampler in a process of its own."""
    command = [sys.executable, str(Path(__file__).resolve()), "--one", side, name, "--rows", str(rows)]
    command += ["--columns", str(args.columns), "--rare", str(args.rare), "--jobs", str(args.jobs)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=args.limit, check=True)
    except subprocess.TimeoutExpired:
        return None
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--columns", type=int, default=30)
    parser.add_argument("--rare", type=float, default=0.02)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--limit", type=float, default=1800, help="seconds a cell may take")
    parser.add_argument("--only", nargs="*", help="samplers to time")
    parser.add_argument("--alone", action="store_true", help="do not run imbalanced-learn")
    parser.add_argument("--quick", action="store_true", help="5,000 rows")
    parser.add_argument("--one", nargs=2, metavar=("SIDE", "SAMPLER"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        print(json.dumps(one(*args.one, args.rows, args.columns, args.rare, args.jobs)))
        return
    rows = 5_000 if args.quick else args.rows
    print(
        f"{rows} rows, {args.columns} columns, {args.rare:.1%} rare, n_jobs={args.jobs}; CPU / wall seconds, MiB\n"
    )
    print(
        "| sampler | steelyard cpu | wall | MiB | imbalanced-learn cpu | wall | MiB | faster (cpu) | same |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    ratios = []
    for name in args.only or SAMPLERS:
        ours = cell("steelyard", name, args, rows)
        skip = args.alone or rows > SLOW_THERE.get(name, rows)
        theirs = None if skip else cell("imbalanced-learn", name, args, rows)
        left = f"{ours['cpu']:.2f} | {ours['wall']:.2f} | {ours['mib']:.0f}" if ours else "over the limit | |"
        right, ratio, same = "not run | |", "", ""
        if ours and theirs:
            ratios.append(theirs["cpu"] / max(ours["cpu"], 1e-9))
            right = f"{theirs['cpu']:.2f} | {theirs['wall']:.2f} | {theirs['mib']:.0f}"
            ratio, same = f"{ratios[-1]:.1f}", "yes" if ours["digest"] == theirs["digest"] else "NO"
        print(f"| {name} | {left} | {right} | {ratio} | {same} |", flush=True)
    if ratios:
        print(
            f"\ngeometric mean {math.exp(sum(map(math.log, ratios)) / len(ratios)):.1f} over {len(ratios)} samplers"
        )


if __name__ == "__main__":
    main()
