"""The neighbour engine against brute force, also where its quick paths must give way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.neighbors import NearestNeighbors

from steelyard.resample import agreement, bounds, gather, links, reach, search
from steelyard.resample.agreement import agreeing, vote
from steelyard.resample.cells import Cells
from steelyard.resample.gather import nearest_values
from steelyard.resample.links import tomek_links
from steelyard.resample.points import Points, smallest
from steelyard.resample.search import nearest_rows


@pytest.fixture(autouse=True)
def quick_paths(monkeypatch):
    """Send small tables through the engine as well."""
    for module in (agreement, links, search):
        monkeypatch.setattr(module, "SMALL", 4)
    monkeypatch.setattr(bounds, "PROBED", 20)
    monkeypatch.setattr(gather, "SAMPLE", 16)


@pytest.fixture(params=["outright", "by cells"], autouse=True)
def reached(request, monkeypatch):
    """Let the search within reach compare everything, or leave out what its bounds allow."""
    monkeypatch.setattr(reach, "PAIRS", 0 if request.param == "by cells" else 1e9)
    monkeypatch.setattr(links, "PAIRS", 0 if request.param == "by cells" else 1e9)
    monkeypatch.setattr(agreement, "PAIRS", 0 if request.param == "by cells" else 1e9)
    monkeypatch.setattr(reach, "SIZE", 5)
    monkeypatch.setattr(reach, "WORTH", 1.1)
    monkeypatch.setattr(agreement, "FEW", 1.1)


def by_search(X, y, k, kind):
    near = NearestNeighbors(n_neighbors=k + 1).fit(X).kneighbors(X, return_distance=False)[:, 1:]
    return vote(y[near], y, kind)


@given(
    D=hnp.arrays(
        np.float32, hnp.array_shapes(min_dims=2, max_dims=2, max_side=40), elements=st.floats(-9, 9, width=32)
    ),
    m=st.integers(1, 6),
)
def test_smallest_is_the_head_of_a_sort(D, m):
    found = np.sort(smallest(D.copy(), m), axis=0)
    np.testing.assert_array_equal(found, np.sort(D, axis=0)[:m])


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    d=st.sampled_from([1, 3, 18]),
    k=st.integers(1, 5),
    levels=st.sampled_from([3, 1000]),
)
def test_votes_equal_those_of_a_search(seed, d, k, levels):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(k + 2, 120))
    X = rng.integers(0, levels, size=(n, d)).astype(float) * 10.0 ** rng.integers(-3, 4)
    y = rng.integers(0, int(rng.integers(2, 4)), size=n)
    y[:2] = [0, 1]
    for kind in ("all", "mode"):
        targets = list(range(int(y.max()) + 1))
        found = agreeing(X, y, k, targets, kind=kind)
        for code in targets:
            rows = np.flatnonzero(y == code)
            near = (
                NearestNeighbors(n_neighbors=k + 1).fit(X).kneighbors(X[rows], return_distance=False)[:, 1:]
            )
            np.testing.assert_array_equal(found[rows], vote(y[near], y[rows], kind))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), d=st.sampled_from([1, 3, 18]), levels=st.sampled_from([3, 1000]))
def test_links_equal_those_of_a_search(seed, d, levels):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 120))
    X = rng.integers(0, levels, size=(n, d)).astype(float)
    y = rng.integers(0, 3, size=n)
    y[:2] = [0, 1]
    near = NearestNeighbors(n_neighbors=2).fit(X).kneighbors(X, return_distance=False)[:, 1]
    np.testing.assert_array_equal(tomek_links(X, y), (y[near] != y) & (near[near] == np.arange(n)))


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    d=st.sampled_from([2, 20]),
    k=st.integers(1, 7),
    levels=st.sampled_from([2, 1000]),
)
def test_nearest_rows_equal_a_search(seed, d, k, levels):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(k + 2, 150))
    X = rng.integers(0, levels, size=(n, d)).astype(np.float32)
    rows = np.sort(rng.choice(n, size=int(rng.integers(1, n)), replace=False))
    expected = NearestNeighbors(n_neighbors=k + 1).fit(X).kneighbors(X[rows], return_distance=False)
    np.testing.assert_array_equal(nearest_rows(X, rows, k)[0], expected)


def test_a_search_is_asked_for_few_rows_only(monkeypatch):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(3000, 20))
    y = (rng.random(3000) < 0.05).astype(int)
    asked = []
    monkeypatch.setattr(
        agreement.Reference,
        "near",
        lambda self, rows, among: asked.append(len(rows)) or np.zeros((len(rows), 4), int),
    )
    expected = by_search(X, y, 3, "all")
    np.testing.assert_array_equal(agreeing(X, y, 3, [0, 1]), expected)
    assert sum(asked) == 0


def test_bounds_hold_and_probes_are_upper_bounds():
    rng = np.random.default_rng(1)
    X = rng.normal(size=(800, 25)) * 100 + 5000
    true = ((X[:, None] - X[None]) ** 2).sum(axis=2)
    rows = np.arange(800)
    for dtype in (np.float32, np.float64):
        points = Points(X, dtype)
        found = points.nearest(rows, rows, 3)
        exact = np.sort(true, axis=0)[:3]
        for value, real in zip(found, exact, strict=True):
            assert (np.abs(value - real) <= points.margin(rows, value)).all()
        probed = Cells(points, rows, size=50).probe(rows, 3, 2)[2]
        assert (probed + points.margin(rows, probed) >= exact[2]).all()
        np.testing.assert_allclose(
            points.nearest(rows, rows, 2, farthest=True)[-1], true.max(axis=0), rtol=1e-4
        )


def test_one_pass_gives_both_sides():
    X = np.random.default_rng(2).normal(size=(700, 8))
    left, right = np.arange(0, 300), np.arange(300, 700)
    points = Points(X)
    ahead, back = points.facing(left, right)
    np.testing.assert_allclose(ahead, points.nearest(left, right, 1)[0], rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(back, points.nearest(right, left, 1)[0], rtol=1e-4, atol=1e-4)


def test_threads_do_not_change_the_answer():
    rng = np.random.default_rng(3)
    X, y = rng.normal(size=(2500, 6)), rng.integers(0, 2, 2500)
    np.testing.assert_array_equal(tomek_links(X, y, n_jobs=1), tomek_links(X, y, n_jobs=3))
    np.testing.assert_array_equal(agreeing(X, y, 3, [0, 1], n_jobs=1), agreeing(X, y, 3, [0, 1], n_jobs=3))


def test_enormous_numbers_do_not_overflow():
    X = np.random.default_rng(4).normal(size=(60, 3)) * 1e30
    y = np.r_[np.zeros(40, int), np.ones(20, int)]
    np.testing.assert_array_equal(agreeing(X, y, 3, [0, 1]), by_search(X, y, 3, "all"))


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    kind=st.sampled_from(["all", "mode"]),
    asked=st.sampled_from([[3], [1, 2, 3], [1, 2, 3, 4]]),
    levels=st.sampled_from([3, 6, 1000]),
)
def test_asking_again_equals_asking_anew(seed, kind, asked, levels):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(30, 160))
    X = rng.integers(0, levels, size=(n, int(rng.integers(1, 20)))).astype(float)
    y = rng.choice(3, size=n, p=[0.6, 0.3, 0.1])
    y[:3] = [0, 1, 2]
    frame, rows = agreement.Agreement(X, y, asked, kind=kind), np.arange(n)
    for turn in range(5):
        k = asked[turn % len(asked)]
        targets = [0, 1] if turn % 2 else [0, 1, 2]
        keep = frame.ask(rows, k, targets)
        np.testing.assert_array_equal(keep, agreeing(X[rows], y[rows], k, targets, kind=kind))
        keep |= rng.random(len(rows)) < 0.3
        if len(np.unique(y[rows[keep]])) < 3 or keep.sum() < 10:
            break
        rows = rows[keep]


@pytest.mark.parametrize("levels", [3, 1000])
@pytest.mark.parametrize("d", [1, 4, 25])
def test_what_lies_within_reach_is_found(d, levels):
    rng = np.random.default_rng(d)
    X = rng.integers(0, levels, size=(600, d)) + rng.choice([0.0, 50.0], size=(600, 1))
    rows, others = np.arange(250), np.arange(250, 600)
    points = Points(X)
    true = np.sort(((X[others, None] - X[None, rows]) ** 2).sum(axis=2), axis=0)[:2]
    limit = np.quantile(true[0], 0.6) * rng.uniform(0.2, 2, size=250)
    found = reach.nearest_within(points, rows, others, 2, limit.astype(np.float32))
    for value, real in zip(found, true, strict=True):
        slack = points.margin(rows, real)
        assert (np.abs(value - real) <= slack)[real <= limit - slack].all()
        assert (value >= real - slack).all()


def test_the_nearest_of_few_queries_are_never_lost_to_rounding():
    for seed in range(150):
        rng = np.random.default_rng(seed)
        points = Points(rng.normal(size=(3_000, 32)), np.float64)
        found = nearest_values(points, rng.integers(0, 3_000, 2), np.arange(3_000), 2)
        assert np.isfinite(found).all()


@pytest.mark.parametrize("size", [1e-25, 1e-12, 1e20])
def test_rows_of_any_size_have_the_same_neighbours(size):
    X = np.random.default_rng(0).normal(size=(400, 20))
    rows = np.arange(0, 400, 7)
    np.testing.assert_array_equal(nearest_rows(X * size, rows, 5)[0], nearest_rows(X, rows, 5)[0])


def test_a_table_whose_rows_all_seem_alike_is_left_to_scikit_learn():
    """Beside a single far row all others are one crowd in float32."""
    X = np.random.default_rng(0).normal(size=(400, 20))
    X[0] = 1e12
    rows = np.arange(1, 50)
    expected = NearestNeighbors(n_neighbors=6).fit(X).kneighbors(X[rows], return_distance=False)
    np.testing.assert_array_equal(nearest_rows(X, rows, 5)[0], expected)
