"""Fits on several processes; results come back as they finish, seeds come from names, so order is free."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.core import Floats
from steelyard.race.arms import Arm
from steelyard.race.encodings import Encodings, load_matrix
from steelyard.race.fitting import FitResult, fit_and_score
from steelyard.race.levels import Level
from steelyard.race.problem import Problem
from steelyard.resample.shared import SharedNeighbours

__all__ = ["Task", "run_tasks"]


@dataclass(frozen=True)
class Task:
    """One fit: an arm on a fold."""

    key: str
    arm: Arm
    fold: int
    seed: int


def run_tasks(
    tasks: Iterable[Task], level: Level, encodings: Encodings, part: Problem, workers: int
) -> Iterator[tuple[Task, FitResult]]:
    """Run tasks, lazily taken from `tasks`, and yield each with its result as it finishes."""
    broken: list[Exception] = []
    neighbours = SharedNeighbours()

    def calls() -> Iterator[tuple[Any, ...]]:
        for task in tasks:
            fold = level.folds[task.fold]
            try:
                paths = encodings.paths(f"F{task.fold}", fold, task.arm.encoding)
            except Exception as error:  # noqa: BLE001 - a pool's feeding thread would swallow it; raised below
                broken.append(error)
                return
            weight = None if part.sample_weight is None else part.sample_weight[fold.train]
            yield task, paths, part.y[fold.train], weight, part.n_classes, neighbours

    if workers == 1:
        for call in calls():
            yield _run(*call)
    else:
        from joblib import Parallel, delayed

        pool = Parallel(
            n_jobs=workers,
            prefer="threads",
            return_as="generator_unordered",
            pre_dispatch=workers + 1,
            batch_size=1,
        )
        yield from pool(delayed(_run)(*call) for call in calls())
    if broken:
        raise broken[0]


def _run(
    task: Task,
    paths: tuple[str, str],
    y: NDArray[np.int64],
    weight: Floats | None,
    n_classes: int,
    neighbours: SharedNeighbours,
) -> tuple[Task, FitResult]:
    train, test = load_matrix(paths[0]), load_matrix(paths[1])
    with neighbours:  # resamplers that meet the same fold search it once
        result = fit_and_score(
            task.arm, train, y, test, n_classes=n_classes, sample_weight=weight, seed=task.seed
        )
    return task, result
