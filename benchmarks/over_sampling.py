"""Does over-sampling rank rows better than doing nothing? Every over-sampler on real tables, paired.

    python -m benchmarks.over_sampling
    python -m benchmarks.over_sampling --learners knn --samplers SMOTE ROSE

For every table and fold the training part is encoded and scaled once; each arm resamples it, fits and is judged by
average precision on rows no arm has seen. Shown is the mean over tables of the difference from doing nothing on the
same folds, with its 95 % interval over tables, and on how many tables it was positive or negative. Class weights
stand beside the samplers as the remedy that costs nothing.

The tables are not chosen by hand: all of the rt30 collection with 1,000 to 12,000 rows, of which 1 to 12 % and at
least 40 are rare, at most 45 columns and 30 % duplicates, the first of each family.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier
from scipy import stats
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier

import steelyard.resample
from steelyard.data import datasets, load_dataset
from steelyard.tasks.tabular import TableEncoder

LEARNERS = {
    "logistic": LogisticRegression(max_iter=2000),
    "knn": KNeighborsClassifier(n_neighbors=15),
    "lightgbm": LGBMClassifier(n_estimators=100, verbosity=-1, random_state=0, n_jobs=1),
}
SAMPLERS = (
    "RandomOverSampler",
    "ROSE",
    "SMOTE",
    "BorderlineSMOTE",
    "ADASYN",
    "PolynomFitSMOTE",
    "ProWSyn",
    "SafeLevelSMOTE",
    "GeometricSMOTE",
    "MGSGRF",
)


def chosen() -> list[str]:
    """The names of the tables, by the rule above."""
    families, names = set(), []
    for info in datasets():
        fits = (
            info.name.startswith("rt30/")
            and info.task == "binary"
            and 1_000 <= info.rows <= 12_000
            and max(40, 0.01 * info.rows) <= info.minority <= 0.12 * info.rows
            and info.columns <= 45
            and (info.duplicates or 0) <= 0.3 * info.rows
        )
        if fits and info.family not in families:
            families.add(info.family)
            names.append(info.name)
    if not names or not all(info.available for info in datasets() if info.name in names):
        raise SystemExit("the rt30 tables are not here; `steelyard data` says where they come from")
    return names


def arms(learner: str, samplers: list[str]) -> Iterator[tuple[str, Any, Any]]:
    """Name, sampler or None, and classifier of every arm; doing nothing comes first."""
    model = LEARNERS[learner]
    yield "nothing", None, clone(model)
    if "class_weight" in model.get_params():
        yield "class weights", None, clone(model).set_params(class_weight="balanced")
    for name in samplers:
        yield name, getattr(steelyard.resample, name)(random_state=0), clone(model)


def one_table(name: str, args: argparse.Namespace) -> list[dict[str, Any]]:
    """Average precision of every arm on every fold of one table."""
    data = load_dataset(name)
    y = (np.asarray(data.y).astype(str) == data.info.positive).astype(int)
    found = []
    for fold, (train, test) in enumerate(
        StratifiedKFold(args.folds, shuffle=True, random_state=args.seed).split(y, y)
    ):
        encoder = TableEncoder(kind="linear")
        rows = np.asarray(encoder.fit_transform(data.X.iloc[train]), dtype=np.float64)
        judged = np.asarray(encoder.transform(data.X.iloc[test]), dtype=np.float64)
        for learner in args.learners:
            for arm, sampler, model in arms(learner, args.samplers):
                X, labels = (rows, y[train]) if sampler is None else sampler.fit_resample(rows, y[train])
                score = model.fit(X, labels).predict_proba(judged)[:, 1]
                value = average_precision_score(y[test], score)
                found.append({"table": name, "fold": fold, "learner": learner, "arm": arm, "ap": value})
    return found


def verdict(differences: np.ndarray) -> str:
    """Mean, interval over tables, and on how many tables the arm was better and worse."""
    low, high = stats.t.interval(0.95, len(differences) - 1, differences.mean(), stats.sem(differences))
    better, worse = int((differences > 0).sum()), int((differences < 0).sum())
    return f"{differences.mean():+.3f} ({low:+.3f} to {high:+.3f}), {better}:{worse}"


def report(results: pd.DataFrame, learners: list[str]) -> str:
    """The table in Markdown."""
    mean = results.pivot_table("ap", ["table", "learner"], "arm", sort=False)
    lines = [f"| arm | {' | '.join(learners)} |", "|---|" + "---|" * len(learners)]
    base = [mean.xs(learner, level="learner")["nothing"].mean() for learner in learners]
    lines.append(f"| nothing (mean average precision) | {' | '.join(f'{value:.3f}' for value in base)} |")
    for arm in [name for name in mean.columns if name != "nothing"]:
        cells = []
        for learner in learners:
            here = mean.xs(learner, level="learner")
            values = (here[arm] - here["nothing"]).to_numpy()
            cells.append("–" if np.isnan(values).any() else verdict(values))
        lines.append(f"| {arm} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--learners", nargs="+", choices=LEARNERS, default=list(LEARNERS))
    parser.add_argument("--samplers", nargs="+", default=list(SAMPLERS))
    parser.add_argument("--tables", nargs="+", help="tables instead of those of the rule")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--out", type=Path, help="CSV file of every score; tables that stand in it are not run again"
    )
    args = parser.parse_args()
    warnings.filterwarnings("ignore", message="X does not have valid feature names")
    tables = args.tables or chosen()
    frame = pd.read_csv(args.out) if args.out and args.out.exists() else pd.DataFrame({"table": []})
    missing = [name for name in tables if name not in set(frame["table"])]
    start = time.perf_counter()
    for number, name in enumerate(missing, start=1):
        frame = pd.concat([frame, pd.DataFrame(one_table(name, args))], ignore_index=True)
        if args.out:
            frame.to_csv(args.out, index=False)
        spent = time.perf_counter() - start
        left = spent / number * (len(missing) - number)
        print(f"{number} of {len(missing)} tables, about {left:.0f} s left", file=sys.stderr, flush=True)
    print(f"{len(tables)} tables, {args.folds} folds: {', '.join(tables)}\n")
    print(report(frame[frame["table"].isin(tables)], args.learners))


if __name__ == "__main__":
    main()
