"""Time ensembles and compare their average precision with imbalanced-ensemble's and imbalanced-learn's.

Both sides get the same rows and the same number of members; each keeps its other defaults.

    python -m benchmarks.ensemble --imbens /path/to/other/python --out ensemble.csv
    python -m benchmarks.ensemble --print --out ensemble.csv

imbalanced-ensemble 0.2.3 pins scikit-learn 1.6, so it needs an environment of its own
(`pip install imbalanced-ensemble==0.2.3` there); `--imbens` names that environment's interpreter. A cell is one side,
method and table with all its seeds; the methods of a side and table share a process, and finished cells are kept in
`--out`, so a stopped run goes on. `--lock` names a file that is locked around every table. CPU seconds are comparable
on a busy machine, wall seconds are not.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import fcntl
import json
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from pathlib import Path

import numpy as np

TABLES = (
    "made/50000x30",
    "rt30/mammography",
    "rt30/satellite",
    "rt30/letter_img",
    "rt30/wine_quality",
    "rt30/coil_2000",
    "rt30/wilt",
    "rt30/ozone_level",
    "rt30/us_crime",
    "rt30/page_blocks",
    "rt30/abalone_binarized",
)
METHODS = {
    "SelfPacedEnsembleClassifier": "imbens",
    "BalanceCascadeClassifier": "imbens",
    "UnderBaggingClassifier": "imbens imblearn",
    "EasyEnsembleClassifier": "imbens imblearn",
    "BalancedRandomForestClassifier": "imbens imblearn",
    "RUSBoostClassifier": "imbens imblearn",
    "AdaCostClassifier": "imbens",
    "AdaUBoostClassifier": "imbens",
    "AsymBoostClassifier": "imbens",
    "OverBaggingClassifier": "imbens",
    "OverBoostClassifier": "imbens",
    "SMOTEBaggingClassifier": "imbens",
    "SMOTEBoostClassifier": "imbens",
}
OTHER_NAMES = {("imblearn", "UnderBaggingClassifier"): "BalancedBaggingClassifier"}
PACKAGES = {"steelyard": "steelyard.ensemble", "imbens": "imbens.ensemble", "imblearn": "imblearn.ensemble"}
FIELDS = (
    "side",
    "method",
    "table",
    "seed",
    "fit_cpu",
    "fit_wall",
    "predict_cpu",
    "predict_wall",
    "ap",
    "note",
)


def table(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Numbers and 0/1 labels; text becomes codes and gaps the column's median, alike for all sides."""
    if name.startswith("made/"):
        from sklearn.datasets import make_classification

        rows, columns = map(int, name.removeprefix("made/").split("x"))
        return make_classification(
            n_samples=2 * rows,
            n_features=columns,
            n_informative=columns // 2,
            n_redundant=columns // 6,
            n_clusters_per_class=4,
            weights=[0.98],
            flip_y=0.005,
            random_state=0,
        )
    import pandas as pd

    from steelyard.data import load_dataset

    known = load_dataset(name)
    frame = known.frame.drop(columns=list(known.info.drop))
    labels = frame.pop(known.info.target).astype(str)
    X = frame.apply(
        lambda c: c if pd.api.types.is_numeric_dtype(c) else pd.Series(pd.factorize(c)[0])
    ).astype(float)
    return X.fillna(X.median()).to_numpy(), (labels == labels.value_counts().idxmin()).to_numpy().astype(int)


def one(side: str, methods: list[str], file: str, seeds: int) -> None:
    """Fit and judge methods on halves of a table, seed by seed; this part runs in the other environment too."""
    import importlib

    from sklearn.metrics import average_precision_score
    from sklearn.model_selection import train_test_split

    warnings.simplefilter("ignore")
    with np.load(file) as kept:
        X, y = kept["X"], kept["y"]
    for method in methods:
        kind = getattr(importlib.import_module(PACKAGES[side]), OTHER_NAMES.get((side, method), method))
        kind(n_estimators=2, random_state=0).fit(
            X[:2000], y[:2000] if len(set(y[:2000])) > 1 else np.arange(2000) % 2
        )
        for seed in range(seeds):
            train, test, y_train, y_test = train_test_split(
                X, y, test_size=0.5, stratify=y, random_state=seed
            )
            model = kind(n_estimators=50, random_state=seed)
            start, cpu = time.perf_counter(), time.process_time()
            model.fit(train, y_train)
            fit = time.process_time() - cpu, time.perf_counter() - start
            start, cpu = time.perf_counter(), time.process_time()
            p = model.predict_proba(test)[:, 1]
            predict = time.process_time() - cpu, time.perf_counter() - start
            row = [seed, *fit, *predict, average_precision_score(y_test, p)]
            print(json.dumps([method, row]), flush=True)


def cells(
    side: str, methods: list[str], file: Path, args: argparse.Namespace
) -> dict[str, list[list[object]]]:
    """Some methods of one side on a table, in a process of its own: a row a seed, or one row with the reason.

    Methods that come after one that took too long are left for another time.
    """
    python = args.imbens if side == "imbens" else sys.executable
    command = [python, str(Path(__file__).resolve()), "--one", side, ",".join(methods), str(file)]
    command += ["--seeds", str(args.seeds)]
    made: dict[str, list[list[object]]] = {methods[0]: []}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        clock = threading.Timer(args.limit * len(methods), running.kill)
        clock.start()
        for line in running.stdout or ():
            if line.startswith("["):
                method, row = json.loads(line)
                made.setdefault(method, []).append([*row, ""])
        clock.cancel()
        reason = (running.stderr.read() if running.stderr else "").strip().splitlines()[-1:]
    last = list(made)[-1]
    if len(made[last]) < args.seeds:
        made[last].append([-1, *[""] * 5, " ".join(reason) or f"over {args.limit:.0f} s"])
    return made


def run(args: argparse.Namespace) -> None:
    """Every cell that is not kept yet."""
    out = Path(args.out)
    rows = list(csv.DictReader(out.open())) if out.exists() else []
    known = {(row["side"], row["method"], row["table"]) for row in rows}
    if not out.exists():
        out.write_text(",".join(FIELDS) + "\n")
    for name in args.tables:
        waiting = {
            side: [
                method
                for method in args.methods
                if side in ("steelyard", *METHODS[method].split()) and (side, method, name) not in known
            ]
            for side in PACKAGES
            if side != "imbens" or args.imbens
        }
        if not any(waiting.values()):
            continue
        with contextlib.ExitStack() as stack:
            if args.lock:
                fcntl.flock(stack.enter_context(Path(args.lock).open("a")), fcntl.LOCK_EX)
            file = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "rows.npz"
            X, y = table(name)
            np.savez(file, X=X, y=y)
            for side, methods in waiting.items():
                if not methods:
                    continue
                start = time.perf_counter()
                found = cells(side, methods, file, args)
                with out.open("a", newline="") as handle:
                    csv.writer(handle).writerows(
                        [side, method, name, *row] for method, rows in found.items() for row in rows
                    )
                spent = time.perf_counter() - start
                print(f"{name} {side}: {len(found)} of {len(methods)} methods, {spent:.0f} s", flush=True)


def show(out: Path) -> None:
    """Ratios of CPU seconds (medians over seeds, geometric means over tables), differences of average precision.

    A median leaves out the one run in thirty that happens to pay for collecting Python's garbage, on either side.
    """
    cells: dict[tuple[str, str, str], dict[int, dict[str, float]]] = {}
    kept = list(csv.DictReader(out.open()))
    for row in kept:
        if row["ap"]:
            values = {name: float(row[name]) for name in FIELDS[4:9]}
            cells.setdefault((row["side"], row["method"], row["table"]), {})[int(row["seed"])] = values
    print(
        "| method | against | tables | seeds | fit faster | predict faster | AP, ours minus theirs | better / worse |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for method, sides in METHODS.items():
        for side in sides.split():
            found = [
                paired(cells["steelyard", method, name], cells[side, method, name])
                for name in TABLES
                if {("steelyard", method, name), (side, method, name)} <= set(cells)
            ]
            if not found:
                continue
            seeds, fits, predicts, gaps, verdicts = zip(*found, strict=True)
            print(
                f"| {method} | {side} | {len(found)} | {spread(seeds)} | {np.exp(np.mean(fits)):.1f} "
                f"| {np.exp(np.mean(predicts)):.1f} | {over_tables(gaps)} "
                f"| {verdicts.count(1)} / {verdicts.count(-1)} |"
            )
    missing = sorted({(row["side"], row["method"], row["table"], row["note"]) for row in kept if row["note"]})
    for side, method, name, note in missing:
        print(f"\n{side} {method} on {name}: {note}")
    print(
        "\n| method | side | fit CPU s | wall s | predict CPU s | wall s | AP |\n|---|---|---|---|---|---|---|"
    )
    for (side, method, name), by_seed in cells.items():
        if name.startswith("made/"):
            middle = [np.median([seed[field] for seed in by_seed.values()]) for field in FIELDS[4:8]]
            ap = np.mean([seed["ap"] for seed in by_seed.values()])
            print(f"| {method} | {side} | " + " | ".join(f"{value:.3f}" for value in [*middle, ap]) + " |")


def spread(seeds: tuple[int, ...]) -> str:
    """How many seeds the tables have."""
    return str(seeds[0]) if len(set(seeds)) == 1 else f"{min(seeds)} to {max(seeds)}"


def over_tables(gaps: tuple[float, ...]) -> str:
    """The mean over tables with its 95 % interval, which one table does not have."""
    from scipy import stats

    if len(gaps) == 1:
        return f"{gaps[0]:+.3f} (one table)"
    half = stats.t.ppf(0.975, len(gaps) - 1) * stats.sem(gaps)
    return f"{np.mean(gaps):+.3f} ({np.mean(gaps) - half:+.3f} to {np.mean(gaps) + half:+.3f})"


def paired(
    ours: dict[int, dict[str, float]], theirs: dict[int, dict[str, float]]
) -> tuple[int, float, float, float, int]:
    """Seeds, logarithms of both ratios, mean difference of average precision; 1, 0 or -1: clearly better or not."""
    from steelyard.metrics import corrected_interval

    seeds = sorted(set(ours) & set(theirs))
    fit, predict = (
        float(np.log(np.median([theirs[s][field] / max(ours[s][field], 1e-6) for s in seeds])))
        for field in ("fit_cpu", "predict_cpu")
    )
    gaps = [ours[s]["ap"] - theirs[s]["ap"] for s in seeds]
    if len(gaps) < 2 or not np.std(gaps):
        return len(seeds), fit, predict, float(np.mean(gaps)), 0
    # halves drawn again and again overlap, which a plain interval does not know
    judged = corrected_interval(gaps, test_share=0.5)
    return len(seeds), fit, predict, judged.mean, int(judged.low > 0) - int(judged.high < 0)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--imbens", help="interpreter of the environment with imbalanced-ensemble 0.2.3")
    parser.add_argument("--tables", nargs="*", default=list(TABLES))
    parser.add_argument("--methods", nargs="*", default=list(METHODS))
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--limit", type=float, default=1800, help="seconds a cell may take")
    parser.add_argument("--lock", help="file to lock around every table")
    parser.add_argument("--out", default="benchmarks/ensemble.csv")
    parser.add_argument("--print", action="store_true", help="show the cells kept so far")
    parser.add_argument("--one", nargs=3, metavar=("SIDE", "METHODS", "FILE"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        side, methods, file = args.one
        one(side, methods.split(","), file, args.seeds)
        return
    if not args.print:
        run(args)
    show(Path(args.out))


if __name__ == "__main__":
    main()
