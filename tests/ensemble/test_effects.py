"""Published effects on real tables: paired over seeds, each with the interval it must keep clear of zero."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import average_precision_score
from sklearn.model_selection import train_test_split

from steelyard.ensemble import SelfPacedEnsembleClassifier, UnderBaggingClassifier


def table(folder: Path, name: str) -> tuple[Any, Any]:
    path = folder / "tab_rt30" / f"{name}.csv.gz"
    if not path.exists():
        pytest.skip(f"{path.name} is not there")
    frame = pd.read_csv(path)
    labels = frame.pop("target").astype(str)
    return frame.to_numpy(dtype=np.float32), (labels == labels.value_counts().idxmin()).to_numpy().astype(int)


def gains(X: Any, y: Any, seeds: int, n_members: int = 10) -> Any:
    """Average precision of the self-paced ensemble minus that of UnderBagging, split by split."""
    differences = []
    for seed in range(seeds):
        train, test, y_train, y_test = train_test_split(X, y, test_size=0.4, stratify=y, random_state=seed)
        scores = [
            average_precision_score(
                y_test,
                kind(n_estimators=n_members, random_state=seed).fit(train, y_train).predict_proba(test)[:, 1],
            )
            for kind in (SelfPacedEnsembleClassifier, UnderBaggingClassifier)
        ]
        differences.append(scores[0] - scores[1])
    return np.array(differences)


@pytest.mark.parametrize("name", ["mammography", "satellite", "letter_img"])
def test_self_pacing_beats_under_bagging_in_average_precision(real_data: Path, name: str) -> None:
    difference = gains(*table(real_data, name), seeds=12)
    assert difference.mean() > 0
    assert stats.ttest_1samp(difference, 0, alternative="greater").pvalue < 0.05
