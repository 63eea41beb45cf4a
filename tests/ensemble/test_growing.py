"""Watching, stopping, resuming and sizing: abilities of the shells, tested on one ensemble of each."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score

from steelyard.core import TargetError, UsageError
from steelyard.ensemble import (
    BalanceCascadeClassifier,
    CompatibleAdaBoostClassifier,
    CompatibleBaggingClassifier,
    EasyEnsembleClassifier,
    FitMonitor,
    OverBaggingClassifier,
    RUSBoostClassifier,
    SelfPacedEnsembleClassifier,
    UnderBaggingClassifier,
    member_curves,
)

KINDS = [
    SelfPacedEnsembleClassifier,
    UnderBaggingClassifier,
    RUSBoostClassifier,
    CompatibleAdaBoostClassifier,
]
X, Y = make_classification(800, weights=[0.85], flip_y=0.1, random_state=0)
LABELS = np.array(["no", "yes"])[Y]
TRAIN, VALID = slice(0, 400), slice(400, 800)


@pytest.mark.parametrize("kind", KINDS)
def test_a_monitor_sees_what_curves_tell_afterwards(kind: Any) -> None:
    sets = {"train": (X[TRAIN], LABELS[TRAIN]), "valid": (X[VALID], LABELS[VALID])}
    heard: list[Any] = []
    monitor = FitMonitor(sets, ["ap", "brier"], every=2, report=heard.append)
    model = kind(n_estimators=5, random_state=0).fit(X[TRAIN], LABELS[TRAIN], monitor=monitor)
    after = member_curves(model, sets, ["ap", "brier"], every=2)
    assert heard == monitor.points
    for name in sets:
        seen, told = ([p for p in points if p["set"] == name] for points in (monitor.points, after))
        assert [p["members"] for p in seen] == [p["members"] for p in told]
        for key in ("average_precision", "brier"):
            assert [p[key] for p in seen] == pytest.approx([p[key] for p in told], abs=1e-12)
    p = model.predict_proba(X[VALID])[:, 1]
    assert monitor.points[-1]["average_precision"] == pytest.approx(average_precision_score(Y[VALID], p))


@pytest.mark.parametrize("kind", KINDS)
def test_patience_ends_the_fit_and_keeps_the_best(kind: Any) -> None:
    noise = np.random.default_rng(0).integers(0, 2, 400)
    monitor = FitMonitor({"valid": (X[VALID], np.array(["no", "yes"])[noise])}, patience=3)
    model = kind(n_estimators=60, random_state=0).fit(X[TRAIN], LABELS[TRAIN], monitor=monitor)
    values = [point["average_precision"] for point in monitor.points]
    assert len(model.estimators_) == monitor.best == int(np.argmax(values)) + 1
    assert len(values) == min(monitor.best + 3, len(values)) < 60
    assert len(model.log_) == len(model.estimators_)
    assert model.predict_proba(X[VALID]).shape == (400, 2)


@pytest.mark.parametrize("kind", KINDS)
def test_a_warm_start_keeps_members_and_ends_where_one_fit_does(kind: Any) -> None:
    model = kind(n_estimators=3, random_state=0, warm_start=True).fit(X, Y)
    first = list(model.estimators_)
    model.set_params(n_estimators=6).fit(X, Y)
    assert model.estimators_[:3] == first
    assert [entry["member"] for entry in model.log_] == list(range(6))
    if kind is not SelfPacedEnsembleClassifier:  # its self-paced factor depends on the number of rounds
        straight = kind(n_estimators=6, random_state=0).fit(X, Y)
        assert (model.predict_proba(X) == straight.predict_proba(X)).all()
        assert model.training_prior_ == pytest.approx(straight.training_prior_)


def test_a_warm_start_that_cannot_go_on_says_why() -> None:
    model = UnderBaggingClassifier(n_estimators=3, random_state=0, warm_start=True).fit(X, Y)
    with pytest.raises(UsageError, match="labels"):
        clone_of = model.set_params(n_estimators=4)
        clone_of.fit(X, LABELS)
    model = UnderBaggingClassifier(n_estimators=3, random_state=0, warm_start=True).fit(X, Y)
    with pytest.raises(UsageError, match="there are 3 members"):
        model.set_params(n_estimators=2).fit(X, Y)


@pytest.mark.parametrize(
    ("model", "target", "rows"),
    [
        (UnderBaggingClassifier(), 50, [50, 50]),
        (UnderBaggingClassifier(), {"no": 70}, [70, 152]),
        (OverBaggingClassifier(), 900, [900, 900]),
        (SelfPacedEnsembleClassifier(), {"no": 200}, [200, 152]),
        (BalanceCascadeClassifier(), {"no": 200}, [200, 152]),
        (EasyEnsembleClassifier(), 60, [60, 60]),
        (CompatibleBaggingClassifier(), None, [648, 152]),
        (RUSBoostClassifier(estimator=LogisticRegression()), {"no": 300}, [300, 152]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_target_sets_the_rows_of_every_class(model: Any, target: Any, rows: Any) -> None:
    assert np.bincount(Y).tolist() == [648, 152]
    fitted = clone(model).set_params(n_estimators=2, target=target, random_state=0).fit(X, LABELS)
    assert fitted.log_[0]["rows"] == rows


def test_targets_and_monitors_that_make_no_sense_are_named() -> None:
    for bad in (0, True, "smallest", {"no": -1}, {"maybe": 5}):
        with pytest.raises(UsageError, match="target"):
            UnderBaggingClassifier(target=bad).fit(X, LABELS)
    for wrong in ({"every": 0}, {"patience": 0}, {"metrics": ()}):
        with pytest.raises(UsageError):
            FitMonitor({"valid": (X, Y)}, **wrong)
    with pytest.raises(TargetError):
        UnderBaggingClassifier().fit(X, LABELS, monitor=FitMonitor({"valid": (X, Y)}))
