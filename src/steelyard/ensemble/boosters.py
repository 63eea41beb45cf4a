"""LightGBM and XGBoost behind one small face: boost an objective, give raw scores."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import clone

from steelyard.core import Floats, UsageError, require

__all__: list[str] = []

Derive = Callable[[Floats], tuple[Floats, Floats]]
"""Scores (n, K) -> weighted gradient and curvature (n, K)."""

OWN_WEIGHTS = ("class_weight", "scale_pos_weight", "is_unbalance")


def library(estimator: Any) -> str:
    """The library an estimator comes from, or a UsageError when it takes no objective."""
    names = {kind.__name__ for kind in type(estimator).__mro__}
    for name, found in (("LGBMClassifier", "lightgbm"), ("XGBClassifier", "xgboost")):
        if name in names:
            return found
    raise UsageError(
        f"{type(estimator).__name__} takes no objective of one's own; pass an LGBMClassifier or XGBClassifier "
        "(for class weights with any other classifier there is weights.Weighted)"
    )


def boost(estimator: Any, X: Any, y: Any, init: Floats, derive: Derive) -> Any:
    """Boost a clone of `estimator` from constant scores `init` (K,); returns the library's booster."""
    found, n_classes = library(estimator), len(init)
    params = estimator.get_params()
    own = [name for name in OWN_WEIGHTS if params.get(name) not in (None, False, 1, 1.0)]
    if own:
        raise UsageError(f"{own[0]}={params[own[0]]!r} is set on the estimator; give weighting= instead")

    def objective(labels: Any, raw: Any, *weights: Any) -> tuple[Floats, Floats]:  # noqa: ARG001 - both libraries' signature
        gradient, curvature = derive(full(np.asarray(raw, dtype=np.float64), n_classes))
        return (gradient[:, 1], curvature[:, 1]) if n_classes == 2 else (gradient, curvature)

    model = clone(estimator).set_params(objective=objective)
    start = np.tile(margin(init), (len(y), 1)) if n_classes > 2 else np.full(len(y), margin(init)[0])
    X = plain(X)
    if found == "lightgbm":
        # on tables too small to split it would drop every column and then refuse to run
        model.set_params(feature_pre_filter=False)
        fitted = model.fit(X, y, init_score=start).booster_
        # a copy without the objective, so that it can be stored anywhere
        from lightgbm import Booster

        return Booster(model_str=fitted.model_to_string())
    return model.fit(X, y, base_margin=start).get_booster()


def raw_scores(booster: Any, X: Any, init: Floats, *, rounds: tuple[int, int] = (0, 0)) -> Floats:
    """Scores (n, K) of rows; `rounds` (first, end) takes some trees only, (0, 0) all."""
    first, end = rounds
    X = plain(X)
    if hasattr(booster, "num_trees"):
        count = end - first if end else -1
        raw = booster.predict(X, raw_score=True, start_iteration=first, num_iteration=count)
    else:
        zeros = np.zeros((X.shape[0], len(init))) if len(init) > 2 else np.zeros(X.shape[0])
        matrix = require("xgboost", extra="boost").DMatrix(X, base_margin=zeros)
        raw = booster.predict(matrix, output_margin=True, iteration_range=rounds)
    return full(np.asarray(raw, dtype=np.float64), len(init)) + full(margin(init)[None], len(init))


def plain(X: Any) -> Any:
    """Rows as both libraries read them; LightGBM knows SciPy's sparse matrices, not its sparse arrays."""
    return sparse.csr_matrix(X) if isinstance(X, sparse.csr_array) else X


def n_rounds(booster: Any) -> int:
    """How many rounds were boosted."""
    return int(booster.current_iteration() if hasattr(booster, "num_trees") else booster.num_boosted_rounds())


def stages(booster: Any, X: Any, init: Floats) -> Iterator[Floats]:
    """Scores (n, K) after one round, after two, and so on."""
    start = full(margin(init)[None], len(init))
    scores = np.repeat(start, X.shape[0], axis=0)
    for i in range(n_rounds(booster)):
        scores = scores + raw_scores(booster, X, init, rounds=(i, i + 1)) - start
        yield scores


def margin(init: Floats) -> Floats:
    """Constant scores as the libraries hold them: one for two classes, else one a class."""
    return init[1:] - init[:1] if len(init) == 2 else init


def full(raw: Floats, n_classes: int) -> Floats:
    """Scores (n, K); of two classes the first one stands at 0."""
    if n_classes == 2:
        flat = raw.reshape(-1)
        return np.column_stack([np.zeros(len(flat)), flat])
    return raw.reshape(-1, n_classes)
