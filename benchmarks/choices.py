"""What the defaults of the main job were decided on: learners, blends, and where a threshold comes from.

The tables are others than those the main job is compared on. For every table the rows are split once, every
learner is fitted on five folds and on the whole training part, and what is learned on the out-of-fold rows
(shares, calibration, threshold) is judged on the final part.

    python -m benchmarks.choices --seed 100
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from benchmarks.main_job import Entry, make_cell
from steelyard.core import Floats
from steelyard.data import make_folds
from steelyard.decide import best_threshold, choose_calibration, expected_threshold
from steelyard.metrics import named
from steelyard.race.arms import NOTHING, Arm, learners
from steelyard.race.blend import learn_shares
from steelyard.race.fitting import fit_arm, probabilities
from steelyard.race.problem import Problem
from steelyard.tasks.tabular import TableEncoder

TABLES = [
    "rt30/us_crime",
    "rt30/wilt",
    "rt30/yeast",
    "rt30/ozone_level",
    "rt30/wine_quality",
    "rt30/abalone_binarized",
    "rt30/car_eval_binarized",
    "rt30/kc1",
    "german-credit",
]
OPERATING = ("f1", "mcc", "balanced_accuracy")


def scores_of(table: str, seed: int) -> list[dict[str, Any]]:
    """All figures of one table."""
    cell = make_cell(Entry(table, {"metric": "log_loss"}), seed, 1.0)
    folds = make_folds(cell.train.y, n_folds=5, repeats=1, seed=seed)
    parts = [(cell.train.take(fold.train), cell.train.take(fold.test)) for fold in folds]
    y = np.concatenate([test.y for _, test in parts])
    fold_of = np.repeat(np.arange(5), [test.n for _, test in parts])
    given = {
        one.label: (
            np.concatenate([fitted(one, train, test, seed) for train, test in parts]),
            fitted(one, cell.train, cell.test, seed),
        )
        for one in learners()
    }
    single = {name: named("average_precision")(y, oof, None, None) for name, (oof, _) in given.items()}
    shares = learn_shares(np.column_stack([oof[np.arange(len(y)), y] for oof, _ in given.values()]))
    contenders = {"best learner": given[max(sorted(single), key=lambda name: single[name])]}
    contenders["averaged"] = mixed(given, np.full(len(given), 1 / len(given)))
    contenders["averaged by learned shares"] = mixed(given, shares)
    contenders |= given
    return [
        {"table": table, "model": name, **judged(oof, y, fold_of, new, cell.test.y)}
        for name, (oof, new) in contenders.items()
    ]


def fitted(one: Any, train: Problem, test: Problem, seed: int) -> Floats:
    """Probabilities of a learner on rows it has not seen."""
    encoder = TableEncoder(kind=one.encoding)
    rows = encoder.fit_transform(train.X)
    with threadpool_limits(1):
        model = fit_arm(
            Arm(NOTHING, one), rows, train.y, n_classes=2, sample_weight=train.sample_weight, seed=seed
        ).model
        return probabilities(model, encoder.transform(test.X), 2)


def mixed(given: dict[str, tuple[Floats, Floats]], shares: Floats) -> tuple[Floats, Floats]:
    """The linear pool, out of fold and on the final rows."""
    oof, new = zip(*given.values(), strict=True)
    return np.tensordot(shares, oof, 1), np.tensordot(shares, new, 1)


def judged(oof: Floats, y: Any, fold_of: Any, new: Floats, truth: Any) -> dict[str, float]:
    """Ranking and log loss on the final rows, and metrics of decisions with either threshold."""
    _, calibration, _ = choose_calibration(oof, y, fold_of)
    p, q = calibration(oof), calibration(new)
    found = {name: named(name)(truth, q, None, None) for name in ("average_precision", "log_loss")}
    for name in OPERATING:
        for kind, cut in (
            ("labels", best_threshold(y, p, name)[0]),
            ("chances", expected_threshold(y, p, name)),
        ):
            found[f"{name}, by {kind}"] = named(name)(truth, q, (q[:, 1] >= cut).astype(int), None)
    return found


def main() -> None:
    """Run all tables, print the means."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=100)
    parser.add_argument("--tables", nargs="*", default=TABLES)
    arguments = parser.parse_args()
    rows = pd.DataFrame([row for table in arguments.tables for row in scores_of(table, arguments.seed)])
    means = rows.drop(columns="table").groupby("model", sort=False).mean()
    lines = ["| model | " + " | ".join(means.columns) + " |", "|---" * (len(means.columns) + 1) + "|"]
    lines += [
        f"| {name} | " + " | ".join(f"{value:.3f}" for value in row) + " |" for name, row in means.iterrows()
    ]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
