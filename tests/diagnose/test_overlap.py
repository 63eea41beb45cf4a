"""F1, N1 and N3 against values worked out by hand, and against a plain spanning tree."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import cdist
from sklearn.datasets import load_iris

from steelyard.diagnose import border_rows, fisher_overlap
from steelyard.diagnose.overlap import fisher_by_class


def test_f1_by_hand():
    # column 0: means 1 and 9 about 5, between 4·16 = 64, within 4·1 = 4: 1 / (1 + 16); column 1 says nothing
    X = np.array([[0.0, 0], [2, 1], [8, 0], [10, 1]])
    y = np.array([0, 0, 1, 1])
    assert fisher_overlap(X, y) == pytest.approx(1 / 17)
    assert fisher_by_class(X, y) == pytest.approx([1 / 17, 1 / 17])
    assert fisher_overlap(X[:, 1:], y) == pytest.approx(1)
    assert fisher_overlap(np.array([[1.0], [1], [2], [2]]), y) == pytest.approx(0)
    assert fisher_overlap(np.ones((4, 2)), y) == 1
    assert fisher_overlap(X + 1e6, y) == pytest.approx(1 / 17)


def test_f1_of_three_classes_by_hand():
    # one column, means 0, 0, 3 with two rows each at ±1: grand mean 1, between 2+2+8 = 12, within 6
    X = np.array([[-1.0], [1], [-1], [1], [2], [4]])
    y = np.array([0, 0, 1, 1, 2, 2])
    assert fisher_overlap(X, y) == pytest.approx(1 / 3)
    # class 2 against the rest: between 4·1 + 2·4 = 12, within 4 + 2 = 6
    # class 0 against the rest: means 0 and 1.5, between 2·1 + 4·0.25 = 3, within 2 + (6.25+.25+.25+6.25) = 15
    assert fisher_by_class(X, y) == pytest.approx([15 / 18, 15 / 18, 1 / 3])


def test_f1_of_iris_is_that_of_its_analysis_of_variance():
    iris = load_iris()
    # petal length: 437.1028 between and 27.2226 within species, the largest ratio of the four columns
    assert fisher_overlap(iris.data, iris.target) == pytest.approx(27.2226 / (437.1028 + 27.2226), abs=1e-6)


def test_n1_by_hand():
    X = np.array([[0.0], [1], [2], [4], [5], [5.5]])
    assert border_rows(X, np.array([0, 0, 0, 1, 1, 1])).tolist() == [False, False, True, True, False, False]
    assert border_rows(X, np.array([0, 0, 0, 1, 0, 1])).tolist() == [False, False, True, True, True, True]
    assert not border_rows(X, np.zeros(6, dtype=np.int64)).any()


@pytest.mark.parametrize("seed", range(3))
def test_n1_is_that_of_scipys_tree(seed):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(150, 4)), rng.integers(0, 3, 150)
    tree = minimum_spanning_tree(cdist(X, X)).tocoo()
    cross = y[tree.row] != y[tree.col]
    expected = np.zeros(150, dtype=bool)
    expected[tree.row[cross]] = expected[tree.col[cross]] = True
    assert (border_rows(X, y) == expected).all()
    assert (border_rows(X.astype(np.float32), y) == expected).all()
