from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from steelyard.ensemble import BinnedTreeClassifier
from steelyard.ensemble.rows import Drawn, Rows, draw


def test_equal_rows_with_equal_labels_are_one_row_with_their_summed_weight() -> None:
    X = np.array([[1.0, 2.0], [1.0, 2.0], [1.0, 2.0], [3.0, 4.0]])
    rows = Rows.of(X, np.array([0, 0, 1, 1]), np.array([1.0, 2.5, 1.0, 4.0]), merge=True)
    first, second = rows.classes
    assert (len(first.rows), first.mass.tolist()) == (1, [3.5])
    assert sorted(second.mass.tolist()) == [1.0, 4.0]


def test_without_merging_rows_stay_as_they_came() -> None:
    rows = Rows.of(np.ones((4, 1)), np.array([0, 1, 0, 1]), None, merge=False)
    assert [group.rows.tolist() for group in rows.classes] == [[0, 2], [1, 3]]
    assert rows.counts.tolist() == [2.0, 2.0]


def test_missing_values_and_negative_zero_merge() -> None:
    X = np.array([[np.nan, 0.0], [np.nan, -0.0], [1.0, 0.0]], dtype=np.float32)
    rows = Rows.of(X, np.zeros(3, dtype=np.int64), None, merge=True)
    assert sorted(rows.classes[0].mass.tolist()) == [1.0, 2.0]


def test_dense_and_sparse_rows_stand_in_the_same_order() -> None:
    X = np.random.default_rng(0).integers(0, 2, size=(60, 4)).astype(float)
    y = np.arange(60) % 2
    dense, thin = (Rows.of(kind, y, None, merge=True) for kind in (X, sparse.csr_matrix(X)))
    for a, b in zip(dense.classes, thin.classes, strict=True):
        assert a.rows.tolist() == b.rows.tolist()
        assert a.mass.tolist() == b.mass.tolist()
    assert sum(len(group.rows) for group in dense.classes) == len(np.unique(np.c_[X, y], axis=0))


def test_the_order_of_the_rows_does_not_matter() -> None:
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(50, 3)), np.arange(50) % 2
    order = rng.permutation(50)
    straight = Rows.of(X, y, None, merge=True)
    shuffled = Rows.of(X[order], y[order], None, merge=True)
    for a, b in zip(straight.classes, shuffled.classes, strict=True):
        assert (X[a.rows] == X[order][b.rows]).all()


def test_counts_are_in_rows_of_the_smallest_class_whatever_the_scale_of_weights() -> None:
    X, y = np.arange(12.0)[:, None], np.array([0] * 10 + [1] * 2)
    for scale in (0.01, 1.0, 1000.0):
        rows = Rows.of(X, y, np.full(12, scale), merge=True)
        assert rows.counts == pytest.approx([10, 2])
        assert rows.n_draws(0, 2.0) == 2


def test_a_rare_class_of_few_heavy_rows_is_met_by_many_light_draws() -> None:
    X = np.arange(102.0)[:, None]
    y = np.array([0] * 100 + [1] * 2)
    rows = Rows.of(X, y, np.where(y == 1, 10.0, 1.0), merge=True)
    assert rows.n_draws(0, 2.0) == 20


@given(st.integers(1, 40), st.integers(1, 120), st.integers(0, 5))
@settings(max_examples=60, deadline=None)
def test_equal_masses_are_drawn_as_evenly_as_possible(size: int, n: int, seed: int) -> None:
    counts = np.bincount(draw(np.ones(size), n, np.random.default_rng(seed), even=True), minlength=size)
    assert counts.sum() == n
    assert counts.max() - counts.min() <= 1


@given(st.lists(st.floats(0.01, 50), min_size=1, max_size=30), st.integers(1, 60), st.integers(0, 5))
@settings(max_examples=60, deadline=None)
def test_a_row_is_drawn_as_often_as_its_mass_demands(mass: list[float], n: int, seed: int) -> None:
    weights = np.array(mass)
    counts = np.bincount(draw(weights, n, np.random.default_rng(seed), even=False), minlength=len(weights))
    expected = n * weights / weights.sum()
    assert counts.sum() == n
    assert (np.abs(counts - expected) < 1 + 1e-6).all()


def test_drawing_with_replacement_follows_the_masses() -> None:
    rng = np.random.default_rng(0)
    counts = np.bincount(draw(np.array([1.0, 3.0]), 20_000, rng, even=False, replacement=True))
    assert counts[1] / 20_000 == pytest.approx(0.75, abs=0.01)
    even = draw(np.ones(5), 20, rng, even=True, replacement=True)
    assert len(np.unique(even)) < 20


def test_a_draw_that_made_no_rows_is_the_draw_without() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(80, 3)).astype(np.float32), np.arange(80) % 2
    table = Rows.of(X, y, None, merge=True).binned(64)
    chosen = np.arange(50)
    plain, empty = (
        Drawn(y[:50], np.ones(50), chosen, made).fit(BinnedTreeClassifier(random_state=0), table)
        for made in (None, np.empty((0, 3), dtype=np.float32))
    )
    assert (plain.tree_.threshold == empty.tree_.threshold).all()
    assert (plain.predict_proba(X) == empty.predict_proba(X)).all()
