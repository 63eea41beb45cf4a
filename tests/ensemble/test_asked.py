"""Asking many rows at once gives what walking down the trees gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from steelyard.ensemble import (
    BinnedTreeClassifier,
    CompatibleAdaBoostClassifier,
    EasyEnsembleClassifier,
    SelfPacedEnsembleClassifier,
    UnderBaggingClassifier,
    asked,
    rows,
)
from steelyard.ensemble.asked import Asked
from steelyard.ensemble.committee import trees_of
from steelyard.ensemble.forest import Forest, Splits
from steelyard.ensemble.rows import Rows


def table(n: int = 3000, n_classes: int = 2) -> tuple[Any, Any]:
    X, y = make_classification(
        n,
        n_features=8,
        n_informative=5,
        n_classes=n_classes,
        weights=[0.8, 0.1, 0.1][: n_classes - 1],
        flip_y=0.1,
        random_state=0,
    )
    return X.astype(np.float32), y


def mean_of(members: list[Any], X: Any) -> Any:
    """The mean of what members say, added up in their order."""
    total = np.zeros((len(X), members[0].n_classes_))
    for member in members:
        total += member.predict_proba(X)
    return total / len(members)


@pytest.fixture
def walks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often the bits were not used."""
    calls: list[int] = []
    walk = Asked._walked
    monkeypatch.setattr(Asked, "_walked", lambda self, tree: calls.append(1) or walk(self, tree))
    return calls


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("options", [{}, {"max_depth": 1}, {"max_depth": 3, "min_samples_leaf": 50}])
def test_a_leaf_that_says_the_same(n_classes: int, options: dict[str, Any], walks: list[int]) -> None:
    X, y = table(n_classes=n_classes)
    for member in (
        BinnedTreeClassifier(random_state=0, **options),
        DecisionTreeClassifier(random_state=0, **options),
    ):
        tree = member.fit(X, y).tree_
        own = tree.apply(X)
        shares = np.ascontiguousarray(tree.value[:, 0])
        for says in (shares[:, 0], shares.argmax(axis=1)):
            found = Asked(X, Forest()).said(tree, says)
            assert found.dtype == says.dtype
            assert (found == says[own]).all()
        total = np.zeros((len(X), shares.shape[1]))
        Asked(X, Forest()).add([tree], shares, total)
        assert (total == shares[own]).all()
    assert not walks


def test_a_value_on_the_edge_goes_the_same_way() -> None:
    edge = np.float32(0.1)
    X = np.array([np.nextafter(edge, np.float32(-1)), edge, np.nextafter(edge, np.float32(1))] * 30)[:, None]
    tree = DecisionTreeClassifier().fit(X.astype(np.float32), [0, 0, 1] * 30).tree_
    for cut in (float(edge), np.nextafter(float(edge), 1), np.nextafter(float(edge), -1)):
        tree.threshold[0] = cut
        assert (Asked(X, Forest()).said(tree, np.arange(3)) == tree.apply(X)).all()


@pytest.mark.parametrize("n", [64, 65, 127, 128, 129, 8191, 8192, 8193, 20_000])
def test_rows_of_any_number_fill_their_words(n: int, walks: list[int]) -> None:
    X, y = table(n)
    trees = [BinnedTreeClassifier(random_state=i, max_depth=4).fit(X, y).tree_ for i in range(3)]
    total = np.zeros((n, 2))
    Asked(X, Forest(trees)).add(trees, np.concatenate([tree.value[:, 0] for tree in trees]), total)
    walked = np.zeros((n, 2))
    for tree in trees:
        walked += tree.value[tree.apply(X), 0]
    assert (total == walked).all()
    assert not walks


def test_a_tree_without_splits(walks: list[int]) -> None:
    X, y = table()
    alone = DecisionTreeClassifier().fit(X, np.zeros(len(y))).tree_
    assert (Asked(X, Forest()).said(alone, alone.value[:, 0, 0]) == alone.value[0, 0, 0]).all()
    assert not walks


def test_few_rows_and_large_trees_walk(walks: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    X, y = table()
    tree = DecisionTreeClassifier(random_state=0).fit(X, y).tree_
    leaves = np.arange(tree.node_count)
    assert (Asked(X[:50], Forest()).said(tree, leaves) == tree.apply(X[:50])).all()
    monkeypatch.setattr(asked, "LARGEST", tree.node_count - 1)
    assert (Asked(X, Forest()).said(tree, leaves) == tree.apply(X)).all()
    assert len(walks) == 2


def test_splits_keep_their_numbers_as_more_come() -> None:
    X, y = table()
    splits = Splits()
    trees = [DecisionTreeClassifier(random_state=i, max_features=1).fit(X, y).tree_ for i in range(8)]
    nodes = [tree.__getstate__()["nodes"] for tree in trees]
    numbers = [splits.number(part) for part in nodes]
    assert len(splits) > 256
    for part, known in zip(nodes, numbers, strict=True):
        inner = part["left_child"] >= 0
        assert (splits.number(part)[inner] == known[inner]).all()
        assert (splits.columns[known[inner]] == part["feature"][inner]).all()
        assert (splits.cuts[known[inner]] == part["threshold"][inner]).all()
    every = np.concatenate([part[part["left_child"] >= 0] for part in nodes])
    kinds = {tuple(row) for row in every[["feature", "threshold", "missing_go_to_left"]].tolist()}
    assert len(splits) == len(kinds)


def test_missing_values_go_their_way(walks: list[int]) -> None:
    X, y = table()
    full = DecisionTreeClassifier(random_state=0, max_depth=5).fit(X, y).tree_
    X[np.random.default_rng(0).random(X.shape) < 0.2] = np.nan
    for tree in (full, DecisionTreeClassifier(random_state=0, max_depth=5).fit(X, y).tree_):
        leaves = np.arange(tree.node_count)
        assert (Asked(X, Forest()).said(tree, leaves) == tree.apply(X)).all()
    assert len(set(tree.missing_go_to_left.tolist())) == 2
    assert not walks


def test_rows_sorted_for_the_walk_get_their_own_answers(walks: list[int]) -> None:
    X, y = table()
    model = UnderBaggingClassifier(n_estimators=6, random_state=0).fit(X, y)
    rows = Asked(X)
    for tree in trees_of(model.estimators_):
        assert (rows.said(tree, np.arange(tree.node_count)) == tree.apply(X)).all()
    assert len(walks) == 6


@pytest.mark.parametrize("n_classes", [2, 3])
def test_probabilities_are_the_mean_of_the_members_to_the_last_bit(n_classes: int, walks: list[int]) -> None:
    X, y = table(n_classes=n_classes)
    model = UnderBaggingClassifier(n_estimators=20, random_state=0).fit(X, y)
    del walks[:]
    p = model.predict_proba(X)
    assert not walks
    assert (p == mean_of(model.estimators_, X)).all()


@pytest.mark.parametrize(
    "model",
    [
        SelfPacedEnsembleClassifier(n_estimators=6, random_state=0),
        EasyEnsembleClassifier(n_estimators=4, random_state=0),
        CompatibleAdaBoostClassifier(n_estimators=8, random_state=0),
        UnderBaggingClassifier(
            estimator=CompatibleAdaBoostClassifier(n_estimators=3), n_estimators=3, random_state=0
        ),
        UnderBaggingClassifier(
            estimator=CompatibleAdaBoostClassifier(estimator=LogisticRegression(), n_estimators=3),
            n_estimators=3,
            random_state=0,
        ),
    ],
    ids=lambda m: type(m).__name__,
)
def test_fits_and_predictions_do_not_depend_on_how_rows_are_asked(
    model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    X, y = table()
    walked = model.fit(X, y).predict_proba(X.astype(np.float64))
    monkeypatch.setattr(rows, "PART", 700)
    assert (model.fit(X, y).predict_proba(X.astype(np.float64)) == walked).all()
    monkeypatch.setattr(asked, "LARGEST", 0)
    assert (model.fit(X, y).predict_proba(X.astype(np.float64)) == walked).all()


def test_rows_that_lack_values_go_each_tree_its_own_way(walks: list[int]) -> None:
    X, y = table()
    model = UnderBaggingClassifier(n_estimators=20, random_state=0).fit(X, y)
    sides = Forest(trees_of(model.estimators_)).splits
    assert len(sides) > len(Forest(trees_of(model.estimators_), lost=False).splits)
    del walks[:]
    X[np.random.default_rng(0).random(X.shape) < 0.2] = np.nan
    p = model.predict_proba(X)
    assert not walks
    assert (p == mean_of(model.estimators_, X)).all()


def test_trees_in_another_order_are_laid_anew() -> None:
    X, y = table()
    trees = [BinnedTreeClassifier(random_state=i, max_depth=3).fit(X, y).tree_ for i in range(4)]
    for chosen in ([trees[0], trees[2]], [trees[3], trees[3]], trees[::-1], trees[1:3]):
        total, walked = np.zeros((len(X), 2)), np.zeros((len(X), 2))
        says = np.concatenate([tree.value[:, 0] for tree in chosen])
        Asked(X, Forest(trees)).add(chosen, says, total)
        for tree in chosen:
            walked += tree.value[tree.apply(X), 0]
        assert (total == walked).all()


def test_plain_trees_have_few_splits_in_common() -> None:
    X, y = table()
    binned = UnderBaggingClassifier(n_estimators=20, random_state=0).fit(X, y)
    plain = UnderBaggingClassifier(estimator=DecisionTreeClassifier(), n_estimators=20, random_state=0).fit(
        X, y
    )
    assert Forest(trees_of(binned.estimators_)).in_common()
    assert not Forest(trees_of(plain.estimators_)).in_common()


def test_what_is_remembered_of_a_table_has_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    X, y = table()
    assert Rows.of(X, y, None, merge=True).binned(64).asked[0][0].forest is not None
    assert Rows.of(X, y, None, merge=True).asked[0][0].forest is None
    monkeypatch.setattr(rows, "ROOM", X.size)
    assert Rows.of(X, y, None, merge=True).binned(64).asked[0][0].forest is None
