"""One arm, one set of training rows, one fitted model with the prior it was trained on."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from steelyard.core import Floats, NotForMe, Prior, SteelyardError, derive, get
from steelyard.race.arms import OWN, Arm
from steelyard.race.own import fit_own
from steelyard.weights import as_sample_weight

__all__ = ["FitResult", "Fitted", "fit_and_score", "fit_arm"]

EXPECTED = (SteelyardError, ValueError, RuntimeError, MemoryError, ArithmeticError, ImportError)
"""What a fit may raise on some data; anything else is a mistake of ours, or of the package that added the arm."""


@dataclass(frozen=True, eq=False)
class Fitted:
    """A model and the class probabilities it was trained on (after weights or resampling)."""

    model: Any
    trained: Floats


@dataclass(frozen=True, eq=False)
class FitResult:
    """What one fit leaves behind: out-of-fold probabilities, or the reason why there are none."""

    status: str
    seconds: float
    p: Floats | None = None
    trained: Floats | None = None
    reason: str = ""


def fit_arm(
    arm: Arm,
    X: Any,
    y: NDArray[np.int64],
    *,
    n_classes: int,
    sample_weight: Floats | None,
    seed: int,
    n_jobs: int = 1,
) -> Fitted:
    """Fit `arm` on encoded rows; all classes must occur in y."""
    prior = Prior.of(y, labels=range(n_classes), sample_weight=sample_weight)
    if (prior.counts <= 0).any():
        raise NotForMe("a class has no training row in this fold")
    kind = arm.remedy.kind
    if kind == "weights":
        assert arm.remedy.card is not None  # noqa: S101 - only cards carry this kind; narrows the type
        class_weight = arm.remedy.card.load()(**arm.remedy.params)(prior)
        weight = as_sample_weight(class_weight, y)
        sample_weight = weight if sample_weight is None else weight * sample_weight
        trained = prior.reweighted(class_weight).p
        return Fitted(_fit(_learner(arm, len(y), seed, n_jobs), X, y, sample_weight), trained)
    if kind == "resampler":
        return _fit_resampled(arm, X, y, n_classes, sample_weight, seed, n_jobs)
    if kind in {"ensemble", "averaging"}:
        model = _fit(_committee(arm, len(y), seed, n_jobs), X, y, sample_weight)
        return Fitted(model, np.asarray(getattr(model, "training_prior_", prior.p), dtype=float))
    if kind == OWN:
        return Fitted(*fit_own(arm, X, y, prior, sample_weight, seed, n_jobs))
    return Fitted(_fit(_learner(arm, len(y), seed, n_jobs), X, y, sample_weight), prior.p)


def fit_and_score(
    arm: Arm,
    X: Any,
    y: NDArray[np.int64],
    X_new: Any,
    *,
    n_classes: int,
    sample_weight: Floats | None,
    seed: int,
) -> FitResult:
    """Fit on training rows, give probabilities of the others; a failure becomes a result with its reason."""
    start = time.perf_counter()
    try:
        with threadpool_limits(limits=1):
            fitted = fit_arm(arm, X, y, n_classes=n_classes, sample_weight=sample_weight, seed=seed)
            p = probabilities(fitted.model, X_new, n_classes)
    except NotForMe as declined:
        return FitResult("declined", time.perf_counter() - start, reason=str(declined))
    except Exception as error:
        if not (arm.foreign or isinstance(error, EXPECTED)):
            raise
        reason = f"{type(error).__name__}: {error}".splitlines()[0][:300]
        return FitResult("failed", time.perf_counter() - start, reason=reason)
    return FitResult("done", time.perf_counter() - start, p, fitted.trained)


def probabilities(model: Any, X: Any, n_classes: int) -> Floats:
    """Class probabilities (n, K) in position order, clean and summing to one."""
    raw = np.asarray(model.predict_proba(X), dtype=float)
    known = np.asarray(model.classes_, dtype=int)
    p = np.zeros((len(raw), n_classes))
    p[:, known] = raw
    if not np.isfinite(p).all():
        raise ValueError("the model gave probabilities that are not finite")
    p = np.clip(p, 0, 1)
    return np.asarray(p / p.sum(axis=1, keepdims=True))


def _learner(arm: Arm, n_rows: int, seed: int, n_jobs: int) -> Any:
    assert arm.learner is not None  # noqa: S101 - every arm that reaches this has one; narrows the type
    return arm.learner.build(seed=derive(seed, "learner"), n_rows=n_rows, n_jobs=n_jobs)


def _fit(model: Any, X: Any, y: NDArray[np.int64], sample_weight: Floats | None) -> Any:
    if sample_weight is None:
        return model.fit(X, y)
    return model.fit(X, y, sample_weight=sample_weight)


def _fit_resampled(
    arm: Arm,
    X: Any,
    y: NDArray[np.int64],
    n_classes: int,
    sample_weight: Floats | None,
    seed: int,
    n_jobs: int,
) -> Fitted:
    assert arm.remedy.card is not None  # noqa: S101 - only cards carry this kind; narrows the type
    sampler = arm.remedy.card.load()(**arm.remedy.params)
    if "random_state" in sampler.get_params():
        sampler.set_params(random_state=derive(seed, "sampler"))
    made = sampler.resample(X, y, sample_weight=sample_weight)
    model = _fit(_learner(arm, len(made.y), seed, n_jobs), made.X, made.y, made.sample_weight)
    trained = Prior.of(made.y, labels=range(n_classes), sample_weight=made.sample_weight).p
    return Fitted(model, trained)


def _committee(arm: Arm, n_rows: int, seed: int, n_jobs: int) -> Any:
    card = arm.remedy.card or get("FoldAveragingClassifier", lever="ensemble")
    model = card.load()(**arm.remedy.params)
    settings: dict[str, Any] = {}
    if arm.learner is not None:
        settings["estimator"] = arm.learner.build(seed=derive(seed, "learner"), n_rows=n_rows)
    names = model.get_params(deep=False)
    if "random_state" in names:
        settings["random_state"] = derive(seed, "ensemble")
    if "n_jobs" in names:
        settings["n_jobs"] = n_jobs
    return model.set_params(**settings)
