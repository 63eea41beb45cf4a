"""The main job against plain LightGBM, SMOTE + random forest, and AutoGluon, on real tables.

For every table and seed the rows are split once (by time or group where the table has them); every contender
gets the same training rows, steelyard and AutoGluon the same minutes, and all are judged on the same final rows
by the table's stated goal. The training parts of the seeds overlap, so the intervals of the paired differences are
those of Nadeau and Bengio (`corrected_interval`), which are wider than the usual ones.

    python -m benchmarks.main_job --budget 0.5 --seeds 5 --autogluon /path/to/its/bin/python --out results.csv

AutoGluon lives in an environment of its own (`pip install 'autogluon.tabular[lightgbm,catboost,xgboost]'
pyarrow`); without --autogluon it is left out. Finished cells are kept in --out, so a stopped run goes on.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import steelyard
from steelyard.core import derive
from steelyard.data import final_split, load_dataset
from steelyard.decide import Goal, Threshold
from steelyard.metrics import corrected_interval
from steelyard.race.problem import Columns, Problem
from steelyard.tasks.tabular import TableEncoder

TEST_SHARE = 0.3
LEAST_SEEDS = 3  # fewer have no spread worth an interval
ORDER = ("LightGBM", "SMOTE + forest", "AutoGluon")


@dataclass(frozen=True)
class Entry:
    """One table with its stated goal."""

    name: str
    goal: dict[str, Any] = field(default_factory=dict)

    @property
    def metric(self) -> str:
        """The goal in AutoGluon's words, which are ours; without costs, so there it is asked for probabilities."""
        return str(self.goal.get("metric", "log_loss"))


TABLES = [
    Entry("taxi", {"metric": "average_precision"}),
    Entry("personal-loan", {"metric": "f1"}),
    Entry("rt30/mammography", {"metric": "average_precision"}),
    Entry("rt30/coil_2000", {"cost_fp": 1, "cost_fn": 12}),
    Entry("rt30/thyroid_disease", {"metric": "f1"}),
    Entry("rt30/satellite", {"metric": "mcc"}),
    Entry("churn", {"cost_fp": 1, "cost_fn": 5}),
    Entry("oil-spill", {"metric": "balanced_accuracy"}),
    Entry("bank-marketing", {"metric": "f1"}),
    Entry("diabetes130", {"metric": "average_precision"}),
    Entry("uci/page_blocks", {"metric": "balanced_accuracy"}),
    Entry("uci/cmc", {"metric": "log_loss"}),
    Entry("adbench/http", {"metric": "f1"}),
    Entry("adbench/smtp", {"metric": "average_precision"}),
    Entry("nasa/CM1_D2", {"metric": "roc_auc"}),
]


@dataclass(frozen=True, eq=False)
class Cell:
    """One table under one seed, split."""

    entry: Entry
    seed: int
    train: Problem
    test: Problem
    train_frame: pd.DataFrame
    target: str
    budget: float
    goal: Goal

    def score(self, p: np.ndarray, decisions: np.ndarray) -> float:
        """The stated goal on the final rows."""
        test = self.test
        return self.goal.score(test.y, p, decisions, sample_weight=test.sample_weight, costs=test.costs)


def make_cell(entry: Entry, seed: int, budget: float) -> Cell:
    """Load and split."""
    known = load_dataset(entry.name)
    frame = known.frame.drop(columns=[c for c in known.drop if c in known.frame])
    columns = Columns(target=known.target, group=known.group, time=known.time, weight=known.weight)
    whole = Problem.of_table(frame, columns, positive=known.positive)
    kept = frame.loc[frame[known.target].notna()].reset_index(drop=True)
    if whole.time is not None:  # one order only: seeds drop a random tenth of the past instead
        rng = np.random.default_rng(derive(seed, "past"))
        kept_rows = np.sort(rng.permutation(whole.n)[: int(0.9 * whole.n)])
        whole, kept = whole.take(kept_rows), kept.iloc[kept_rows].reset_index(drop=True)
    split = final_split(
        whole.y, groups=whole.groups, time=whole.time, size=TEST_SHARE, seed=derive(seed, entry.name)
    )
    goal = Goal.of(**entry.goal, n_rows=len(split.train), n_classes=whole.n_classes)
    return Cell(
        entry,
        seed,
        whole.take(split.train),
        whole.take(split.test),
        kept.iloc[split.train].reset_index(drop=True),
        known.target,
        budget,
        goal,
    )


def ours(cell: Cell) -> float:
    """Steelyard with its defaults."""
    known = load_dataset(cell.entry.name)
    positive = cell.train.labels[-1] if cell.train.n_classes == 2 else None
    answer = steelyard.run(
        cell.train_frame,
        target=cell.target,
        positive=positive,
        group=known.group,
        time=known.time,
        weight=known.weight,
        test_size=0,
        budget=cell.budget,
        seed=cell.seed,
        progress=False,
        **cell.entry.goal,
    )
    model = answer.best_
    p = model.predict_proba(cell.test.X)
    print(f"    chose {answer.facts['chosen']['arm']}", flush=True)
    return cell.score(p, model.decide(p, costs=cell.test.costs))


def plain_lightgbm(cell: Cell) -> float:
    """LightGBM with its own defaults, most probable class."""
    from lightgbm import LGBMClassifier

    encoder = TableEncoder(kind="tree")
    model = LGBMClassifier(random_state=cell.seed, verbose=-1, n_jobs=2)
    model.fit(encoder.fit_transform(cell.train.X), cell.train.y, sample_weight=cell.train.sample_weight)
    p = _fill(model, encoder.transform(cell.test.X), cell.train.n_classes)
    return cell.score(p, p.argmax(axis=1))


def smote_forest(cell: Cell) -> float:
    """imbalanced-learn's SMOTE and a random forest, most probable class."""
    from imblearn.over_sampling import SMOTE
    from sklearn.ensemble import RandomForestClassifier

    encoder = TableEncoder(kind="linear")
    rows = encoder.fit_transform(cell.train.X)
    rarest = int(np.bincount(cell.train.y).min())
    if rarest < 2:
        return float("nan")
    X, y = SMOTE(k_neighbors=min(5, rarest - 1), random_state=cell.seed).fit_resample(rows, cell.train.y)
    model = RandomForestClassifier(random_state=cell.seed, n_jobs=2).fit(X, y)
    p = _fill(model, encoder.transform(cell.test.X), cell.train.n_classes)
    return cell.score(p, p.argmax(axis=1))


def _fill(model: Any, X: Any, n_classes: int) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # LightGBM's remark on feature names
        raw = model.predict_proba(X)
    p = np.zeros((len(raw), n_classes))
    p[:, np.asarray(model.classes_, dtype=int)] = raw
    return p


def autogluon(python: str) -> Callable[[Cell], float]:
    """AutoGluon in its own environment, with the same minutes and the goal as its metric."""

    def contend(cell: Cell) -> float:
        script = Path(__file__).with_name("main_job_autogluon.py")
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            _write(cell.train, folder / "train.parquet")
            _write(cell.test, folder / "test.parquet")
            settings = {
                "metric": cell.entry.metric,
                "seconds": 60 * cell.budget,
                "classes": cell.train.n_classes,
            }
            (folder / "settings.json").write_text(json.dumps(settings))
            subprocess.run([python, str(script), place], check=True, capture_output=True, timeout=1800)
            p = pd.read_parquet(folder / "p.parquet").to_numpy()
            decisions = pd.read_parquet(folder / "decisions.parquet")["decision"].to_numpy()
        if cell.goal.kind == "cost":  # AutoGluon knows no costs: its probabilities get the Bayes rule
            decisions = Threshold.of_costs(
                fp=float(cell.entry.goal["cost_fp"]), fn=float(cell.entry.goal["cost_fn"])
            ).decide(p)
        return cell.score(p, decisions)

    return contend


def _write(problem: Problem, path: Path) -> None:
    frame = problem.X.copy()
    for name in frame.columns:
        if frame[name].dtype.kind == "O" or str(frame[name].dtype) in {"str", "category"}:
            frame[name] = frame[name].astype(object).where(frame[name].notna(), None)
    frame.assign(__y__=problem.y).to_parquet(path)


def run_all(arguments: argparse.Namespace) -> pd.DataFrame:
    """Every table, seed and contender; what is in the file already is not run again."""
    contenders: dict[str, Callable[[Cell], float]] = {
        "steelyard": ours,
        "LightGBM": plain_lightgbm,
        "SMOTE + forest": smote_forest,
    }
    if arguments.autogluon:
        contenders["AutoGluon"] = autogluon(arguments.autogluon)
    if arguments.only:
        contenders = {name: contend for name, contend in contenders.items() if name in arguments.only}
    out = Path(arguments.out)
    done = pd.read_csv(out).to_dict("records") if out.exists() else []
    have = {(row["table"], row["seed"], row["contender"]) for row in done}
    wanted = [one for one in TABLES if not arguments.tables or one.name in arguments.tables]
    for seed in range(arguments.seeds):
        for entry in wanted:
            missing = [name for name in contenders if (entry.name, seed, name) not in have]
            if not missing:
                continue
            cell = make_cell(entry, seed, arguments.budget)
            for name in missing:
                row = run_one(cell, name, contenders[name])
                done.append(row)
                pd.DataFrame(done).to_csv(out, index=False, float_format="%.5g")
                print(
                    f"{entry.name:24} seed {seed} {name:16} {row['value']:.4f} {row['seconds']:6.1f} s "
                    f"({row['cpu']:.1f} s of CPU) {row['note']}",
                    flush=True,
                )
    return pd.DataFrame(done)


def run_one(cell: Cell, name: str, contend: Callable[[Cell], float]) -> dict[str, Any]:
    """One contender on one cell: its score with the wall and processor time it took."""
    start, burnt = time.perf_counter(), _cpu_seconds()
    try:
        value, note = contend(cell), ""
    except Exception as error:  # noqa: BLE001 - a contender's failure is a result
        value, note = float("nan"), f"{type(error).__name__}: {error}"[:200]
    return {
        "table": cell.entry.name,
        "goal": cell.goal.name,
        "direction": cell.goal.direction,
        "seed": cell.seed,
        "contender": name,
        "value": value,
        "seconds": time.perf_counter() - start,
        "cpu": _cpu_seconds() - burnt,
        "note": note,
    }


def _cpu_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def summarise(results: pd.DataFrame) -> str:
    """Mean per contender, the paired difference of steelyard to each, and the counts of clear differences."""
    rivals = [name for name in ORDER if name in set(results.contender)]
    lines = [
        "| table | goal | seeds | steelyard | " + " | ".join(rivals) + " |",
        "|---|---|---|---" + "|---" * len(rivals) + "|",
    ]
    counts = {name: {"better": 0, "level": 0, "worse": 0} for name in rivals}
    for table, rows in results.groupby("table", sort=False):
        wide = rows.pivot_table(index="seed", columns="contender", values="value")
        wide = wide.reindex(columns=["steelyard", *rivals]).dropna(subset=["steelyard"])
        sign = 1 if rows.direction.iloc[0] == "max" else -1
        cells = []
        for name in rivals:
            gaps = (sign * (wide["steelyard"] - wide[name])).dropna().to_numpy()
            if not len(gaps):
                cells.append("–")
                continue
            kind, text = _verdict(gaps)
            counts[name][kind] += 1
            cells.append(f"{wide[name].mean():.3f}: {text}")
        goal, seeds = rows.goal.iloc[0], int(wide["steelyard"].notna().sum())
        lines.append(f"| {table} | {goal} | {seeds} | {wide['steelyard'].mean():.3f} | {' | '.join(cells)} |")
    for name in rivals:
        better, level, worse = counts[name].values()
        lines.append(
            f"\nAgainst {name}: clearly better on {better}, clearly worse on {worse}, neither on {level} tables."
        )
    return "\n".join([*lines, "", *_times(results)])


def _times(results: pd.DataFrame) -> list[str]:
    lines = ["| contender | median wall seconds | longest | median processor seconds |", "|---|---|---|---|"]
    for name in ["steelyard", *ORDER]:
        rows = results[results.contender == name]
        if len(rows):
            lines.append(
                f"| {name} | {rows.seconds.median():.1f} | {rows.seconds.max():.1f} | {rows.cpu.median():.1f} |"
            )
    return lines


def _verdict(gaps: np.ndarray) -> tuple[str, str]:
    """Whether the interval of the mean difference, corrected for overlapping splits, leaves zero out."""
    found = corrected_interval(gaps, test_share=TEST_SHARE)
    if found.folds < LEAST_SEEDS:
        return "level", f"{found.mean:+.3f}"
    kind = "better" if found.low > 0 else "worse" if found.high < 0 else "level"
    mark = {"better": " ▲", "worse": " ▼", "level": ""}[kind]
    return kind, f"{found.mean:+.3f} ({found.low:+.3f} to {found.high:+.3f}){mark}"


def main() -> None:
    """Read the command line, run, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--budget", type=float, default=0.5, help="minutes for steelyard and for AutoGluon")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--autogluon", help="python of an environment with AutoGluon")
    parser.add_argument("--only", nargs="*", help="only these contenders")
    parser.add_argument("--tables", nargs="*", help="only these")
    parser.add_argument("--out", default="benchmarks/main_job.csv")
    parser.add_argument("--print", action="store_true", help="only print the table of what is in --out")
    arguments = parser.parse_args()
    results = pd.read_csv(arguments.out) if arguments.print else run_all(arguments)
    if "steelyard" in set(results.contender):
        sys.stdout.write(summarise(results) + "\n")


if __name__ == "__main__":
    main()
