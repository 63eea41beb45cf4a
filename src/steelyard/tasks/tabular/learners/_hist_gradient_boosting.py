"""scikit-learn's histogram gradient boosting."""

from __future__ import annotations

from typing import Any

from sklearn.ensemble import HistGradientBoostingClassifier

__all__ = ["hist_gradient_boosting"]


def hist_gradient_boosting(*, seed: int, n_jobs: int = 1, n_rows: int | None = None) -> Any:  # noqa: ARG001 - a factory's contract
    """scikit-learn's histogram gradient boosting, without early stopping.

    When to use it: beside LightGBM, or where only scikit-learn may run. Early stopping is off: a tenth of the
    rows holds too few positives to judge when to stop. Leaf values are shrunk (λ = 10 below 20,000 rows) for
    the same reason as in `lightgbm`.

    Args:
        seed: of the binning sample on large tables.
        n_jobs: unused; threads follow OMP_NUM_THREADS and threadpoolctl, the model does not depend on them.
        n_rows: training rows; below 20,000 trees are fewer, smaller and more regularised.

    Returns:
        An unfitted classifier for dense "tree" rows with missing values.

    >>> hist_gradient_boosting(seed=0, n_rows=500).early_stopping
    False

    Source: Friedman (2001), Greedy function approximation: a gradient boosting machine.
    """
    large = n_rows is not None and n_rows >= 20_000
    return HistGradientBoostingClassifier(
        learning_rate=0.05,
        max_iter=300 if large else 150,
        max_leaf_nodes=31 if large else 15,
        min_samples_leaf=20 if large else 10,
        l2_regularization=1.0 if large else 10.0,
        early_stopping=False,
        random_state=seed,
    )


CARD = {
    "lever": "learner",
    "name": "hist_gradient_boosting",
    "title": "histogram gradient boosting (scikit-learn)",
    "seeds": ["001"],
    "needs": [],
    "example": {"seed": 0},
    "since": "0.1",
    "status": "claimed",
    "source": "Friedman (2001), Greedy function approximation: a gradient boosting machine",
    "facts": {
        "label": "histogram gradient boosting",
        "encoding": "tree",
        "rank": 2,
        "default": True,
        "sparse": False,
        "trusted": [
            "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
            # skops before 0.14 does not know these by itself
            "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
            "sklearn._loss.link.Interval",
            "sklearn._loss.link.LogitLink",
            "sklearn._loss.link.MultinomialLogit",
            "sklearn._loss.loss.HalfBinomialLoss",
            "sklearn._loss.loss.HalfMultinomialLoss",
            "_loss.CyHalfMultinomialLoss",
        ],
    },
}
