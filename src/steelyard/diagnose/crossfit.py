"""Probabilities for every row from models that did not see it, for all probes that need some."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.core import Floats, derive, generator
from steelyard.diagnose.folds import deal_folds

__all__: list[str] = []

FOLDS = 5
TREES = 600  # of all classes and folds together where there are many classes
ROUNDS = (20, 60)
WIDTH = 300  # features a tree may look at in wide tables


def out_of_fold(
    X: NDArray[np.float32],
    y: NDArray[np.int64],
    n_classes: int,
    *,
    seed: int,
    weight: Floats | None = None,
    groups: NDArray[np.int64] | None = None,
    n_folds: int = FOLDS,
) -> Floats:
    """Class probabilities (n, K) by cross-fitted gradient-boosted trees; rows of one group share a fold."""
    import lightgbm

    fold = deal_folds(y, n_folds, generator(derive(seed, "out of fold", len(y))), groups)
    # weights are brought to mean one, which the regularisation counts on
    scaled = None if weight is None else weight / max(float(weight.mean()), 1e-300)
    settings = _settings(n_classes, X.shape, seed)
    rounds = ROUNDS[1] if n_classes == 2 else int(np.clip(TREES // n_classes, *ROUNDS))
    # values are binned once over all rows; bins know no labels
    data = lightgbm.Dataset(X, label=y, weight=scaled, params=settings, free_raw_data=False).construct()
    p = np.full((len(y), n_classes), 1.0 / n_classes)
    for number in range(n_folds):
        held = fold == number
        if held.any() and not held.all():
            model = lightgbm.train(
                settings, data.subset(np.flatnonzero(~held).tolist()), num_boost_round=rounds
            )
            found = np.asarray(model.predict(X[held], num_threads=1), dtype=float)
            p[held] = np.stack([1 - found, found], axis=1) if n_classes == 2 else found
    return p


def _settings(n_classes: int, shape: tuple[int, ...], seed: int) -> dict[str, Any]:
    task = {"objective": "binary"} if n_classes == 2 else {"objective": "multiclass", "num_class": n_classes}
    return {
        **task,
        "learning_rate": 0.1,
        "num_leaves": 15,
        "min_data_in_leaf": int(np.clip(shape[0] // 50, 2, 20)),
        "min_sum_hessian_in_leaf": 1e-3,
        "lambda_l2": 1.0,
        "feature_fraction": float(np.clip(WIDTH / shape[1], 0.05, 0.8)),
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "max_bin": 63,
        "seed": seed % 2**31,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "verbosity": -1,
    }
