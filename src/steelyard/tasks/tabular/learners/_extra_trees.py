"""Extremely randomised trees."""

from __future__ import annotations

from typing import Any

from steelyard.tasks.tabular.learners.in_order import OrderedExtraTrees

__all__ = ["extra_trees"]

ROWS_PER_TREE = 100_000


def extra_trees(*, seed: int, n_jobs: int = 1, n_rows: int | None = None) -> Any:
    """A forest of 300 trees, or 150 from 2,000 rows on, whose cut points are drawn at random.

    When to use it: beside `random_forest` when features are many and smooth; its probabilities are smoother.

    Args:
        seed: of cut points and feature draws.
        n_jobs: threads; the model and its probabilities are the same with any number.
        n_rows: training rows; above 100,000 each tree draws that many instead of taking all.

    Returns:
        An unfitted classifier for "tree" rows, dense or sparse, with missing values where dense.

    >>> extra_trees(seed=0).bootstrap
    False

    Source: Geurts, Ernst and Wehenkel (2006), Extremely randomized trees.
    """
    rows = 10_000 if n_rows is None else n_rows
    share = ROWS_PER_TREE / rows if rows > ROWS_PER_TREE else None
    return OrderedExtraTrees(
        n_estimators=300 if rows < 2_000 else 150,
        min_samples_leaf=2,
        max_features="sqrt",
        bootstrap=share is not None,
        max_samples=share,
        random_state=seed,
        n_jobs=n_jobs,
    )


CARD = {
    "lever": "learner",
    "name": "extra_trees",
    "title": "extremely randomised trees",
    "seeds": ["001"],
    "needs": [],
    "example": {"seed": 0},
    "since": "0.1",
    "status": "claimed",
    "source": "Geurts, Ernst and Wehenkel (2006), Extremely randomized trees",
    "facts": {
        "label": "extra trees",
        "encoding": "tree",
        "rank": 5,
        "default": True,
        "sparse": True,
        "trusted": ["sklearn.tree._tree.Tree"],
    },
}
