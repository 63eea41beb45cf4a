from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lightgbm import LGBMClassifier
from scipy.optimize import minimize
from sklearn.datasets import make_classification
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks

from steelyard.core import Prior, UsageError
from steelyard.decide import LogitAdjust, PriorCorrection
from steelyard.ensemble import (
    FocalBoostingClassifier,
    LDAMBoostingClassifier,
    LogitAdjustedBoostingClassifier,
)
from steelyard.ensemble.focal_boosting import FocalObjective
from steelyard.ensemble.ldam_boosting import MarginObjective
from steelyard.ensemble.logit_adjusted_boosting import AdjustedObjective
from steelyard.ensemble.objective import constant_scores, softmax
from steelyard.weights import inverse

OBJECTIVES = [
    (f"{type(objective).__name__}-{i}", k, objective)
    for k in (2, 4)
    for i, objective in enumerate(
        [
            FocalObjective(0.0),
            FocalObjective(0.5),
            FocalObjective(1.0),
            FocalObjective(2.0),
            FocalObjective(5.0),
            MarginObjective(np.linspace(0, 2, k)),
            AdjustedObjective(np.log(np.geomspace(1, 0.01, k))),
        ]
    )
]
CASES = pytest.mark.parametrize(
    ("n_classes", "objective"), [c[1:] for c in OBJECTIVES], ids=[c[0] for c in OBJECTIVES]
)
SMALL: dict[str, Any] = {"n_estimators": 20, "num_leaves": 7, "verbose": -1, "n_jobs": 1}


def scores(n_classes: int, spread: float = 2.0) -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    z = rng.normal(scale=spread, size=(60, n_classes))
    return z, rng.integers(0, n_classes, 60)


@CASES
def test_derivatives_by_finite_differences(n_classes: int, objective: Any) -> None:
    z, y = scores(n_classes)
    (gradient, hessian), step = objective.derivatives(z, y), 1e-5
    for k in range(n_classes):
        up, down = z.copy(), z.copy()
        up[:, k] += step
        down[:, k] -= step
        by_loss = (objective.loss(up, y) - objective.loss(down, y)) / (2 * step)
        by_gradient = (objective.derivatives(up, y)[0] - objective.derivatives(down, y)[0])[:, k] / (2 * step)
        assert np.allclose(gradient[:, k], by_loss, rtol=1e-6, atol=1e-8)
        assert np.allclose(hessian[:, k], by_gradient, rtol=1e-6, atol=1e-8)


@CASES
def test_two_classes_need_one_score_only(n_classes: int, objective: Any) -> None:
    z, y = scores(n_classes)
    gradient, hessian = objective.derivatives(z, y)
    assert np.allclose(gradient.sum(axis=1), 0, atol=1e-12)
    if n_classes == 2:
        assert np.allclose(*hessian.T, rtol=1e-9, atol=1e-12)


@CASES
def test_extreme_scores_stay_finite(n_classes: int, objective: Any) -> None:
    for size in (40.0, 800.0, 1e6):
        z = size * np.array([np.eye(n_classes)[0], -np.eye(n_classes)[0]]).repeat(n_classes, axis=0)
        y = np.tile(np.arange(n_classes), 2)
        with np.errstate(over="raise", divide="raise", invalid="raise"):
            found = [objective.loss(z, y), *objective.derivatives(z, y)]
            found += [*objective.newton(z, y), objective.posterior(z)]
        assert all(np.isfinite(values).all() for values in found)
        assert (objective.newton(z, y)[1] >= 0).all()
        assert np.allclose(found[-1].sum(axis=1), 1)


@CASES
def test_the_posterior_is_where_the_expected_loss_is_least(n_classes: int, objective: Any) -> None:
    rng = np.random.default_rng(1)
    for p in rng.dirichlet(np.full(n_classes, 0.8), size=4).clip(0.005, None):
        p = p / p.sum()

        def risk(free: Any, p: Any = p) -> float:
            z = np.append(0.0, free)[None].repeat(n_classes, axis=0)
            return float(p @ objective.loss(z, np.arange(n_classes)))

        best = minimize(risk, np.zeros(n_classes - 1), method="BFGS", options={"gtol": 1e-9})
        assert np.allclose(objective.posterior(np.append(0.0, best.x)[None])[0], p, atol=2e-5)


@CASES
def test_boosting_starts_at_the_prior(n_classes: int, objective: Any) -> None:
    for smallest in (0.3, 0.02, 0.0005):
        p = np.geomspace(1, smallest, n_classes)
        p = p / p.sum()
        z = constant_scores(objective, p)
        assert np.allclose(objective.posterior(z[None])[0], p, rtol=1e-7)
        mean = p @ objective.derivatives(z[None].repeat(n_classes, axis=0), np.arange(n_classes))[0]
        assert np.allclose(mean, 0, atol=1e-8)


def test_a_focal_value_by_hand() -> None:
    # q = 1/2: loss (1/2)^2 ln 2; slope a = 1/4 + 2 * 1/2 * 1/2 * ln 2, gradient -a/2 for the true class
    objective, z, y = FocalObjective(2.0), np.zeros((1, 2)), np.array([1])
    assert objective.loss(z, y)[0] == pytest.approx(0.25 * np.log(2))
    assert objective.derivatives(z, y)[0][0, 1] == pytest.approx(-(0.25 + 0.5 * np.log(2)) / 2)


def test_a_newton_step_never_divides_by_less_than_nothing() -> None:
    z, y = scores(2, spread=6.0)
    objective = FocalObjective(2.0)
    gradient, hessian = objective.derivatives(z, y)
    assert (hessian < 0).any()
    same, curvature = objective.newton(z, y)
    assert np.array_equal(same, gradient)
    assert (curvature > 0).all()
    assert np.array_equal(curvature[hessian > 0.1], hessian[hessian > 0.1])


def test_a_margin_by_hand() -> None:
    # margin 1 on class 1, scores 0: p_1 / p_0 = (1 - (1 - 1/e) / 2) / 1
    odds = (1 + np.exp(-1)) / 2
    p = MarginObjective(np.array([0.0, 1.0])).posterior(np.zeros((1, 2)))[0]
    assert p[1] / p[0] == pytest.approx(odds)


def rows(n_classes: int = 2, n: int = 1500) -> tuple[Any, Any]:
    weights = [0.9] if n_classes == 2 else [0.8, 0.15]
    return make_classification(
        n, 8, n_informative=5, n_classes=n_classes, weights=weights, class_sep=0.8, random_state=0
    )


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("plain", [FocalBoostingClassifier(gamma=0), LDAMBoostingClassifier(max_margin=0)])
def test_without_focus_or_margin_it_is_lightgbm(plain: Any, n_classes: int) -> None:
    X, y = rows(n_classes)
    own = LGBMClassifier(**SMALL).fit(X, y).predict_proba(X)
    p = plain.set_params(estimator=LGBMClassifier(**SMALL)).fit(X, y).predict_proba(X)
    assert np.abs(p - own).max() < 1e-5


@pytest.mark.parametrize("n_classes", [2, 3])
def test_weighting_is_sample_weights(n_classes: int) -> None:
    X, y = rows(n_classes)
    weight = inverse()(Prior.of(y))
    own = LGBMClassifier(**SMALL).fit(X, y, sample_weight=weight[y]).predict_proba(X)
    model = FocalBoostingClassifier(LGBMClassifier(**SMALL), gamma=0, weighting=inverse()).fit(X, y)
    assert np.abs(model.predict_proba(X) - own).max() < 1e-5
    assert np.allclose(model.training_prior_, 1 / n_classes)


@pytest.mark.parametrize("tau", [0.5, 1.0])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_logit_adjusted_boosting_is_boosting_then_adjusting(n_classes: int, tau: float) -> None:
    X, y = rows(n_classes)
    prior = Prior.of(y)
    own = LGBMClassifier(**SMALL).fit(X, y).predict_proba(X)
    model = LogitAdjustedBoostingClassifier(LGBMClassifier(**SMALL), tau=tau).fit(X, y)
    p = model.predict_proba(X)
    assert np.abs(p - LogitAdjust(prior, tau)(own)).max() < 1e-4
    assert np.abs(PriorCorrection(model.training_prior_, prior)(p) - own).max() < 1e-5


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize(
    "model",
    [FocalBoostingClassifier(gamma=2), LDAMBoostingClassifier(max_margin=2), LDAMBoostingClassifier()],
    ids=["focal", "margin 2", "margin 1"],
)
def test_probabilities_keep_the_prior(model: Any, n_classes: int) -> None:
    X, y = rows(n_classes, n=4000)
    p = model.set_params(estimator=LGBMClassifier(**SMALL)).fit(X[:2000], y[:2000]).predict_proba(X[2000:])
    observed = np.bincount(y[2000:]) / 2000
    assert np.allclose(model.training_prior_, Prior.of(y[:2000]).p)
    assert np.allclose(p.mean(axis=0), observed, atol=0.03)
    if isinstance(model, FocalBoostingClassifier):  # whose softmax alone promises far too many
        raw = softmax(model._scores(X[2000:])).mean(axis=0)
        assert abs(raw - observed).max() > 3 * abs(p.mean(axis=0) - observed).max()


def test_missing_values_pass() -> None:
    X, y = rows()
    X[::3, 0] = np.nan
    p = FocalBoostingClassifier(LGBMClassifier(**SMALL)).fit(X, y).predict_proba(X)
    assert np.isfinite(p).all()


@pytest.mark.parametrize("n_classes", [2, 3])
def test_stages_end_at_the_whole(n_classes: int) -> None:
    X, y = rows(n_classes)
    model = LDAMBoostingClassifier(LGBMClassifier(**SMALL)).fit(X, y)
    stages = list(model.staged_predict_proba(X))
    assert len(stages) == model.n_rounds_ == 20
    assert np.allclose(stages[-1], model.predict_proba(X))
    assert model.decision_function(X).shape == ((1500,) if n_classes == 2 else (1500, 3))


def test_refusals_say_what_to_do() -> None:
    X, y = rows()
    with pytest.raises(UsageError, match=r"HistGradientBoostingClassifier takes no objective.*Weighted"):
        FocalBoostingClassifier(HistGradientBoostingClassifier()).fit(X, y)
    with pytest.raises(UsageError, match="give weighting= instead"):
        FocalBoostingClassifier(LGBMClassifier(class_weight="balanced", **SMALL)).fit(X, y)
    with pytest.raises(UsageError, match="gamma is -1"):
        FocalBoostingClassifier(gamma=-1).fit(X, y)
    with pytest.raises(UsageError, match="max_margin is 99"):
        LDAMBoostingClassifier(max_margin=99).fit(X, y)
    with pytest.raises(UsageError, match="tau is -1"):
        LogitAdjustedBoostingClassifier(tau=-1).fit(X, y)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_xgboost_gives_the_same_family(n_classes: int) -> None:
    xgboost = pytest.importorskip("xgboost")
    X, y = rows(n_classes)
    settings = {"n_estimators": 20, "max_depth": 3, "n_jobs": 1, "tree_method": "hist"}
    own = xgboost.XGBClassifier(base_score=float(y.mean()), **settings) if n_classes == 2 else None
    model = FocalBoostingClassifier(xgboost.XGBClassifier(**settings), gamma=0).fit(X, y)
    if own is not None:
        assert np.abs(model.predict_proba(X) - own.fit(X, y).predict_proba(X)).max() < 1e-4
    assert np.allclose(list(model.staged_predict_proba(X))[-1], model.predict_proba(X), atol=1e-5)
    focal = FocalBoostingClassifier(xgboost.XGBClassifier(**settings), gamma=2).fit(X, y)
    assert focal.score(X, y) > 0.85


MODELS = [
    FocalBoostingClassifier(LGBMClassifier(**SMALL)),
    LDAMBoostingClassifier(LGBMClassifier(**SMALL)),
    LogitAdjustedBoostingClassifier(LGBMClassifier(**SMALL), tau=0.5),
]


@parametrize_with_checks(MODELS)
def test_scikit_learn_conventions(estimator: Any, check: Any) -> None:
    check(estimator)
