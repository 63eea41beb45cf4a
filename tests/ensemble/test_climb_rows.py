"""The 29 algorithms of the CLIMB benchmark, each a part of this package: a sampler or weights before one decision
tree, or an ensemble."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.tree import DecisionTreeClassifier

from steelyard import ensemble, resample
from steelyard.weights import Weighted, inverse

SAMPLERS = {
    "under-sampling": ["RandomUnderSampler", "ClusterCentroids", "InstanceHardnessThreshold", "NearMiss"],
    "cleaning": [
        "TomekLinks",
        "EditedNearestNeighbours",
        "RepeatedEditedNearestNeighbours",
        "AllKNN",
        "OneSidedSelection",
        "NeighbourhoodCleaningRule",
    ],
    "over-sampling": ["RandomOverSampler", "SMOTE", "BorderlineSMOTE", "SVMSMOTE", "ADASYN"],
}
ENSEMBLES = {
    "under-sampling ensembles": [
        "SelfPacedEnsembleClassifier",
        "BalanceCascadeClassifier",
        "BalancedRandomForestClassifier",
        "EasyEnsembleClassifier",
        "RUSBoostClassifier",
        "UnderBaggingClassifier",
    ],
    "over-sampling ensembles": [
        "OverBoostClassifier",
        "SMOTEBoostClassifier",
        "OverBaggingClassifier",
        "SMOTEBaggingClassifier",
    ],
    "cost-sensitive ensembles": ["AdaCostClassifier", "AdaUBoostClassifier", "AsymBoostClassifier"],
}
NAMES = [name for family in (*SAMPLERS.values(), *ENSEMBLES.values()) for name in family]


def row(name: str) -> Any:
    tree = DecisionTreeClassifier(random_state=0)
    if name == "class weights":
        return Weighted(tree, weighting=inverse())
    if any(name in family for family in SAMPLERS.values()):
        return resample.Pipeline([("sampler", getattr(resample, name)()), ("tree", tree)])
    model = getattr(ensemble, name)(n_estimators=3, random_state=0)
    return model.set_params(estimator=tree) if "estimator" in model.get_params() else model


@pytest.mark.parametrize("name", [*NAMES, "class weights"])
def test_every_row_of_the_benchmark_can_be_run(name: str) -> None:
    X, y = make_classification(
        400, n_features=6, n_informative=4, weights=[0.85], flip_y=0.03, random_state=0
    )
    fitted = row(name).fit(X[:200], y[:200])
    p = fitted.predict_proba(X[200:])
    assert p.shape == (200, 2)
    assert p[y[200:] == 1, 1].mean() > p[y[200:] == 0, 1].mean()


def test_there_are_twenty_nine() -> None:
    assert len(NAMES) + 1 == len({*NAMES, "class weights"}) == 29
    assert np.array_equal(
        [len(family) for family in (*SAMPLERS.values(), *ENSEMBLES.values())], [4, 6, 5, 6, 4, 3]
    )
