"""Arms of the user's own: any scikit-learn classifier or pipeline, raced like every other arm."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone, is_classifier
from sklearn.utils import get_tags
from sklearn.utils.validation import has_fit_parameter

from steelyard.core import Floats, NotForMe, Prior, SteelyardError, UsageError, derive
from steelyard.ensemble import fit_witnessed, last_step
from steelyard.race.arms import CONTROLS, OWN, Arm, Remedy

__all__ = ["fit_own", "own_arms"]

RANK = 6.5


def own_arms(named: Mapping[str, Any] | None) -> list[Arm]:
    """One arm for every named estimator, refused in one sentence where it could not be raced or saved."""
    return [Arm(_remedy(name, estimator)) for name, estimator in (named or {}).items()]


def _remedy(name: str, estimator: Any) -> Remedy:
    if not isinstance(name, str) or not re.fullmatch(r"[\w][\w -]{0,40}", name):
        raise UsageError(f"an arm is named {name!r}; use letters, digits, blanks, - and _ (up to 41)")
    if name.lower() in {control.name for control in CONTROLS}:
        raise UsageError(f"an arm is named {name!r}, which is the name of a control; choose another")
    if isinstance(estimator, type) or not is_classifier(estimator):
        raise UsageError(
            f"arm {name!r} is {estimator!r}, expected a scikit-learn classifier or a pipeline that ends in one"
        )
    if not hasattr(estimator, "predict_proba"):
        raise UsageError(
            f"arm {name!r} ({type(last_step(estimator)).__name__}) has no predict_proba, which every arm needs; "
            "wrap it in sklearn.calibration.CalibratedClassifierCV"
        )
    _must_be_storable(name, estimator)
    encoding = "tree" if get_tags(estimator).input_tags.allow_nan else "linear"
    return Remedy(name, name, OWN, RANK, encoding=encoding, wraps=False, estimator=estimator)


def _must_be_storable(name: str, estimator: Any) -> None:
    """A model that could not be saved at the end of a long race is refused before it starts."""
    import skops.io

    try:
        kept = skops.io.dumps(clone(estimator))
        skops.io.loads(kept, trusted=skops.io.get_untrusted_types(data=kept))
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UsageError(
            f"arm {name!r} could not be saved by skops ({reason}); use importable classes and functions"
        ) from error


def describe(named: Mapping[str, Any] | None) -> dict[str, str]:
    """What tells one set of own arms from another, for resumed runs."""
    return {
        name: f"{type(one).__name__} {sorted((key, str(value)) for key, value in one.get_params().items())}"
        for name, one in (named or {}).items()
    }


def fit_own(
    arm: Arm, X: Any, y: NDArray[np.int64], prior: Prior, sample_weight: Floats | None, seed: int, n_jobs: int
) -> tuple[Any, Floats]:
    """A fitted clone, its seeds set, and the class probabilities it was trained on."""
    model = clone(arm.remedy.estimator)
    states = {
        name: n_jobs if name.endswith("n_jobs") else derive(seed, name) % 2**31
        for name, value in sorted(model.get_params(deep=True).items())
        if (name.split("__")[-1], value is None) in {("random_state", True), ("n_jobs", False)}
    }
    model.set_params(**states)
    end = last_step(model)
    weights: dict[str, Any] = {}
    if sample_weight is not None:
        if not has_fit_parameter(end, "sample_weight"):
            raise NotForMe(f"{type(end).__name__} takes no sample_weight, and the rows have weights")
        if has_samplers(model) and not type(model).__module__.startswith("steelyard."):
            raise NotForMe("weights cannot follow the rows through this pipeline; use steelyard's Pipeline")
        name = "sample_weight" if not hasattr(model, "steps") else f"{model.steps[-1][0]}__sample_weight"
        weights = {
            name if not type(model).__module__.startswith("steelyard.") else "sample_weight": sample_weight
        }
    try:
        return model, fit_witnessed(model, X, y, prior.counts, **weights)
    except (SteelyardError, ValueError, ImportError):
        raise
    except Exception as error:
        raise RuntimeError(f"{type(error).__name__}: {error}") from error


def has_samplers(model: Any) -> bool:
    """Whether a pipeline changes its rows."""
    return any(hasattr(step, "fit_resample") for _, step in getattr(model, "steps", []))
