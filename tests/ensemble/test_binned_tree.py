from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sklearn
from packaging.version import Version
from sklearn.datasets import load_iris, make_classification
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks

from steelyard.core import UsageError
from steelyard.ensemble import BinnedTreeClassifier, OverBaggingClassifier
from steelyard.ensemble.bins import MISSING, Bins, as_values
from steelyard.ensemble.rows import Rows


@parametrize_with_checks([BinnedTreeClassifier(random_state=0)])
def test_scikit_learn_conventions(estimator: Any, check: Any) -> None:
    check(estimator)


def table(n: int = 3000) -> tuple[Any, Any]:
    X, y = make_classification(n, n_features=6, n_informative=4, weights=[0.9], flip_y=0.05, random_state=0)
    return X.astype(np.float32), y


def started(seed: int) -> np.random.RandomState:
    """The generator of a binned tree with this seed."""
    return np.random.RandomState(np.random.PCG64(seed))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"criterion": "entropy", "max_features": None, "max_depth": 4},
        {"max_features": 0.5, "min_samples_leaf": 0.01},
        {"max_features": "log2", "min_samples_leaf": 1},
    ],
)
@pytest.mark.parametrize("weighted", [False, True])
def test_on_few_distinct_values_it_is_scikit_learns_tree(options: dict[str, Any], weighted: bool) -> None:
    rng = np.random.default_rng(0)
    X = rng.permuted(np.tile(np.arange(300) % 40, (7, 1)), axis=1).T.astype(np.float32)
    # earlier ones take equal splits in another order where values are missing
    if Version(sklearn.__version__) >= Version("1.9"):
        X[::9, 1] = np.nan
    y = (np.nan_to_num(X[:, 0]) + X[:, 2] + rng.normal(0, 15, 300) > 45).astype(int) + (X[:, 3] > 35)
    weight = rng.integers(1, 4, 300).astype(float) if weighted else None
    ours = BinnedTreeClassifier(random_state=5, **options)
    bins = Bins.of(X, [np.arange(300)], ours.bins())
    ours.fit_codes(bins, bins.encode(X), y, weight)
    defaults = {"max_features": "sqrt", "min_samples_leaf": 2}
    theirs = DecisionTreeClassifier(random_state=started(5), **{**defaults, **options}).fit(X, y, weight)
    for name in ("feature", "children_left", "n_node_samples", "missing_go_to_left", "value"):
        assert (getattr(ours.tree_, name) == getattr(theirs.tree_, name)).all(), name
    assert (ours.apply(X) == theirs.apply(X)).all()
    assert (ours.max_features_, ours.n_classes_, ours.n_features_in_) == (
        theirs.max_features_,
        theirs.n_classes_,
        theirs.n_features_in_,
    )


def test_options_are_checked_once_for_all_members() -> None:
    X, y = table(200)
    with pytest.raises(ValueError, match="min_samples_leaf"):
        OverBaggingClassifier(estimator=BinnedTreeClassifier(min_samples_leaf=0)).fit(X, y)


@pytest.mark.parametrize("most", [2, 3, 64, 254])
def test_a_code_is_the_number_of_edges_below(most: int) -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(5000, 3)).astype(np.float32)
    X[:, 1] = rng.integers(0, 5, 5000)
    bins = Bins.of(X, [np.arange(5000)], most)
    X = np.r_[X, bins.edges[:, [0, 0, 0]], np.repeat([[np.nan], [np.inf], [-np.inf]], 3, axis=1)]
    codes = bins.encode(X)
    for j, size in enumerate(bins.size.tolist()):
        found = np.searchsorted(bins.edges[j, :size], X[:-3, j])
        assert (codes[:-3, j] == found).all()
        assert codes[-3:, j].tolist() == [MISSING, size, 0]


def test_few_distinct_values_lose_nothing() -> None:
    X, y = load_iris(return_X_y=True)
    ours = BinnedTreeClassifier(min_samples_leaf=1, max_features=None, random_state=0).fit(X, y)
    theirs = DecisionTreeClassifier(random_state=0).fit(X.astype(np.float32), y)
    assert ours.tree_.node_count == theirs.tree_.node_count
    assert (ours.predict(X) == theirs.predict(X)).all()
    assert ours.tree_.impurity == pytest.approx(theirs.tree_.impurity)


def test_a_tree_on_codes_and_its_decoded_form_send_every_row_the_same_way() -> None:
    X, y = table()
    X[::11, 2] = np.nan
    bins = Bins.of(X, [np.flatnonzero(y == k) for k in (0, 1)], 32)
    codes = bins.encode(X)
    assert codes.max() == MISSING
    assert len(np.unique(codes[:, 0])) <= 32
    on_codes = DecisionTreeClassifier(random_state=started(0), max_features="sqrt", min_samples_leaf=2).fit(
        as_values(codes), y
    )
    ours = BinnedTreeClassifier(random_state=0).fit_codes(bins, codes, y)
    assert (ours.apply(X) == on_codes.apply(as_values(codes))).all()


def test_a_rare_class_has_its_share_of_the_edges() -> None:
    rng = np.random.default_rng(0)
    X = np.r_[rng.normal(0, 1, 9900), rng.normal(8, 1, 100)].astype(np.float32)[:, None]
    edges = Bins.of(X, [np.arange(9900), np.arange(9900, 10_000)], 64).edges[0]
    assert ((edges > 4) & np.isfinite(edges)).sum() == 31


def test_edges_lie_between_values() -> None:
    X = np.array([[0.0], [1.0], [np.nextafter(np.float32(1), np.float32(2))], [np.nan]], dtype=np.float32)
    bins = Bins.of(X, [np.arange(4)], 10)
    assert bins.edges[0].tolist() == [0.5, 1.0]
    assert bins.encode(X)[:, 0].tolist() == [0, 1, 2, MISSING]


def test_a_row_drawn_twice_is_a_row_of_twice_the_weight() -> None:
    X, y = table(400)
    rows = Rows.of(X, y, None, merge=True).binned(64)
    twice = rows.take(np.array([0, 1, 1, 2, 399, 399]), np.ones(6)).fit(
        BinnedTreeClassifier(random_state=0), rows
    )
    once = rows.take(np.array([0, 1, 2, 399]), np.array([1.0, 2, 1, 2])).fit(
        BinnedTreeClassifier(random_state=0), rows
    )
    assert (twice.predict_proba(X) == once.predict_proba(X)).all()
    model = OverBaggingClassifier(n_estimators=1, random_state=0).fit(X, y)
    assert model.log_[0]["rows"][0] == model.log_[0]["rows"][1]


def test_bins_out_of_range_are_named() -> None:
    for bad in (1, 255, 3.5):
        with pytest.raises(UsageError, match="max_bins"):
            BinnedTreeClassifier(max_bins=bad).fit(*table(100))
