"""Nearest rows are never the row itself, and only the asked rows are thinned."""

from __future__ import annotations

import numpy as np

from steelyard.diagnose.neighbours import nearest, neighbourhood


def test_brute_force_agrees():
    rng = np.random.default_rng(0)
    for d in (2, 30):
        X = rng.normal(size=(200, d)).astype(np.float32)
        rows = np.array([3, 50, 199])
        far = ((X[rows][:, None].astype(float) - X[None]) ** 2).sum(axis=2)
        far[np.arange(3), rows] = np.inf
        assert (nearest(X, rows, 5) == far.argsort(axis=1)[:, :5]).all()


def test_exact_copies_do_not_bring_the_row_itself_back():
    X = np.zeros((30, 2), dtype=np.float32)
    found = nearest(X, np.arange(30), 5)
    assert found.shape == (30, 5)
    assert not (found == np.arange(30)[:, None]).any()
    assert all(len(set(row)) == 5 for row in found.tolist())


def test_fewer_rows_than_neighbours():
    assert nearest(np.array([[0.0], [1.0], [3.0]], dtype=np.float32), np.array([0]), 5).tolist() == [[1, 2]]


def test_asked_rows_are_thinned_and_neighbours_come_from_all():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(5_000, 3)).astype(np.float32), (np.arange(5_000) < 200).astype(np.int64)
    around = neighbourhood(X, y, limit=1_000, seed=0)
    assert (y[around.rows] == 1).sum() == 200
    assert len(around.rows) == 1_000
    assert around.stands_for.sum() == 5_000
    assert (nearest(X, around.rows, 5) == around.nearest).all()
    again = neighbourhood(X, y, limit=1_000, seed=0)
    assert (again.rows == around.rows).all()
    assert (neighbourhood(X, y, limit=1_000, seed=1).rows != around.rows).any()
