from __future__ import annotations

from typing import Any

from sklearn.utils.estimator_checks import parametrize_with_checks

from steelyard.ensemble import (
    AdaCostClassifier,
    AdaUBoostClassifier,
    AsymBoostClassifier,
    BalanceCascadeClassifier,
    BalancedRandomForestClassifier,
    EasyEnsembleClassifier,
    FoldAveragingClassifier,
    OverBaggingClassifier,
    OverBoostClassifier,
    ResamplingBaggingClassifier,
    ResamplingBoostClassifier,
    RUSBoostClassifier,
    SelfPacedEnsembleClassifier,
    SMOTEBaggingClassifier,
    SMOTEBoostClassifier,
    UnderBaggingClassifier,
)

MODELS = [
    SelfPacedEnsembleClassifier(n_estimators=3),
    EasyEnsembleClassifier(n_estimators=2),
    BalancedRandomForestClassifier(n_estimators=3),
    FoldAveragingClassifier(n_folds=2),
    BalanceCascadeClassifier(n_estimators=3),
    UnderBaggingClassifier(n_estimators=3),
    OverBaggingClassifier(n_estimators=3),
    AdaCostClassifier(n_estimators=3),
    AdaUBoostClassifier(n_estimators=3),
    AsymBoostClassifier(n_estimators=3),
    RUSBoostClassifier(n_estimators=3),
    OverBoostClassifier(n_estimators=3),
    SMOTEBoostClassifier(n_estimators=3),
    SMOTEBaggingClassifier(n_estimators=3),
    ResamplingBaggingClassifier(n_estimators=3),
    ResamplingBoostClassifier(n_estimators=3),
]


@parametrize_with_checks(MODELS)
def test_scikit_learn_conventions(estimator: Any, check: Any) -> None:
    check(estimator)
