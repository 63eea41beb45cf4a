"""Every check passes what keeps its protocol and says in a sentence what does not."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from steelyard.checks import (
    NotConforming,
    check_adjustment,
    check_calibration,
    check_card,
    check_ensemble,
    check_learner,
    check_metric,
    check_resampler,
    check_rule,
    check_weighting,
    constructed,
)
from steelyard.core import DataError, NotForMe, Prior, SteelyardError, UsageError, find, get
from steelyard.decide import LogitAdjust, PriorCorrection, SigmoidCalibration, Threshold
from steelyard.ensemble import FoldAveragingClassifier
from steelyard.metrics import average_precision, precision, recall
from steelyard.resample import RandomOverSampler
from steelyard.tasks.tabular.learners import OrderedForest, logistic
from steelyard.weights import inverse

METRIC = {"takes": "decisions", "direction": "max", "range": [0, 1], "binary_only": False}


def changed(function: Callable[..., Any], change: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args, **options: change(function(*args, **options))


def loud(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any, **options: Any) -> Any:
        warnings.warn("look here", stacklevel=2)
        return function(*args, **options)

    return call


def first_rows_count_double(y: Any, decisions: Any, *, sample_weight: Any = None, **more: Any) -> float:
    weight = np.ones(len(y)) if sample_weight is None else np.asarray(sample_weight, float)
    return recall(y, decisions, sample_weight=weight * np.where(np.arange(len(y)) < 50, 2, 1), **more)


def deaf_to_weights(y: Any, decisions: Any, *, sample_weight: Any = None, **more: Any) -> float:
    return recall(y, decisions, **more)


def spoils(y: Any, decisions: Any, *, sample_weight: Any = None, **more: Any) -> float:
    value = recall(y, decisions, sample_weight=sample_weight, **more)
    if isinstance(decisions, np.ndarray):
        decisions[:] = 0
    return value


@pytest.mark.parametrize(
    ("metric", "facts", "sentence"),
    [
        (changed(recall, np.float32), {}, "return a Python float"),
        (changed(recall, lambda v: v * np.nan), {}, "must be finite"),
        (changed(recall, lambda v: v + 1), {}, "outside the stated range"),
        (changed(recall, lambda v: 1 - v), {}, "direction is 'max'"),
        (loud(recall), {}, "warned: UserWarning: look here"),
        (spoils, {}, "changed its input"),
        (first_rows_count_double, {}, "the order of rows"),
        (deaf_to_weights, {}, "must act like repeated rows"),
        (recall, {"binary_only": True}, "three classes must raise NotForMe"),
        (precision, {"prior_sensitive": False}, "prevalence moves the metric"),
        (recall, {"from_counts": lambda tp, fp, fn, tn: tp / (tp + fp)}, "from_counts disagrees"),
        (recall, {"options": {"colour": "red"}}, "colour"),
    ],
)
def test_metrics_that_do_not_conform(metric, facts, sentence) -> None:
    with pytest.raises((NotConforming, TypeError), match=sentence):
        check_metric(metric, **(METRIC | facts))


def test_ranking_metrics_see_the_order_only() -> None:
    facts = METRIC | {"takes": "scores"}
    check_metric(average_precision, **facts)

    def with_values(y: Any, scores: Any, **more: Any) -> float:
        if np.ndim(scores) == 1 or np.shape(scores)[1] == 2:
            p = np.asarray(scores) if np.ndim(scores) == 1 else np.asarray(scores)[:, 1]
            weight = more.get("sample_weight")
            return 0.5 * average_precision(y, scores, **more) + 0.5 * float(
                np.average(np.where(np.asarray(y) == 1, p, 1 - p), weights=weight)
            )
        return average_precision(y, scores, **more)

    with pytest.raises(NotConforming, match="must see their order only"):
        check_metric(with_values, **facts)


@pytest.mark.parametrize(
    ("weighting", "sentence"),
    [
        (lambda prior: inverse()(prior).tolist(), "return float64 weights"),
        (lambda prior: inverse()(prior)[:1], "one weight a class"),
        (lambda prior: 2 * inverse()(prior), "must average one"),
        (lambda prior: -inverse()(prior), "none negative"),
        (loud(inverse()), "warned"),
    ],
)
def test_weightings_that_do_not_conform(weighting, sentence) -> None:
    with pytest.raises(NotConforming, match=sentence):
        check_weighting(weighting)


def test_a_weighting_may_refuse_three_classes() -> None:
    def binary(prior: Prior) -> Any:
        if prior.n_classes > 2:
            raise NotForMe("binary only")
        return inverse()(prior)

    check_weighting(binary)


class Adjust:
    def __init__(self, call: Callable[[Any], Any]) -> None:
        self.call = call

    def fit(self, scores: Any, y: Any) -> Adjust:
        return self

    def __call__(self, scores: Any) -> Any:
        return self.call(scores)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda p: p * 0.5, "do not sum to one"),
        (lambda p: p.astype(np.float32), "expected float64"),
        (lambda p: np.roll(p, 1, axis=0), "rows depend on the rows beside them"),
        (lambda p: np.full_like(p, np.nan), "outside"),
    ],
)
def test_adjustments_that_do_not_conform(call, sentence) -> None:
    with pytest.raises(NotConforming, match=sentence):
        check_adjustment(Adjust(call))


def test_adjustments_for_three_classes() -> None:
    check_adjustment(PriorCorrection([0.2, 0.3, 0.5], [0.8, 0.1, 0.1]), n_classes=3)
    check_adjustment(LogitAdjust([0.7, 0.2, 0.1]), n_classes=3)


class Falling(SigmoidCalibration):
    def __call__(self, p: Any) -> Any:
        out = super().__call__(p)
        return 1 - out if np.ndim(p) == 1 else out


class Forgetful(SigmoidCalibration):
    def fit(self, p: Any, y: Any, sample_weight: Any = None) -> Forgetful:
        return super().fit(p, y)


class Worse(SigmoidCalibration):
    def __call__(self, p: Any) -> Any:
        return np.full(np.shape(p), 1 / np.shape(p)[1]) if np.ndim(p) == 2 else super().__call__(p)


@pytest.mark.parametrize(
    ("calibration", "sentence"),
    [(Falling(), "not monotone"), (Forgetful(), "weight 0 must not count"), (Worse(), "log loss .* grew")],
)
def test_calibrations_that_do_not_conform(calibration, sentence) -> None:
    with pytest.raises(NotConforming, match=sentence):
        check_calibration(calibration)


class Wordless(Threshold):
    text = ""


class Floating(Threshold):
    def decide(self, p: Any, *, costs: Any = None) -> Any:
        return super().decide(p, costs=costs).astype(float)


class Drifting(Threshold):
    def to_json(self) -> dict[str, Any]:
        return {"kind": "threshold", "value": 0.9}


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [(Wordless(0.2), "text is empty"), (Floating(0.2), "expected int64"), (Drifting(0.2), "after JSON")],
)
def test_rules_that_do_not_conform(rule, sentence) -> None:
    with pytest.raises(NotConforming, match=sentence):
        check_rule(rule)


class Tree(DecisionTreeClassifier):
    """A single tree, which knows no training prior."""


class Restless(FoldAveragingClassifier):
    def predict_proba(self, X: Any) -> Any:
        p = super().predict_proba(X)
        return p + np.random.default_rng().normal(size=(len(p), 1)) * [1e-6, -1e-6] * (p > 0.1) * (p < 0.9)


class Meddling(FoldAveragingClassifier):
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        super().fit(X, y, sample_weight)
        self.n_folds += 1
        return self


@pytest.mark.parametrize(
    ("ensemble", "sentence"),
    [(Tree(), "training_prior_ is"), (Meddling(n_folds=2), "fit changed its parameters")],
)
def test_ensembles_that_do_not_conform(ensemble, sentence) -> None:
    with pytest.raises(NotConforming, match=sentence):
        check_ensemble(ensemble)


def test_ensembles_must_repeat() -> None:
    soft = LogisticRegression()
    check_ensemble(FoldAveragingClassifier(soft, n_folds=2))
    with pytest.raises(NotConforming, match="the same seed gives other probabilities"):
        check_ensemble(Restless(soft, n_folds=2))


class Unweighted(LogisticRegression):
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        return super().fit(X, y)


@pytest.mark.parametrize(
    ("learner", "options", "sentence"),
    [
        (lambda **_: Unweighted(), {"encoding": "linear"}, "ninefold weights move"),
        (lambda **_: BaseEstimator(), {"encoding": "linear"}, "without predict_proba"),
        (lambda **_: OrderedForest(3), {"encoding": "tree"}, "other probabilities"),
        (lambda **_: LogisticRegression(max_iter=1), {"encoding": "linear"}, "warned: ConvergenceWarning"),
    ],
)
def test_learners_that_do_not_conform(learner, options, sentence) -> None:
    with pytest.raises(NotConforming, match=sentence):
        check_learner(learner, **options)


def test_a_linear_learner_is_no_tree_learner() -> None:
    with pytest.raises(ValueError, match="NaN"):
        check_learner(logistic, encoding="tree")


class Unaccounted(RandomOverSampler):
    def resample(self, X: Any, y: Any, **aligned: Any) -> Any:
        out = super().resample(X, y, **aligned)
        return replace(out, indices=out.indices[::-1])


class Dropping(RandomOverSampler):
    def fit_resample(self, X: Any, y: Any, **aligned: Any) -> Any:
        rows, labels = super().fit_resample(X, y, **aligned)
        return rows[labels == 0], labels[labels == 0]


@pytest.mark.parametrize(
    ("resampler", "sentence"),
    [(Unaccounted(random_state=0), "indices and origin"), (Dropping(random_state=0), "classes changed")],
)
def test_resamplers_that_do_not_conform(resampler, sentence) -> None:
    with pytest.raises(NotConforming, match=sentence):
        check_resampler(resampler)


CARD = get("f_beta", lever="metrics")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"title": " "}, "has no title"),
        ({"source": ""}, "has no source"),
        ({"status": "finished"}, "status 'finished'"),
        ({"seeds": ("21",)}, "three digits"),
        ({"name": "f_gamma"}, "does not hold"),
        ({"example": {"gamma": 1}}, "does not construct"),
        ({"example": {"beta": {1}}}, "JSON cannot write"),
        ({"facts": {"takes": "scores"}}, "lacks the fact 'label'"),
        ({"facts": {"label": "F", "takes": "tea"}}, "takes='tea'"),
        ({"facts": {**CARD.facts, "arm": {"kind": "x", "rank": 1, "label": ""}}}, "kind='x'"),
        (
            {"module": "steelyard.metrics.counts", "name": "confusion_matrix"},
            "no doctest|too little|construct",
        ),
    ],
)
def test_cards_that_do_not_conform(change, sentence) -> None:
    with pytest.raises(NotConforming, match=sentence):
        check_card(replace(CARD, **change))


def test_examples_construct_what_is_used() -> None:
    assert constructed(CARD).keywords == {"beta": 2.0}
    assert constructed(get("inverse", lever="weights"))(Prior.of([0, 1])).tolist() == [1, 1]
    assert constructed(get("Threshold", lever="decide")).decide([0.9]).tolist() == [1]
    assert hasattr(constructed(get("logistic", lever="learner")), "fit")


def test_a_failed_check_is_one_of_ours_and_an_assertion() -> None:
    assert issubclass(NotConforming, SteelyardError)
    assert issubclass(NotConforming, AssertionError)
    assert not issubclass(NotConforming, (DataError, UsageError))


def test_every_lever_with_methods_is_known() -> None:
    from steelyard.checks.methods import BY_LEVER

    # networks, steps, mixing and boxes share no contract beyond torch's own; their folders test each by hand values
    own = {"augment", "detection", "diagnose", "nets", "optim"}
    assert {card.lever for card in find()} - own <= set(BY_LEVER)
