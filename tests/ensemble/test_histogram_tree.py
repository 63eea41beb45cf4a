from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_iris, make_classification
from sklearn.utils.estimator_checks import parametrize_with_checks

from steelyard.core import UsageError
from steelyard.ensemble import (
    BinnedTreeClassifier,
    CompatibleAdaBoostClassifier,
    HistogramTreeClassifier,
    OverBoostClassifier,
)


@parametrize_with_checks([HistogramTreeClassifier()])
def test_scikit_learn_conventions(estimator: Any, check: Any) -> None:
    check(estimator)


def table(seed: int = 0) -> tuple[Any, Any]:
    X, y = make_classification(
        1500, n_features=6, n_informative=4, flip_y=0.1, weights=[0.8], random_state=seed
    )
    return X.astype(np.float32), y


@pytest.mark.parametrize("seed", range(4))
def test_it_is_the_tree_of_the_gini_index(seed: int) -> None:
    X, y = table(seed)
    ours = HistogramTreeClassifier(max_depth=3).fit(X, y)
    theirs = BinnedTreeClassifier(max_depth=3, max_features=None, random_state=0).fit(X, y)
    # columns that split alike may take each other's place
    for name in ("n_node_samples", "weighted_n_node_samples", "impurity"):
        a, b = getattr(ours.tree_, name), getattr(theirs.tree_, name)
        assert np.sort(a) == pytest.approx(np.sort(b)), name
    assert ours.tree_.compute_feature_importances(normalize=False).sum() == pytest.approx(
        theirs.tree_.compute_feature_importances(normalize=False).sum()
    )
    assert (ours.get_depth(), ours.get_n_leaves()) == (3, 8)


def test_weights_are_repetitions() -> None:
    X, y = table()
    weight = np.random.default_rng(0).integers(1, 4, len(y))
    weighted = HistogramTreeClassifier().fit(X, y, weight)
    repeated = HistogramTreeClassifier().fit(np.repeat(X, weight, axis=0), np.repeat(y, weight))
    assert (weighted.predict_proba(X) == repeated.predict_proba(X)).all()


def test_a_leaf_says_its_weighted_share() -> None:
    X, y = table()
    weight = np.random.default_rng(0).random(len(y))
    tree = HistogramTreeClassifier().fit(X, y, weight)
    leaf = tree.apply(X)
    share = np.bincount(leaf, weights=weight * y) / np.maximum(np.bincount(leaf, weights=weight), 1e-300)
    assert tree.predict_proba(X)[:, 1] == pytest.approx(share[leaf], abs=1e-6)


def test_missing_values_choose_their_side() -> None:
    X, y = table()
    lost = np.random.default_rng(0).random(len(y)) < 0.3
    X[lost & (y == 1), 0] = np.nan
    fitted = HistogramTreeClassifier(max_depth=1).fit(X, y)
    assert fitted.tree_.feature[0] == 0
    without = X[~np.isnan(X).any(axis=1)]
    side = fitted.apply(X[np.isnan(X[:, 0])][:1])[0]
    assert fitted.tree_.value[side, 0, 1] > 0.3 > fitted.predict_proba(without)[:, 1].min()
    other = X.copy()
    other[:, 1] = np.nan  # never missing in training: to the heavier side
    assert np.isfinite(HistogramTreeClassifier().fit(X, y).predict_proba(other)).all()


def test_nothing_to_split() -> None:
    y = np.arange(100) % 4 == 0
    stump = HistogramTreeClassifier().fit(np.ones((100, 2)), y, np.where(y, 2.0, 1.0))
    assert stump.get_n_leaves() == 1
    assert stump.predict_proba([[0.0, 0.0]])[0].tolist() == pytest.approx([0.6, 0.4])


def test_columns_of_few_values_mostly_zero() -> None:
    rng = np.random.default_rng(0)
    X = rng.integers(1, 9, (2000, 60)) * (rng.random((2000, 60)) < 0.03)
    y = (X[:, :20].sum(axis=1) > 4).astype(int)
    ours = HistogramTreeClassifier(max_depth=3).fit(X, y)
    theirs = BinnedTreeClassifier(max_depth=3, max_features=None, random_state=0).fit(X, y)
    assert ours.tree_.weighted_n_node_samples[0] == 2000
    assert ours.score(X, y) == pytest.approx(theirs.score(X, y), abs=0.005)


def test_more_classes() -> None:
    X, y = load_iris(return_X_y=True)
    ours = HistogramTreeClassifier(max_depth=3).fit(X, y)
    theirs = BinnedTreeClassifier(max_depth=3, max_features=None, random_state=0).fit(X, y)
    for name in ("n_node_samples", "impurity"):
        a, b = getattr(ours.tree_, name), getattr(theirs.tree_, name)
        assert np.sort(a) == pytest.approx(np.sort(b)), name


def test_a_leaf_keeps_its_weight_not_its_rows() -> None:
    X = np.arange(9, dtype=float)[:, None]
    y = (X[:, 0] == 4).astype(int)
    even = HistogramTreeClassifier(max_depth=2).fit(X, y)
    assert even.tree_.n_node_samples.min() >= 2
    heavy = HistogramTreeClassifier(max_depth=2).fit(X, y, np.where(y, 5.0, 1.0))
    assert heavy.predict_proba([[4.0]])[0, 1] == 1
    assert heavy.tree_.n_node_samples[heavy.apply([[4.0]])[0]] == 1


def test_the_nodes_of_a_tree_add_up_whatever_the_weights() -> None:
    X, y = table()
    weight = np.exp(np.random.default_rng(0).normal(0, 6, len(y)))
    tree = HistogramTreeClassifier().fit(X, y, weight).tree_
    inner = tree.children_left >= 0
    parts = tree.children_left[inner], tree.children_right[inner]
    for name in ("n_node_samples", "weighted_n_node_samples"):
        held = getattr(tree, name)
        assert held[inner] == pytest.approx(held[parts[0]] + held[parts[1]], rel=1e-12)
    assert tree.weighted_n_node_samples[0] == pytest.approx(weight.sum())


def test_boosting_hands_its_table_over_once(monkeypatch: pytest.MonkeyPatch) -> None:
    X, y = table()
    made: list[int] = []
    build = HistogramTreeClassifier._histograms
    monkeypatch.setattr(
        HistogramTreeClassifier, "_histograms", lambda self, *a: made.append(1) or build(self, *a)
    )
    for model in (CompatibleAdaBoostClassifier(n_estimators=8), OverBoostClassifier(n_estimators=8)):
        del made[:]
        fitted = model.set_params(random_state=0).fit(X, y)
        assert len(fitted.estimators_) == 8
        assert made == [1]
    first = CompatibleAdaBoostClassifier(n_estimators=1).fit(X, y)
    alone = HistogramTreeClassifier().fit(X, y)
    assert first.estimators_[0].predict_proba(X) == pytest.approx(alone.predict_proba(X), abs=1e-6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_depth": 13}, "max_depth=13"),
        ({"max_depth": None}, "max_depth"),
        ({"min_samples_leaf": 0.5}, "min"),
    ],
)
def test_options_out_of_range(options: dict[str, Any], message: str) -> None:
    X, y = table()
    with pytest.raises(UsageError, match=message):
        HistogramTreeClassifier(**options).fit(X, y)
