"""CatBoost."""

from __future__ import annotations

from typing import Any

from steelyard.core import require

__all__ = ["catboost"]


def catboost(*, seed: int, n_jobs: int = 1, n_rows: int | None = None) -> Any:
    """CatBoost's boosted symmetric trees.

    When to use it: as a second opinion on boosting, with the extra `boost` installed.

    Args:
        seed: of row permutations and sampling.
        n_jobs: threads.
        n_rows: training rows; below 20,000 trees are fewer and more regularised.

    Returns:
        An unfitted classifier for dense "tree" rows with missing values; it writes no files.

    Raises:
        MissingExtra: catboost is not installed.

    Source: Prokhorenkova et al. (2018), CatBoost: unbiased boosting with categorical features.
    """
    large = n_rows is not None and n_rows >= 20_000
    return require("catboost", extra="boost").CatBoostClassifier(
        learning_rate=0.05,
        iterations=500 if large else 300,
        depth=6,
        l2_leaf_reg=3.0 if large else 5.0,
        random_seed=seed,
        thread_count=n_jobs,
        allow_writing_files=False,
        verbose=False,
    )


CARD = {
    "lever": "learner",
    "name": "catboost",
    "title": "gradient boosting of symmetric trees (CatBoost)",
    "seeds": ["001"],
    "needs": ["boost"],
    "example": {"seed": 0},
    "since": "0.1",
    "status": "claimed",
    "source": "Prokhorenkova et al. (2018), CatBoost: unbiased boosting with categorical features",
    "facts": {
        "label": "CatBoost",
        "encoding": "tree",
        "rank": 7,
        "default": False,
        "sparse": False,
        "trusted": ["catboost.core.CatBoostClassifier"],
    },
}
