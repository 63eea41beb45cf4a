"""What the main job's arms reach on real tables: what `steelyard recommend` learns from.

    steelyard bench run examples/studies/race_arms.py
    steelyard bench report examples/studies/race_arms.py --metric average_precision
    python -m tools.experience studies/race_arms-small

Every default arm of the race on one cut of every packaged base table, by plain cross-validation, scored as the race
scores it: the better of its probabilities as they come and with prior undone, calibrated and cut. One trial a
table describes it by its diagnosis.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from steelyard.bench import Shared, Trial
from steelyard.core import NotForMe, derive, generator
from steelyard.data import DatasetInfo, datasets, load_dataset
from steelyard.decide import Goal
from steelyard.diagnose import diagnose
from steelyard.race import (
    Arm,
    Columns,
    Encodings,
    Ledger,
    Level,
    Options,
    Outcomes,
    Problem,
    Request,
    Task,
    all_arms,
    as_source,
    learners,
    plan_levels,
    prepare,
    remedies,
    run_tasks,
    table_features,
)

FOLDS = 3
ROWS, RARE = 1_200, 50
LARGEST, WIDEST, MOST_CLASSES = 60_000, 200, 3
LEAST_RARE, LEAST_RATIO = 20, 1.5
METRICS = ("average_precision", "roc_auc", "brier", "log_loss", "f1", "mcc", "balanced_accuracy")
FEATURES = "features"


def build(scale: str, seed: int) -> list[Trial]:
    """The features of every chosen table, and all arms on it."""
    names = ["breast-cancer"] if scale == "smoke" else tables()
    chosen = all_arms(learners(), remedies())
    if scale == "smoke":
        chosen = [arm for arm in chosen if arm.learner is None or arm.learner.name == "logistic"][:6]
    return [
        Trial(run, name, arm, learner, seed, shares=f"{name} {seed}")
        for name in names
        for arm, learner in [(FEATURES, ""), *((one.remedy.name, _learner(one)) for one in chosen)]
    ]


def tables() -> list[str]:
    """Of every base table the most imbalanced cut that still has enough rare rows."""
    by_base: dict[str, DatasetInfo] = {}
    for info in datasets():
        if info.available and _suits(info):
            base = info.family or info.name
            by_base[base] = max(by_base.get(base, info), info, key=_ratio)
    return [info.name for info in by_base.values()]


def run(trial: Trial, shared: Shared) -> Mapping[str, float]:
    """One arm on all folds of one table, or the table's features."""
    problem, frame = shared(("problem", trial.data, trial.seed), lambda: _problem(trial))
    if trial.arm == FEATURES:
        positive = str(problem.labels[-1]) if problem.n_classes == 2 else None
        found = diagnose(frame, target="class", positive=positive, seed=derive(trial.seed, "diagnose"))
        return table_features(problem.X, found)
    race: _Folds = shared(("folds", trial.data, trial.seed), lambda: _Folds(problem, trial.seed))
    arm = next(one for one in race.arms if (one.remedy.name, _learner(one)) == (trial.arm, trial.learner))
    return race.scores(arm)


class _Folds:
    """One table's folds and what was fitted on them."""

    def __init__(self, problem: Problem, seed: int) -> None:
        options = Options(folds=FOLDS, repeats=1, jobs=1, seed=seed)
        self.problem, self.seed = problem, seed
        self.level: Level = plan_levels(problem, options)[0]
        self.ledger = Ledger(None)
        self.learners = learners()
        self.arms = all_arms(self.learners, remedies())
        self.outcomes = {name: self._outcomes(name) for name in METRICS}

    def scores(self, arm: Arm) -> dict[str, float]:
        """The mean over the folds and every fold, for every metric."""
        alone = [one for one in self.arms if one.remedy.kind == "nothing"]
        if arm.remedy.refits:
            self._fit([arm])
        elif arm.remedy.kind != "prior_only":
            self._fit(alone)  # blends and adjustments are made of these
        found = {name: _better(outcomes, arm) for name, outcomes in self.outcomes.items()}
        found = {name: scores for name, scores in found.items() if scores}
        if not found:
            result = self.ledger.get(self.level.key(0, arm.key))
            raise NotForMe(result.reason if result and result.reason else "it does not touch any metric here")
        return {
            name: value
            for metric, scores in found.items()
            for name, value in [(metric, float(np.mean(scores))), *_numbered(metric, scores)]
        }

    def _fit(self, arms: list[Arm]) -> None:
        tasks = [
            Task(key, arm, fold, derive(self.seed, "fit", key))
            for arm in arms
            for fold in range(FOLDS)
            if self.ledger.get(key := self.level.key(fold, arm.key)) is None
        ]
        folder = Path(tempfile.mkdtemp(prefix="steelyard-"))
        try:
            for task, result in run_tasks(
                tasks, self.level, Encodings(self.problem, folder), self.problem, 1
            ):
                self.ledger.put(task.key, result)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        for outcomes in self.outcomes.values():
            outcomes.forget()

    def _outcomes(self, metric: str) -> Outcomes:
        goal = Goal.of(metric=metric, n_rows=self.problem.n, n_classes=self.problem.n_classes)
        return Outcomes(self.problem, [self.level], self.ledger, goal, self.learners)


def _better(outcomes: Outcomes, arm: Arm) -> list[float]:
    """The scores of the better variant on all folds; none unless it finished them all."""
    if arm.remedy.kind == "adjustment" and not outcomes.goal.of_decisions:
        return []
    found = [list(outcomes.scores(arm, 0, variant).values()) for variant in outcomes.variants(arm)]
    whole = [scores for scores in found if len(scores) == FOLDS and np.isfinite(scores).all()]
    return max(whole, key=lambda scores: outcomes.goal.sign * float(np.mean(scores)), default=[])


def _numbered(metric: str, scores: list[float]) -> Iterator[tuple[str, float]]:
    return ((f"{metric}/{fold}", float(score)) for fold, score in enumerate(scores))


def _problem(trial: Trial) -> tuple[Problem, pd.DataFrame]:
    """A stratified sample of the table as the race would prepare it, and the frame a diagnosis takes."""
    data = load_dataset(trial.data)
    known = data.y.notna().to_numpy()
    frame = data.X[known].assign(**{"class": data.y[known]}).reset_index(drop=True)
    frame = frame.iloc[_sample(frame["class"], derive(trial.seed, "rows"))].reset_index(drop=True)
    request = Request(
        as_source(frame, None), Columns("class"), {}, Options(test_size=0), positive=data.positive
    )
    return prepare(request).train, frame


def _sample(labels: pd.Series[str], seed: int) -> np.ndarray:
    """Rows to keep: classes as common as they were, but of none fewer than `RARE` unless it has fewer."""
    if len(labels) <= ROWS:
        return np.arange(len(labels))
    rng = generator(seed)
    drawn = []
    for rows in labels.groupby(labels).indices.values():
        keep = min(len(rows), max(round(ROWS * len(rows) / len(labels)), RARE))
        drawn.append(rng.choice(rows, size=keep, replace=False))
    return np.sort(np.concatenate(drawn))


def _suits(info: DatasetInfo) -> bool:
    alone = info.group is None and info.time is None
    small = info.rows <= LARGEST and info.columns <= WIDEST and info.classes <= MOST_CLASSES
    return alone and small and info.minority >= LEAST_RARE and _ratio(info) >= LEAST_RATIO


def _ratio(info: DatasetInfo) -> float:
    """The mean size of the other classes for each row of the smallest."""
    return (info.rows - info.minority) / (info.classes - 1) / max(info.minority, 1)


def _learner(arm: Arm) -> str:
    return arm.learner.name if arm.learner else ""
