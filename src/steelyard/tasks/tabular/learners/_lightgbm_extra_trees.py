"""LightGBM with cut points drawn at random."""

from __future__ import annotations

from typing import Any

from steelyard.tasks.tabular.learners._lightgbm import lightgbm

__all__ = ["lightgbm_extra_trees"]


def lightgbm_extra_trees(*, seed: int, n_jobs: int = 1, n_rows: int | None = None) -> Any:
    """LightGBM's boosted trees with one random cut a feature: 300 trees of 31 leaves.

    When to use it: beside `lightgbm`. Random cuts hold a model back in another way than small trees do, so the two
    err on different rows and their average is better than either; alone it wins where positives are few.

    Args:
        seed: of cut points, row and feature sampling.
        n_jobs: threads; the model is the same with any number.
        n_rows: training rows; the fewer the more regularised.

    Returns:
        An unfitted classifier for "tree" rows, dense or CSR matrices, with missing values.

    >>> lightgbm_extra_trees(seed=0, n_rows=500).get_params()["extra_trees"]
    True

    Source: Ke et al. (2017), LightGBM; Geurts, Ernst and Wehenkel (2006), Extremely randomized trees.
    """
    model = lightgbm(seed=seed, n_jobs=n_jobs, n_rows=n_rows)
    return model.set_params(extra_trees=True, extra_seed=seed % 2**31, n_estimators=300, num_leaves=31)


CARD = {
    "lever": "learner",
    "name": "lightgbm_extra_trees",
    "title": "gradient boosting of trees with random cuts (LightGBM)",
    "seeds": [],
    "needs": [],
    "example": {"seed": 0},
    "since": "0.1",
    "status": "claimed",
    "source": "Ke et al. (2017), LightGBM; Geurts, Ernst and Wehenkel (2006), Extremely randomized trees",
    "facts": {
        "label": "LightGBM with random cuts",
        "encoding": "tree",
        "rank": 8,
        "default": True,
        "sparse": True,
        "trusted": ["collections.OrderedDict", "lightgbm.basic.Booster", "lightgbm.sklearn.LGBMClassifier"],
    },
}
