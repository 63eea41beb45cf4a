from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import average_precision_score, balanced_accuracy_score

from steelyard.core import TargetError, UsageError
from steelyard.ensemble import (
    RUSBoostClassifier,
    SelfPacedEnsembleClassifier,
    UnderBaggingClassifier,
    member_curves,
)

X, Y = make_classification(400, weights=[0.85], flip_y=0.1, random_state=0)
LABELS = np.array(["no", "yes"])[Y]


@pytest.mark.parametrize("kind", [SelfPacedEnsembleClassifier, UnderBaggingClassifier, RUSBoostClassifier])
def test_the_last_point_is_the_fitted_model(kind: Any) -> None:
    model = kind(n_estimators=5, random_state=0).fit(X[:200], LABELS[:200])
    sets = {"train": (X[:200], LABELS[:200]), "test": (X[200:], LABELS[200:])}
    points = member_curves(model, sets, ["ap", "balanced_accuracy"], every=2)
    assert [(point["set"], point["members"]) for point in points] == [
        (name, members) for name in sets for members in (2, 4, 5)
    ]
    p, decided = model.predict_proba(X[200:]), model.predict(X[200:])
    assert points[-1]["average_precision"] == pytest.approx(average_precision_score(Y[200:], p[:, 1]))
    assert points[-1]["balanced_accuracy"] == pytest.approx(balanced_accuracy_score(LABELS[200:], decided))


def test_the_first_point_is_the_first_member() -> None:
    many = UnderBaggingClassifier(n_estimators=3, random_state=0).fit(X, Y)
    one = UnderBaggingClassifier(n_estimators=1, random_state=0).fit(X, Y)
    first = member_curves(many, {"all": (X, Y)}, ["brier"])[0]["brier"]
    assert first == member_curves(one, {"all": (X, Y)}, ["brier"])[0]["brier"]


def test_what_has_no_stages_or_unknown_labels_is_refused() -> None:
    with pytest.raises(UsageError, match="staged_predict_proba"):
        member_curves(RandomForestClassifier(), {})
    model = UnderBaggingClassifier(n_estimators=1).fit(X, Y)
    with pytest.raises(TargetError):
        member_curves(model, {"other": (X, LABELS)})
    with pytest.raises(UsageError, match="every"):
        member_curves(model, {"all": (X, Y)}, every=0)
