"""scikit-learn's own checks on every classifier, sampler and transformer among the methods, by their cards."""

from __future__ import annotations

from typing import Any

from sklearn.base import is_classifier
from sklearn.utils.estimator_checks import parametrize_with_checks

from steelyard.checks import constructed
from steelyard.core import Card, MissingExtra, find

LEVERS = ("ensemble", "resample", "generate")  # learners make estimators of other libraries, tested there


def estimator(card: Card) -> Any:
    """What the example makes, as small as it gets; None when scikit-learn has nothing to judge."""
    try:
        made = constructed(card)
    except MissingExtra:
        return None
    if not any(hasattr(made, name) for name in ("predict", "transform", "fit_resample")):
        return None
    return made.set_params(n_estimators=3) if "n_estimators" in made.get_params() else made


ESTIMATORS = [made for lever in LEVERS for card in find(lever=lever) if (made := estimator(card)) is not None]


DEALT = {"BayesMinimumRiskClassifier", "RejectionCascadeClassifier"}
"""They deal rows into folds, so a row of weight two is not the row twice; CalibratedClassifierCV says so too."""


def expected_failures(estimator: Any) -> dict[str, str]:
    if type(estimator).__name__ not in DEALT:
        return {}
    kinds = ("dense", "sparse")
    return {f"check_sample_weight_equivalence_on_{kind}_data": "folds are dealt by row" for kind in kinds}


@parametrize_with_checks(ESTIMATORS, expected_failed_checks=expected_failures)
def test_scikit_learn_conventions(estimator: Any, check: Any) -> None:
    check(estimator)


def test_both_kinds_were_found() -> None:
    assert any(is_classifier(made) for made in ESTIMATORS)
    assert any(hasattr(made, "fit_resample") for made in ESTIMATORS)
