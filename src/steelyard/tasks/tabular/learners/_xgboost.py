"""XGBoost."""

from __future__ import annotations

from typing import Any

from steelyard.core import require

__all__ = ["xgboost"]


def xgboost(*, seed: int, n_jobs: int = 1, n_rows: int | None = None) -> Any:
    """XGBoost's boosted trees, with the same holding back as `lightgbm`.

    When to use it: as a second opinion on boosting, with the extra `boost` installed.

    Args:
        seed: of row and feature sampling.
        n_jobs: threads.
        n_rows: training rows; below 20,000 trees are fewer, smaller and more regularised.

    Returns:
        An unfitted classifier for "tree" rows, dense or sparse, with missing values.

    Raises:
        MissingExtra: xgboost is not installed.

    Source: Chen and Guestrin (2016), XGBoost: A scalable tree boosting system.
    """
    rows = 10_000 if n_rows is None else n_rows
    large = rows >= 20_000
    return require("xgboost", extra="boost").XGBClassifier(
        learning_rate=0.05,
        n_estimators=300 if large else 150,
        max_depth=6 if large else 4,
        reg_lambda=1.0 if large else 2.0 if rows >= 5_000 else 5.0,
        colsample_bytree=0.8,
        subsample=0.8,
        tree_method="hist",
        random_state=seed,
        n_jobs=n_jobs,
    )


CARD = {
    "lever": "learner",
    "name": "xgboost",
    "title": "gradient boosting of trees (XGBoost)",
    "seeds": ["001"],
    "needs": ["boost"],
    "example": {"seed": 0},
    "since": "0.1",
    "status": "claimed",
    "source": "Chen and Guestrin (2016), XGBoost: A scalable tree boosting system",
    "facts": {
        "label": "XGBoost",
        "encoding": "tree",
        "rank": 6,
        "default": False,
        "sparse": True,
        "trusted": ["xgboost.core.Booster", "xgboost.sklearn.XGBClassifier"],
    },
}
