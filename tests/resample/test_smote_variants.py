"""The same rows as smote-variants 1.0.1 where its draws are fixed; it needs an environment of its own."""

from __future__ import annotations

import importlib

import numpy as np
import pytest
from scipy import stats

from steelyard.resample import PolynomFitSMOTE, ProWSyn
from steelyard.resample.borderline_smote import count_others
from steelyard.resample.safe_level_smote import _bounds, _stepped

try:
    variants = importlib.import_module("smote_variants")
except ImportError:
    pytest.skip("smote-variants is not installed", allow_module_level=True)

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], [120, 40])
    return rng.normal(size=(160, 4)) + y[:, None], y


def in_order(rows):
    return rows[np.lexsort(rows.round(9).T)]


@pytest.mark.parametrize(("topology", "wanted"), [("star", 80), ("star", 120), ("bus", 78), ("bus", 117)])
def test_stars_and_buses(table, topology, wanted):
    X, y = table
    theirs = getattr(variants, f"polynom_fit_SMOTE_{topology}")(proportion=wanted / 80)
    expected, _ = theirs.sample(X, y)
    mine = PolynomFitSMOTE(topology=topology, sampling_strategy=lambda y: {1: 40 + wanted})
    made = mine.fit_resample(X, y)[0][160:]
    np.testing.assert_allclose(in_order(made), in_order(expected[160:]))


@pytest.mark.parametrize("degree", [1, 2, 3])
def test_polynomials(table, degree):
    X, y = table
    at = np.random.default_rng(1).uniform(0, 39, 80)

    class Draws:
        """One place for all columns, in their scale of 0 to 40; they draw one a column."""

        def random_sample(self, size):
            return at / 40

    theirs = variants.polynom_fit_SMOTE_poly(order=degree)
    theirs.polynom_fit_smote.random_state = Draws()
    expected, _ = theirs.sample(X, y)
    rows = np.arange(120, 160)
    mine = PolynomFitSMOTE(topology="polynomial", degree=degree)._curve(X[rows], 1, rows, at, 160).rows
    np.testing.assert_allclose(mine, expected[160:])


@pytest.mark.parametrize("n_levels", [1, 2, 5])
def test_layers_of_prowsyn(table, n_levels):
    X, y = table
    theirs = variants.ProWSyn(n_neighbors=2, L=n_levels)
    theirs.class_label_statistics(y)
    sets, levels = theirs.determine_clusters_proximity_levels(X, y)
    mine, mine_levels = ProWSyn(n_neighbors=2, n_levels=n_levels)._peeled(X, y, np.arange(120, 160))
    assert [part.tolist() for part in mine] == [part.tolist() for part in sets]
    np.testing.assert_array_equal(mine_levels, levels)


def test_prowsyn_puts_as_many_rows_into_each_layer(table):
    X, y = table
    sampler = ProWSyn(n_neighbors=2, n_levels=3, random_state=0, sampling_strategy=lambda y: {1: 8040})
    sampler.fit_resample(X, y)
    theirs = variants.ProWSyn(n_neighbors=2, L=3, proportion=100, random_state=0)
    made = theirs.sample(X, y)[0][160:]
    # a made row of theirs lies on the line between two rows of one layer, which tells the layer
    sets = sampler.levels_[1]
    counts = np.zeros(len(sets))
    for row in made:
        counts[next(number for number, rows in enumerate(sets) if _on_a_line(row, X[rows]))] += 1
    home = np.concatenate([np.full(len(rows), number) for number, rows in enumerate(sets)])
    order = np.argsort(np.concatenate(sets))
    mine = np.bincount(home[order][sampler.sample_indices_[160:] - 120])
    assert stats.chi2_contingency([mine, counts]).pvalue > 0.001


def _on_a_line(row, members):
    away = members - row
    length = np.linalg.norm(away, axis=1)
    if (length < 1e-9).any():
        return True
    cosine = (away / length[:, None]) @ (away / length[:, None]).T
    return cosine.min() < -1 + 1e-9


def test_steps_of_safe_level_smote(table):
    X, y = table
    rng = np.random.default_rng(2)
    pairs = rng.integers(120, 160, size=(300, 2))
    others, m = count_others(X, y, np.arange(160), 5)
    safe = np.where(y == 1, m - others, 0)
    pairs = pairs[safe[pairs].sum(axis=1) > 0]
    gap = rng.uniform(size=(len(pairs), 4))

    class Draws:
        def choice(self, everything, n):
            return everything

        def random_sample(self, size):
            return gap

    theirs = variants.Safe_Level_SMOTE()
    theirs.class_label_statistics(y)
    theirs.random_state = Draws()
    listed = np.column_stack([pairs, safe[pairs]])
    expected = theirs.generate_samples(X, y, listed, len(pairs))[0][160:]
    low, high = _bounds(safe[pairs[:, 0]], safe[pairs[:, 1]])
    step = low[:, None] + gap * (high - low)[:, None]
    np.testing.assert_allclose(_stepped(X, pairs[:, 0], pairs[:, 1], step), expected)
