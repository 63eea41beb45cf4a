"""In which order should a race try remedies when time may run out? Four orders replayed on the packaged store.

python -m benchmarks.race_order

Every base table is left out in turn. Learners alone and their averages have run; then remedies run one after the
other in each order, and what the best arm so far misses of the best of all is averaged over the tables. Orders:

- learner: by the score of doing nothing with the same learner on this table, then the simpler remedy;
- mean rank: by mean rank on the other tables;
- features: by the rank expected from the table's features;
- learner + gain: by the score of doing nothing with the same learner on this table plus what the remedy added to it
  on the other tables on average;
- learner + expected gain: the same with the gain expected from the table's features.
"""

from __future__ import annotations

import argparse

import numpy as np

from steelyard.metrics import bootstrap
from steelyard.race import (
    Lesson,
    by_gain,
    by_learner,
    fit_ridge,
    gains_over_learner,
    load_experience,
    missed,
)

STEPS = (1, 2, 3, 5, 10, 20)
FIRST = 10


def replay(lesson: Lesson) -> dict[str, np.ndarray]:
    """What is missed after each remedy (T, R), by order."""
    found: dict[str, list[np.ndarray]] = {}
    for row, group in enumerate(lesson.groups):
        others = lesson.take(np.flatnonzero(lesson.groups != group))
        for name, promise in orders(lesson, others, row).items():
            found.setdefault(name, []).append(missed(lesson, row, promise))
    return {name: np.array(curves) for name, curves in found.items()}


def orders(lesson: Lesson, others: Lesson, row: int) -> dict[str, np.ndarray]:
    """The promise of every arm (A,) by order; the largest goes first."""
    gains, features = gains_over_learner(others), lesson.features[row]
    places = fit_ridge(others.features, others.places, others.groups)
    expected = fit_ridge(others.features, gains, others.groups).predict(features)
    return {
        "learner": by_learner(lesson, row),
        "mean rank": -places.centre,
        "features": -places.predict(features),
        "learner + gain": by_gain(lesson, row, gains.mean(axis=0)),
        "learner + expected gain": by_gain(lesson, row, expected),
    }


def against(curves: np.ndarray, reference: np.ndarray, groups: np.ndarray) -> str:
    """The paired difference over the first ten remedies; below zero is better than the reference."""
    gap = (curves - reference)[:, :FIRST].mean(axis=1)
    value, low, high = bootstrap(lambda one: float(np.mean(one)), gap, n=2000, seed=0, groups=groups)
    return f"{value:+.5f} ({low:+.5f} to {high:+.5f})"


def main() -> None:
    """Print one table a metric."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--metrics", nargs="+", default=["average_precision", "brier", "f1", "balanced_accuracy"]
    )
    for metric in parser.parse_args().metrics:
        lesson = load_experience().lesson(metric)
        found = replay(lesson)
        print(
            f"\n{metric}: missed of the best arm after so many remedies, {len(lesson.tables)} tables left out"
        )
        print(f"{'order':26}" + "".join(f"{k:>9}" for k in STEPS) + "   first ten, against order by learner")
        for name, curves in found.items():
            shown = "".join(f"{curves[:, min(k, curves.shape[1]) - 1].mean():9.5f}" for k in STEPS)
            print(f"{name:26}{shown}   {against(curves, found['learner'], lesson.groups)}")


if __name__ == "__main__":
    main()
