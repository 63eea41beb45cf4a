"""Clusters beside scikit-learn's KMeans, also where scikit-learn has to take over."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn.cluster import KMeans, kmeans_plusplus
from sklearn.datasets import make_blobs
from sklearn.exceptions import ConvergenceWarning

from steelyard.resample import ClusterCentroids, clusters, lloyd
from steelyard.resample.clusters import Clusters
from steelyard.resample.lloyd import settled
from steelyard.resample.points import Points
from steelyard.resample.seeding import seeded

RNG = np.random.default_rng(0)
TABLES = {
    "blobs": make_blobs(3000, n_features=12, centers=40, random_state=0)[0],
    "no clusters": RNG.random((4000, 3)),
    "far from zero": RNG.normal(size=(3000, 8)) + 1e6,
    "tiny": RNG.normal(size=(3000, 8)) * 1e-25,
    "enormous": RNG.normal(size=(3000, 8)) * 1e22,
    "one column": RNG.exponential(size=(3000, 1)),
    "a constant column": np.hstack([RNG.normal(size=(3000, 4)), np.ones((3000, 1))]),
    "wide": RNG.normal(size=(1500, 60)),
    "scales": RNG.normal(size=(3000, 5)) * [1e-3, 1, 10, 1e3, 1e5],
}


@pytest.fixture(autouse=True)
def quick_paths(monkeypatch):
    """Send small tables through our own steps, with several blocks, spans and groups."""
    monkeypatch.setattr(clusters, "LARGE", 1)
    monkeypatch.setattr(lloyd, "SPAN", 1024)
    monkeypatch.setattr(lloyd, "TABLE", 2**13)


def same(ours: KMeans, theirs: KMeans, scale: float = 1.0) -> None:
    np.testing.assert_array_equal(ours.labels_, theirs.labels_)
    np.testing.assert_allclose(ours.cluster_centers_, theirs.cluster_centers_, rtol=1e-9, atol=1e-12 * scale)
    assert ours.inertia_ == pytest.approx(theirs.inertia_, rel=1e-6)
    assert ours.n_iter_ == theirs.n_iter_
    assert set(vars(ours)) == set(vars(theirs))


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("k", [2, 120])
def test_the_same_clusters_as_scikit_learn(name, k):
    X = TABLES[name]
    ours, theirs = (kind(k, random_state=3).fit(X) for kind in (Clusters, KMeans))
    same(ours, theirs, np.abs(X).max())
    np.testing.assert_array_equal(ours.predict(X[:50]), theirs.predict(X[:50]))


@pytest.mark.parametrize("options", [{"max_iter": 1}, {"max_iter": 3}, {"tol": 0.05}, {"tol": 0.0}])
def test_it_stops_where_scikit_learn_stops(options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        same(*(kind(60, random_state=1, **options).fit(TABLES["blobs"]) for kind in (Clusters, KMeans)))


def test_our_own_steps_are_what_is_compared():
    X = TABLES["blobs"] - TABLES["blobs"].mean(axis=0)
    points = Points(X)
    seeds = seeded(X, points, 120, np.random.RandomState(0))
    rows = kmeans_plusplus(X, 120, random_state=0)[1]
    np.testing.assert_array_equal(seeds.rows, rows)
    away = np.square(X[:, None] - X[rows]).sum(axis=2)
    np.testing.assert_array_equal(seeds.owner, away.argmin(axis=1))
    np.testing.assert_allclose(seeds.squared, away.min(axis=1), atol=1e-12)
    assert not seeds.tied
    assert settled(X, points, seeds, 0.0, 300) is not None


def test_ties_are_scikit_learns():
    """Whole numbers: many rows have two nearest centres."""
    X = RNG.integers(0, 12, size=(3000, 3)).astype(float)
    same(*(kind(150, random_state=0).fit(X) for kind in (Clusters, KMeans)), scale=1e3)


def test_a_tie_that_comes_up_later_is_noticed():
    """From the seeds -2 and 3 the centres move to -2 and 2, with a row half way between them."""
    X = np.array([-2.0, -2.0, -2.0, 0.0, 3.0, 1.0, 2.0])[:, None]
    points = Points(X)
    tied = lloyd.Seeds(np.array([0, 4]), np.array([0, 0, 0, 0, 1, 1, 1]), np.zeros(7), tied=False)
    at = lloyd.Lloyd(X, points, tied)
    at.sorted = np.array([[-2.0], [2.0]])
    with pytest.raises(lloyd._Undecided):
        at.assign()


def test_fewer_rows_that_differ_than_clusters_warns_as_scikit_learn_does():
    X = np.repeat(RNG.normal(size=(20, 3)), 20, axis=0)
    with pytest.warns(ConvergenceWarning, match="distinct clusters"):
        Clusters(30, random_state=0).fit(X)


def test_a_random_state_is_left_as_scikit_learn_leaves_it():
    states = [np.random.RandomState(0), np.random.RandomState(0)]
    for kind, state in zip((Clusters, KMeans), states, strict=True):
        kind(50, random_state=state).fit(TABLES["blobs"])
    assert states[0].randint(10**9) == states[1].randint(10**9)


@pytest.mark.parametrize("options", [{"init": "random"}, {"n_init": 3}, {"algorithm": "elkan"}])
def test_other_options_are_scikit_learns(options):
    same(*(kind(20, random_state=0, **options).fit(TABLES["wide"]) for kind in (Clusters, KMeans)))


def test_other_rows_are_scikit_learns():
    same(*(kind(20, random_state=0).fit(TABLES["wide"].astype(np.float32)) for kind in (Clusters, KMeans)))
    weight = RNG.random(1500)
    same(*(kind(20, random_state=0).fit(TABLES["wide"], sample_weight=weight) for kind in (Clusters, KMeans)))


@pytest.mark.parametrize("voting", ["soft", "hard"])
def test_the_same_centroids_as_imbalanced_learn(voting):
    theirs = pytest.importorskip("imblearn.under_sampling")
    X, y = TABLES["blobs"], (np.arange(3000) % 20 == 0).astype(int)
    sampler = ClusterCentroids(random_state=0, voting=voting)
    rows, labels = sampler.fit_resample(X, y)
    expected, names = theirs.ClusterCentroids(random_state=0, voting=voting).fit_resample(X, y)
    np.testing.assert_allclose(rows, expected, rtol=1e-12)
    np.testing.assert_array_equal(labels, names)
    if voting == "soft":
        np.testing.assert_allclose((sampler.parents_ @ X)[:150], rows[:150])
        share = sampler.parents_[:150].toarray()
        away = np.where(share > 0, np.square(rows[:150, None] - X).sum(axis=2), np.inf)
        start = away[np.arange(150), sampler.sample_indices_[:150]]
        np.testing.assert_allclose(start, away.min(axis=1))  # of two rows both are as near
