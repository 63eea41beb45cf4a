"""What weights and boosted objectives bring to LightGBM on real tables, beside doing nothing.

For every table and seed the rows are split 70 : 30 by class; every arm gets the same training rows, its training
prior is undone, and it is judged on the same test rows by average precision and log loss. Differences to LightGBM
alone are averaged over seeds within a table; the interval is over tables.

    python -m benchmarks.weighting --seeds 10 --out benchmarks/weighting.csv

Finished cells are kept in --out, so a stopped run goes on; --print only prints what is there.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.model_selection import train_test_split

from steelyard.core import Prior, derive
from steelyard.data import load_dataset
from steelyard.decide import PriorCorrection
from steelyard.ensemble import FocalBoostingClassifier, LDAMBoostingClassifier
from steelyard.metrics import average_precision, log_loss
from steelyard.tasks.tabular.learners import lightgbm
from steelyard.weights import (
    ClassWeightSearchCV,
    Weighted,
    hardness_weights,
    harmonised_weights,
    inverse,
    inverse_power,
    square_root,
)

TABLES = (
    "rt30/abalone_binarized",
    "rt30/coil_2000",
    "rt30/kc1",
    "rt30/mammography",
    "rt30/ozone_level",
    "rt30/page_blocks",
    "rt30/seismic_bumps",
    "rt30/thyroid_disease",
    "rt30/wilt",
    "rt30/wine_quality",
    "rt30/yeast",
    "rt30/us_crime",
)
ARMS: dict[str, Callable[[Any, int], Any]] = {
    "alone": lambda base, seed: Weighted(base, inverse_power(0), random_state=seed),
    "class weights": lambda base, seed: Weighted(base, inverse(), random_state=seed),
    "square root": lambda base, seed: Weighted(base, square_root(), random_state=seed),
    "searched": lambda base, seed: ClassWeightSearchCV(base, cv=3, outer=None, random_state=seed),
    "hardness": lambda base, seed: _rows(base, hardness_weights(1), seed),
    "harmonised": lambda base, seed: _rows(base, harmonised_weights(), seed),
    "focal 1": lambda base, seed: FocalBoostingClassifier(base, gamma=1, random_state=seed),
    "focal 2": lambda base, seed: FocalBoostingClassifier(base, gamma=2, random_state=seed),
    "margin 1": lambda base, seed: LDAMBoostingClassifier(base, max_margin=1, random_state=seed),
    "margin 3": lambda base, seed: LDAMBoostingClassifier(base, max_margin=3, random_state=seed),
}
FIELDS = ("table", "seed", "arm", "average_precision", "log_loss", "seconds")


def _rows(base: Any, rows: Any, seed: int) -> Any:
    return Weighted(base, inverse_power(0), rows=rows, random_state=seed)


def numbers(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Columns as numbers, categories by their codes, and the positive class as 1."""
    data = load_dataset(name)
    frame = data.frame.drop(columns=[data.info.target, *data.info.drop])
    columns = [
        column if pd.api.types.is_numeric_dtype(column) else pd.Series(pd.factorize(column)[0])
        for _, column in frame.items()
    ]
    X = np.column_stack([np.asarray(column, dtype=np.float32) for column in columns])
    return X, (data.frame[data.info.target] == data.positive).to_numpy().astype(np.int64)


def measure(table: str, seed: int, arm: str) -> dict[str, Any]:
    """One arm on one split."""
    X, y = numbers(table)
    parts = train_test_split(X, y, test_size=0.3, stratify=y, random_state=derive(seed, table) % 2**31)
    X_train, X_test, y_train, y_test = parts
    base = lightgbm(seed=seed, n_jobs=1, n_rows=len(y_train))
    start = time.perf_counter()
    model = ARMS[arm](base, seed).fit(X_train, y_train)
    seconds = time.perf_counter() - start
    p = PriorCorrection(model.training_prior_, Prior.of(y_train))(model.predict_proba(X_test))
    return {
        "table": table,
        "seed": seed,
        "arm": arm,
        "average_precision": average_precision(y_test, p),
        "log_loss": log_loss(y_test, p),
        "seconds": seconds,
    }


def run(out: Path, seeds: int) -> None:
    """Measure every cell that is missing."""
    done = set()
    if out.is_file():
        kept = pd.read_csv(out)
        done = set(zip(kept["table"], kept["seed"], kept["arm"], strict=True))
    cells = [(t, s, a) for s in range(seeds) for t in TABLES for a in ARMS if (t, s, a) not in done]
    start = time.perf_counter()
    for i, (table, seed, arm) in enumerate(cells):
        row = measure(table, seed, arm)
        new = not out.is_file()
        with out.open("a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, FIELDS)
            if new:
                writer.writeheader()
            writer.writerow({k: f"{v:.6g}" if isinstance(v, float) else v for k, v in row.items()})
        left = (time.perf_counter() - start) / (i + 1) * (len(cells) - i - 1)
        print(f"\r{i + 1}/{len(cells)} cells, {left / 60:.1f} minutes left", end="", flush=True)
    print()


def show(out: Path) -> None:
    """The table of differences."""
    cells = pd.read_csv(out)
    print(f"{cells['table'].nunique()} tables, {cells['seed'].nunique()} seeds\n")
    print(
        "| arm | average precision | difference | tables better / worse | log loss | difference | seconds |"
    )
    print("|---|---|---|---|---|---|---|")
    seconds = cells.groupby("arm")["seconds"].mean()
    by = {m: cells.pivot_table(index=["table", "seed"], columns="arm", values=m) for m in FIELDS[3:5]}
    for arm in ARMS:
        ap, loss = (by[m][arm].groupby("table").mean().mean() for m in by)
        gained, lost = (by[m][arm] - by[m]["alone"] for m in by)
        if arm == "alone":
            print(f"| {arm} | {ap:.3f} | | | {loss:.4f} | | {seconds[arm]:.2f} |")
            continue
        better, worse = clear(gained)
        print(
            f"| {arm} | {ap:.3f} | {interval(gained, 3)} | {better} / {worse} | {loss:.4f} | "
            f"{interval(lost, 4)} | {seconds[arm]:.2f} |"
        )


def clear(gap: pd.Series) -> tuple[int, int]:
    """Tables on which the paired 95 % interval over seeds lies above zero, and below."""
    spread = gap.groupby("table").std() / np.sqrt(gap.groupby("table").count())
    half = stats.t.ppf(0.975, gap.groupby("table").count() - 1) * spread
    mean = gap.groupby("table").mean()
    return int((mean - half > 0).sum()), int((mean + half < 0).sum())


def interval(gap: pd.Series, digits: int) -> str:
    """Mean over tables with its 95 % interval over tables."""
    means = gap.groupby("table").mean()
    if len(means) == 1:
        return f"{means.mean():+.{digits}f} (one table)"
    half = stats.t.ppf(0.975, len(means) - 1) * means.std() / np.sqrt(len(means))
    return (
        f"{means.mean():+.{digits}f} ({means.mean() - half:+.{digits}f} to {means.mean() + half:+.{digits}f})"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/weighting.csv"))
    parser.add_argument("--print", action="store_true", help="print what is there, measure nothing")
    options = parser.parse_args()
    if not options.print:
        run(options.out, options.seeds)
    show(options.out)


if __name__ == "__main__":
    main()
