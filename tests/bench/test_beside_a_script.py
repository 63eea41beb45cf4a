"""The engine beside plain scikit-learn and imbalanced-learn: the same scores, and no model fitted twice."""

from __future__ import annotations

import pandas as pd
import pytest

pytest.importorskip("imblearn", reason="imbalanced-learn is not installed")

from benchmarks.study.sides import PROTOCOLS, trials_of
from sklearn.tree import DecisionTreeClassifier

from steelyard.bench import Shared, raw_table
from steelyard.recipes.study_learners import LEARNERS


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_equal_scores_with_as_few_fits_as_there_are_models(
    protocol: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []

    def tree(seed: int) -> DecisionTreeClassifier:
        made.append(seed)
        return DecisionTreeClassifier(max_depth=4, random_state=seed)

    monkeypatch.setitem(LEARNERS, "decision tree", tree)
    way, trials = PROTOCOLS[protocol], trials_of(protocol, ["breast-cancer"], ["decision tree"], 1)
    shared = Shared()
    table = raw_table("breast-cancer", shared)
    by_engine = [way.engine(trial, shared) for trial in trials]
    fitted, made[:] = len(made), []
    by_script = [way.plain(table, trial) for trial in trials]
    assert len(made) == sum(one.pop("fits") for one in by_script) > fitted
    for one, other in zip(by_engine, by_script, strict=True):
        assert one == pytest.approx(other, abs=1e-9)
    scores = pd.DataFrame(
        {"data": trial.data, "learner": trial.learner, "split": 0, "arm": trial.arm, "metric": name, "value": value}
        for trial, one in zip(trials, by_engine, strict=True)
        for name, value in one.items()
    )  # fmt: skip
    assert way.fits_of_engine(scores) == fitted
