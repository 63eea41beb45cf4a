from __future__ import annotations

import ast
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression, Perceptron
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import steelyard
from steelyard import resample
from steelyard.core import DataError, NotForMe, Prior, UsageError
from steelyard.ensemble import UnderBaggingClassifier
from steelyard.race import ImbalanceClassifier, Run
from steelyard.race.own import fit_own, own_arms

X, Y = make_classification(400, n_features=5, weights=[0.85], flip_y=0.02, random_state=0)
SMALL: dict[str, Any] = {
    "learners": ("logistic",), "remedies": (), "folds": 3, "repeats": 1, "max_fits": 30, "jobs": 1, "progress": False,
}  # fmt: skip


def trained(estimator: Any, weight: Any = None) -> Any:
    (arm,) = own_arms({"mine": estimator})
    prior = Prior.of(Y, labels=range(2), sample_weight=weight)
    return fit_own(arm, X, Y, prior, weight, 0, 1)


def test_an_own_arm_races_on_the_same_folds_and_can_win() -> None:
    answer = steelyard.run(X, Y, arms={"mine": GaussianNB(), "near": KNeighborsClassifier(3)}, **SMALL)
    rows = answer.results_.set_index("arm")
    assert {"mine", "near"} <= set(rows.index)
    assert np.isfinite(rows.loc["mine", "score"])
    assert not rows.loc["mine", "control"]
    assert ImbalanceClassifier(arms={"mine": GaussianNB()}, learners=("logistic",), remedies=(), folds=3).fit(
        X, Y
    )


def test_the_prior_is_that_of_the_rows_the_last_step_saw() -> None:
    imblearn = pytest.importorskip("imblearn.pipeline")
    under = pytest.importorskip("imblearn.under_sampling").RandomUnderSampler()
    for maker, sampler in (
        (imblearn.make_pipeline, under),
        (resample.make_pipeline, resample.RandomUnderSampler()),
    ):
        model, prior = trained(maker(StandardScaler(), sampler, LogisticRegression()))
        assert prior.tolist() == [0.5, 0.5]
        assert "fit" not in vars(model.steps[-1][1])
    natural = np.bincount(Y) / len(Y)
    assert trained(GaussianNB())[1] == pytest.approx(natural)
    assert trained(make_pipeline(StandardScaler(), LogisticRegression()))[1] == pytest.approx(natural)


def test_the_prior_is_that_which_the_classifier_declares() -> None:
    assert trained(UnderBaggingClassifier(n_estimators=2))[1].tolist() == [0.5, 0.5]
    assert trained(LogisticRegression(class_weight="balanced"))[1] == pytest.approx([0.5, 0.5])
    counts = np.bincount(Y) * [1.0, 3.0]
    assert trained(LogisticRegression(class_weight={1: 3.0}))[1] == pytest.approx(counts / counts.sum())
    weight = np.where(Y == 1, 2.0, 1.0)
    counts = np.bincount(Y, weights=weight)
    pipeline = make_pipeline(StandardScaler(), LogisticRegression())
    assert trained(pipeline, weight)[1] == pytest.approx(counts / counts.sum())


def test_weights_that_cannot_be_taken_are_declined() -> None:
    with pytest.raises(NotForMe, match="takes no sample_weight"):
        trained(KNeighborsClassifier(), np.ones(len(Y)))
    imblearn = pytest.importorskip("imblearn.pipeline")
    under = pytest.importorskip("imblearn.under_sampling").RandomUnderSampler()
    with pytest.raises(NotForMe, match="steelyard's Pipeline"):
        trained(imblearn.make_pipeline(under, LogisticRegression()), np.ones(len(Y)))


def test_a_failing_arm_is_reported_and_the_race_goes_on() -> None:
    class Broken(GaussianNB):
        def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
            raise KeyError("no such column")

    globals()["Broken"] = Broken
    Broken.__module__, Broken.__qualname__ = __name__, "Broken"
    answer = steelyard.run(X, Y, arms={"mine": Broken()}, **SMALL)
    assert "no such column" in answer.results_.set_index("arm").loc["mine", "reason"]


@pytest.mark.parametrize(
    ("name", "estimator", "say"),
    [
        ("mine/../x", GaussianNB(), "named"),
        ("nothing", GaussianNB(), "control"),
        ("mine", GaussianNB, "expected a scikit-learn classifier"),
        ("mine", StandardScaler(), "expected a scikit-learn classifier"),
        ("mine", Perceptron(), "predict_proba"),
        ("mine", make_pipeline(FunctionTransformer(lambda rows: rows), GaussianNB()), "saved by skops"),
    ],
)
def test_what_could_not_race_or_be_saved_is_refused_before_the_race(
    name: str, estimator: Any, say: str
) -> None:
    with pytest.raises(UsageError, match=say):
        steelyard.run(X, Y, arms={name: estimator}, **SMALL)


def test_a_winner_from_elsewhere_is_loaded_only_when_it_is_trusted(tmp_path: Any) -> None:
    imblearn = pytest.importorskip("imblearn.pipeline")
    over = pytest.importorskip("imblearn.over_sampling").RandomOverSampler()
    moons = np.c_[np.r_[np.random.default_rng(0).normal(size=(300, 2)), np.zeros((60, 2))], np.zeros(360)]
    moons[300:, 0] = np.random.default_rng(1).normal(0, 0.05, 60)
    labels = np.r_[np.zeros(300, int), np.ones(60, int)]
    mine = imblearn.make_pipeline(over, KNeighborsClassifier(5))
    answer = steelyard.run(moons, labels, arms={"mine": mine}, out=tmp_path / "run", **SMALL)
    assert answer.facts["chosen"]["arm"] == "mine"
    p = answer.best_.predict_proba(moons[:9])
    with pytest.raises(DataError, match="types from elsewhere.*trusted="):
        _ = Run.load(tmp_path / "run").best_
    log = (tmp_path / "run" / "run.log").read_text()
    assert "load it with trusted=" in log
    types = ast.literal_eval(log.split("load it with trusted=")[1].splitlines()[0])
    assert "imblearn.pipeline.Pipeline" in types
    kept = Run.load(tmp_path / "run", trusted=types)
    assert np.array_equal(kept.best_.predict_proba(moons[:9]), p)
