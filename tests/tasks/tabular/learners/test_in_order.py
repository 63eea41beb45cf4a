from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks

from steelyard.tasks.tabular.learners import OrderedExtraTrees, OrderedForest

BOOTSTRAP = {  # scikit-learn's own forests fail these: a row of weight two is drawn otherwise than two rows
    "check_sample_weight_equivalence_on_dense_data": "bootstrap samples depend on the number of rows",
    "check_sample_weight_equivalence_on_sparse_data": "bootstrap samples depend on the number of rows",
}


@parametrize_with_checks(
    [OrderedForest(5), OrderedExtraTrees(5)],
    expected_failed_checks=lambda forest: BOOTSTRAP if forest.bootstrap else {},
)
def test_scikit_learn_conventions(estimator: Any, check: Any) -> None:
    check(estimator)


@pytest.mark.parametrize(
    ("ours", "theirs"), [(OrderedForest, RandomForestClassifier), (OrderedExtraTrees, ExtraTreesClassifier)]
)
def test_the_same_forest_as_scikit_learns(ours, theirs) -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 4)).astype(np.float32)
    X[::9, 1] = np.nan
    y = (X[:, 0] > 1).astype(int)
    wanted = theirs(20, random_state=3).fit(X, y).predict_proba(X)
    np.testing.assert_array_equal(ours(20, random_state=3).fit(X, y).predict_proba(X), wanted)
    X.flags.writeable = False  # rows mapped from disk
    threads = ours(20, random_state=3, n_jobs=2).fit(X, y)
    np.testing.assert_array_equal(threads.predict_proba(X), wanted)
    assert threads.n_jobs == 2
