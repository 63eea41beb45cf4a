"""Resamplers that meet one fold search it once."""

from __future__ import annotations

import numpy as np
import pytest

from steelyard.data import Fold
from steelyard.race.arms import Arm, learners, remedies
from steelyard.race.levels import Level
from steelyard.race.problem import Problem
from steelyard.race.workers import Task, run_tasks
from steelyard.resample import search


class Encoded:
    """Hands out the folds' rows from files."""

    def __init__(self, folder, X):
        self.folder, self.X = folder, X

    def paths(self, name, fold, encoding):
        found = []
        for part in ("train", "test"):
            path = self.folder / f"{name}-{encoding}-{part}.npy"
            if not path.exists():  # a fit may have mapped it by now
                np.save(path, self.X[getattr(fold, part)])
            found.append(str(path))
        return tuple(found)


@pytest.mark.parametrize("workers", [1, 2])
def test_two_resamplers_search_a_fold_once(tmp_path, monkeypatch, workers):
    rng = np.random.default_rng(0)
    y = rng.choice(2, size=600, p=[0.85, 0.15])
    X = rng.normal(size=(600, 5)) + y[:, None]
    at = np.arange(600) % 3
    folds = tuple(Fold(0, i, np.flatnonzero(at != i), np.flatnonzero(at == i)) for i in (0, 1))
    (learner,) = learners(["logistic"])
    arms = [Arm(remedy, learner) for remedy in remedies(["SMOTE", "SMOTETomek"]) if not remedy.control]
    assert len(arms) == 2
    searched = []
    plain = search.Reference
    monkeypatch.setattr(
        search, "Reference", lambda X, *rest, **named: searched.append(len(X)) or plain(X, *rest, **named)
    )
    tasks = [Task(f"{arm.key}{fold}", arm, fold, 0) for fold in range(2) for arm in arms]
    level, encoded = Level(0, None, folds, False), Encoded(tmp_path, X)
    results = list(run_tasks(iter(tasks), level, encoded, Problem(X, y, (0, 1)), workers))
    assert [result.status for _, result in results] == ["done"] * 4
    assert sorted(searched) == sorted(int(y[fold.train].sum()) for fold in folds)
