"""The protocol of recipe 001 as a plain script and through the study engine: same numbers, which time?

The plain side is what one writes with scikit-learn and imbalanced-learn: a function that fits one learner in one
scenario on one fold (encode, choose the knob on a tenth of the training rows, fit again, score), and joblib over
all cores. Every scenario is fitted on its own. The engine's side is the recipe itself. Each side is a process of
its own; CPU time is that of all processes a side started, start-up and imports included.

    python -m benchmarks.study                    (about five minutes on two cores)
    python -m benchmarks.study --tables rt30/yeast --learners "decision tree"
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from imblearn.over_sampling import SMOTE
from sklearn import metrics
from sklearn.model_selection import StratifiedKFold, train_test_split

from steelyard.bench import RawTable, Shared, Trial, raw_table, run_study
from steelyard.bench.executors import Processes
from steelyard.core import derive
from steelyard.recipes import p001_balancing_the_scales as recipe
from steelyard.recipes.study_learners import LEARNERS, QUICK, study_encoder

TABLES = [
    "breast-cancer",
    "rt30/yeast",
    "rt30/pc1",
    "rt30/climate_simulation_crashes",
    "rt30/thoracic_surgery",
]
ON = ["data", "arm", "learner", "seed", "split", "metric"]
EQUAL = 1e-9


def trials_of(tables: list[str], learners: list[str], folds: int) -> list[Trial]:
    """Those of recipe 001 on some tables with some learners."""
    from benchmarks.study import timed  # by the name under which other processes find it

    return [
        Trial(timed, table, arm, learner, 0, split, shares=f"{table} 0 {split}")
        for table in tables
        for split in range(folds)
        for learner in learners
        for arm in recipe.ARMS
    ]


def timed(trial: Trial, shared: Shared) -> Mapping[str, float]:
    """The recipe's trial, and the CPU time it took."""
    start = time.process_time()
    scores = recipe.compare(trial, shared)
    return {**scores, "cpu": time.process_time() - start}


def plain(table: RawTable, trial: Trial) -> list[dict[str, Any]]:
    """One scenario on one fold, from the opened table to its scores."""
    start = time.process_time()
    arm, learner, split = trial.arm, trial.learner, trial.split
    X, y, X_test, y_test = fold_of(table, split)
    X_in, X_out, y_in, y_out = train_test_split(
        X, y, test_size=0.1, stratify=y, random_state=recipe.INNER_SEED
    )
    smote_seed, cut = derive(0, split, "smote"), 0.5
    fits = 0

    def fit(rows: Any, labels: Any, new: Any, weight: Any = None) -> Any:
        nonlocal fits
        fits += 1
        model = LEARNERS[learner](derive(0, split, "learner"))
        kwargs = {} if weight is None else {"sample_weight": weight}
        return model.fit(rows, labels, **kwargs).predict_proba(new)[:, 1]

    def smote(k: int, rows: Any, labels: Any, new: Any) -> Any:
        return fit(*SMOTE(k_neighbors=k, random_state=smote_seed).fit_resample(rows, labels), new)

    def weighted(share: float, rows: Any, labels: Any, new: Any) -> Any:
        n = np.bincount(labels)
        weight = np.where(labels == n.argmin(), 1 + share * (n.max() / n.min() - 1), 1.0)
        return fit(rows, labels, new, weight if share else None)

    def f1_of(how: Callable[..., Any]) -> Callable[[Any], float]:
        return lambda knob: f1(y_out, how(knob, X_in, y_in, X_out) >= 0.5)

    if arm == "SMOTE":
        knob: float = max(recipe.NEIGHBOURS, key=f1_of(smote))
        p = smote(int(knob), X, y, X_test)
    elif arm == "class weights":
        knob = max(recipe.SHARES, key=f1_of(weighted))
        p = weighted(knob, X, y, X_test)
    else:
        knob = 0.5
        if arm == "threshold":
            inner = fit(X_in, y_in, X_out)
            knob = cut = max(recipe.CUTS[::-1], key=lambda t: f1(y_out, inner >= t))
        p = fit(X, y, X_test)
    found = scored(y_test, p, p >= cut) | {"knob": float(knob)}
    found |= {"fits": float(fits), "cpu": time.process_time() - start}
    about = {"data": trial.data, "arm": arm, "learner": learner, "seed": 0, "split": split}
    return [{**about, "metric": name, "value": float(value)} for name, value in found.items()]


def fold_of(raw: RawTable, split: int) -> tuple[Any, ...]:
    """Encoded training and test rows of one outer fold."""
    dealt = StratifiedKFold(recipe.FOLDS, shuffle=True, random_state=recipe.FOLD_SEED)
    train, test = list(dealt.split(raw.X, raw.y))[split]
    encoder = study_encoder()
    X = encoder.fit_transform(raw.X.iloc[train])
    return X, raw.y[train], encoder.transform(raw.X.iloc[test]), raw.y[test]


def f1(y: Any, decisions: Any) -> float:
    return float(metrics.f1_score(y, decisions, zero_division=0))


def scored(y: Any, p: Any, decisions: Any) -> dict[str, float]:
    """The study's eleven metrics, by scikit-learn."""
    precision, recall, _ = metrics.precision_recall_curve(y, p)
    return {
        "f1": f1(y, decisions),
        "f2": metrics.fbeta_score(y, decisions, beta=2, zero_division=0),
        "mcc": metrics.matthews_corrcoef(y, decisions),
        "recall": metrics.recall_score(y, decisions, zero_division=0),
        "precision": metrics.precision_score(y, decisions, zero_division=0),
        "pr_auc_trapezoid": metrics.auc(recall, precision),
        "roc_auc": metrics.roc_auc_score(y, p),
        "accuracy": metrics.accuracy_score(y, decisions),
        "log_loss": metrics.log_loss(y, p),
        "brier": metrics.brier_score_loss(y, p),
        "average_precision": metrics.average_precision_score(y, p),
    }


def run_plain(trials: list[Trial]) -> pd.DataFrame:
    """All scenarios by joblib, on all cores; every table is opened once."""
    tables = {name: raw_table(name, Shared()) for name in dict.fromkeys(one.data for one in trials)}
    jobs = (joblib.delayed(plain)(tables[one.data], one) for one in trials)
    return pd.DataFrame([row for rows in joblib.Parallel(n_jobs=-1)(jobs) for row in rows])


def run_engine(trials: list[Trial]) -> pd.DataFrame:
    """All trials by the engine, on all cores."""
    with tempfile.TemporaryDirectory() as folder:
        results = run_study(trials, folder, Processes())
    if set(results.states) != {"done"}:
        raise SystemExit(f"the engine's trials ended as {results.states}")
    return results.scores


def side(name: str, arguments: list[str]) -> tuple[pd.DataFrame, float, float]:
    """Run one side in a process of its own: scores, CPU and wall seconds."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "scores.parquet"
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        command = [sys.executable, "-m", "benchmarks.study", *arguments, "--side", name, "--out", str(out)]
        subprocess.run(command, check=True, env=os.environ | {"PYTHONWARNINGS": "ignore"})
        wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return pd.read_parquet(out), cpu, wall


def compared(plain_scores: pd.DataFrame, engine_scores: pd.DataFrame) -> pd.Series:
    """The largest difference of any score, by arm; both sides must have scored the same things."""
    both = plain_scores.merge(engine_scores, on=ON, suffixes=("_plain", "_engine"))
    if not len(both) == len(plain_scores) == len(engine_scores):
        raise SystemExit(f"{len(plain_scores)} and {len(engine_scores)} scores, {len(both)} in common")
    return (both["value_plain"] - both["value_engine"]).abs().groupby(both["arm"]).max()


def fits_of_engine(scores: pd.DataFrame) -> int:
    """How many models the engine fits, by the knobs that were chosen.

    A fold's learner needs the baseline's fit, one for the thresholds, five neighbourhoods and five weights (no
    weight is the threshold's fit), and the last fit of SMOTE and of the weights, unless the best weight is none.
    """
    chosen = scores[(scores["metric"] == "knob") & (scores["arm"] == "class weights")]
    extra = Counter(chosen["value"] > 0)[True]
    return len(chosen) * (2 + len(recipe.NEIGHBOURS) + len(recipe.SHARES) - 1 + 1) + extra


def report(arguments: list[str]) -> None:
    """Run both sides and print the table; numbers that differ end the run."""
    plain_scores, plain_cpu, plain_wall = side("plain", arguments)
    engine_scores, engine_cpu, engine_wall = side("engine", arguments)
    plain_of, engine_of = (dict(list(one.groupby("metric"))) for one in (plain_scores, engine_scores))
    gaps = compared(*(one[~one["metric"].isin(["fits", "cpu"])] for one in (plain_scores, engine_scores)))
    fits = int(plain_of["fits"]["value"].sum()), fits_of_engine(engine_scores)
    print(f"scenarios on folds: {len(plain_of['fits'])}")
    print("| | plain script | engine | ratio |\n|---|---|---|---|")
    for name, (a, b), digits in (
        ("models fitted", fits, 0),
        ("CPU seconds", (plain_cpu, engine_cpu), 1),
        ("wall seconds", (plain_wall, engine_wall), 1),
    ):
        print(f"| {name} | {a:,.{digits}f} | {b:,.{digits}f} | {a / b:.2f} |")
    spent = [of["cpu"].groupby("learner")["value"].sum() for of in (plain_of, engine_of)]
    for learner, a in spent[0].items():
        print(
            f"| CPU seconds within {learner} | {a:.1f} | {spent[1][learner]:.1f} | {a / spent[1][learner]:.2f} |"
        )
    print("largest difference of a score: " + ", ".join(f"{arm} {gap:.0e}" for arm, gap in gaps.items()))
    if not (gaps <= EQUAL).all():
        raise SystemExit(f"scores differ by more than {EQUAL:g}")


def main() -> None:
    """Both sides, or one of them for the other process."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tables", nargs="+", default=TABLES)
    parser.add_argument("--learners", nargs="+", default=list(QUICK), choices=list(LEARNERS))
    parser.add_argument("--folds", type=int, default=recipe.FOLDS, help="how many of the five outer folds")
    parser.add_argument("--side", choices=["plain", "engine"], help=argparse.SUPPRESS)
    parser.add_argument("--out", help=argparse.SUPPRESS)
    known = parser.parse_args()
    if known.side is None:
        report(sys.argv[1:])
        return
    run = run_plain if known.side == "plain" else run_engine
    run(trials_of(known.tables, known.learners, known.folds)).to_parquet(known.out)


if __name__ == "__main__":
    main()
