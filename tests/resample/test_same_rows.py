"""The same rows as imbalanced-learn, on made data of many shapes."""

from __future__ import annotations

import importlib
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.cluster import MiniBatchKMeans
from sklearn.naive_bayes import GaussianNB

import steelyard.resample as ours
from steelyard.core import DataError

pytest.importorskip("imblearn")


def theirs(sampler):
    """imbalanced-learn's class of the same name with the same parameters."""
    for package in ("over_sampling", "under_sampling", "combine"):
        module = importlib.import_module(f"imblearn.{package}")
        if hasattr(module, type(sampler).__name__):
            return getattr(module, type(sampler).__name__)(**sampler.get_params(deep=False))
    raise AssertionError(f"imbalanced-learn has no {type(sampler).__name__}")


def blobs(n, d, classes, seed, dtype=np.float64, spread=1.0):
    """Overlapping normal classes, each a third the size of the one before."""
    rng = np.random.default_rng(seed)
    size = np.array([3.0**-k for k in range(classes)])
    y = rng.choice(classes, size=n, p=size / size.sum())
    centre = rng.normal(size=(classes, d)) * spread / np.sqrt(d)
    return (rng.normal(size=(n, d)) + centre[y]).astype(dtype), y


def grid(n, d, classes, seed):
    """Whole numbers: full of duplicates and ties, also across classes."""
    rng = np.random.default_rng(seed)
    y = rng.choice(classes, size=n, p=[0.7] + [0.3 / (classes - 1)] * (classes - 1))
    return rng.integers(0, 4, size=(n, d)).astype(float) + 0.5 * (y[:, None] == 1), y


SELECTING = [
    ours.TomekLinks(),
    ours.TomekLinks(sampling_strategy="all"),
    ours.EditedNearestNeighbours(),
    ours.EditedNearestNeighbours(sampling_strategy="all", n_neighbors=4),
    ours.EditedNearestNeighbours(kind_sel="mode"),
    ours.EditedNearestNeighbours(kind_sel="mode", n_neighbors=4, sampling_strategy="all"),
    ours.RepeatedEditedNearestNeighbours(),
    ours.RepeatedEditedNearestNeighbours(kind_sel="mode", n_neighbors=5),
    ours.AllKNN(),
    ours.AllKNN(sampling_strategy="not majority", kind_sel="mode", allow_minority=True),
    ours.NeighbourhoodCleaningRule(),
    ours.NeighbourhoodCleaningRule(n_neighbors=4, threshold_cleaning=0.1),
    ours.OneSidedSelection(random_state=5, n_seeds_S=20),
    ours.OneSidedSelection(random_state=5, n_neighbors=3, n_seeds_S=20),
    ours.OneSidedSelection(random_state=5, sampling_strategy="all", n_seeds_S=20),
    ours.NearMiss(),
    ours.NearMiss(version=2),
    ours.NearMiss(version=3),
    ours.RandomUnderSampler(random_state=5),
    ours.RandomUnderSampler(random_state=5, replacement=True),
]
MAKING = [
    ours.RandomOverSampler(random_state=5),
    ours.RandomOverSampler(random_state=5, shrinkage=0.5),
    ours.SMOTE(random_state=5),
    ours.BorderlineSMOTE(random_state=5),
    ours.BorderlineSMOTE(random_state=5, kind="borderline-2", k_neighbors=3, m_neighbors=6),
    ours.SVMSMOTE(random_state=5),
    ours.ADASYN(random_state=5),
    ours.KMeansSMOTE(random_state=5, kmeans_estimator=3, cluster_balance_threshold=0.01),
    ours.ClusterCentroids(random_state=5, estimator=MiniBatchKMeans(n_init=1, random_state=0)),
    ours.ClusterCentroids(random_state=5, voting="hard", estimator=MiniBatchKMeans(n_init=1, random_state=0)),
    ours.InstanceHardnessThreshold(GaussianNB(), random_state=5),
    ours.SMOTETomek(random_state=5),
    ours.SMOTEENN(random_state=5),
]
TABLES = {
    "2d": blobs(500, 2, 2, 0),
    "10d float32": blobs(500, 10, 3, 2, np.float32),
    "30d": blobs(700, 30, 3, 4),
    "200d float32": blobs(400, 200, 2, 6, np.float32),
    "grid 2d": grid(400, 2, 2, 7),
    "grid 18d": grid(400, 18, 3, 9),
    "constant column": (np.c_[blobs(400, 3, 2, 10)[0], np.full(400, 7.0)], blobs(400, 3, 2, 10)[1]),
    "scales apart": (blobs(400, 20, 2, 11)[0] * 10.0 ** np.arange(-6, 4, 0.5), blobs(400, 20, 2, 11)[1]),
    "far from zero": (blobs(400, 18, 2, 12)[0] + 1e6, blobs(400, 18, 2, 12)[1]),
}


def shown(sampler):
    return repr(sampler).replace("\n", " ")


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("sampler", SELECTING, ids=shown)
def test_the_same_rows_are_selected(sampler, table):
    X, y = TABLES[table]
    mine, other = clone(sampler), theirs(sampler)
    rows, labels = mine.fit_resample(X, y)
    with warnings.catch_warnings():
        # NearMiss 3 warns that it found fewer rows than asked
        warnings.filterwarnings("ignore", "The number of the samples to be selected", UserWarning)
        expected, theirs_labels = other.fit_resample(X, y)
    np.testing.assert_array_equal(rows, expected)
    np.testing.assert_array_equal(labels, theirs_labels)
    np.testing.assert_array_equal(X[mine.sample_indices_], rows)
    if not isinstance(mine, ours.RepeatedEditedNearestNeighbours):
        # imbalanced-learn applies its last permutation twice there, so its indices do not give its rows
        np.testing.assert_array_equal(mine.sample_indices_, other.sample_indices_)


@pytest.mark.parametrize("table", ["2d", "30d", "grid 18d"])
@pytest.mark.parametrize("options", [{}, {"n_neighbors": 3, "n_seeds_S": 10}])
def test_condensing_selects_the_same_rows(options, table):
    X, y = TABLES[table][0][:320], TABLES[table][1][:320]
    mine = ours.CondensedNearestNeighbour(random_state=5, **options).fit_resample(X, y)
    other = theirs(ours.CondensedNearestNeighbour(random_state=5, **options)).fit_resample(X, y)
    np.testing.assert_array_equal(mine[0], other[0])


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("sampler", MAKING, ids=shown)
def test_the_same_rows_are_made(sampler, table):
    X, y = TABLES[table]
    try:
        expected, theirs_labels = theirs(sampler).fit_resample(X, y)
    except (RuntimeError, ValueError) as error:
        with pytest.raises(DataError):
            clone(sampler).fit_resample(X, y)
        pytest.skip(f"both refuse: {error}")
    rows, labels = clone(sampler).fit_resample(X, y)
    single = X.dtype == np.float32
    np.testing.assert_array_equal(labels, theirs_labels)
    np.testing.assert_allclose(rows, expected, rtol=1e-5 if single else 1e-10, atol=1e-6 if single else 1e-12)


def mixed(seed):
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.repeat([0, 1, 2], [120, 40, 15]))
    table = pd.DataFrame(
        {
            "kind": pd.Categorical(rng.choice(list("abc"), 175)),
            "x": rng.normal(size=175) + y,
            "word": pd.Categorical(np.where(y == 1, "rare", rng.choice(["u", "v", "w"], 175))),
            "z": rng.normal(size=175),
            "count": rng.integers(0, 9, 175),
        }
    )
    return table, y


@pytest.mark.parametrize("columns", ["auto", [0, 2], ["kind", "word"], [True, False, True, False, False]])
def test_smotenc_makes_the_same_rows(columns):
    X, y = mixed(0)
    rows, labels = ours.SMOTENC(columns, random_state=3).fit_resample(X, y)
    expected, theirs_labels = theirs(ours.SMOTENC(columns, random_state=3)).fit_resample(X, y)
    pd.testing.assert_frame_equal(rows, expected)
    np.testing.assert_array_equal(labels, theirs_labels)


def test_smotenc_on_constant_numbers_and_on_arrays():
    X, y = mixed(1)
    flat = X[["kind", "x", "word", "z"]].assign(x=1.0, z=2.0)
    for table in (flat, X.assign(kind=X.kind.cat.codes, word=X.word.cat.codes).to_numpy()):
        sampler = ours.SMOTENC([0, 2], random_state=3)
        rows, _ = sampler.fit_resample(table, y)
        expected, _ = theirs(sampler).fit_resample(table, y)
        np.testing.assert_array_equal(np.asarray(rows), np.asarray(expected))


def test_smoten_makes_the_same_rows():
    X, y = mixed(2)
    words = X[["kind", "word", "count"]].astype(str).to_numpy(dtype=object)
    rows, labels = ours.SMOTEN(random_state=3).fit_resample(words, y)
    expected, theirs_labels = theirs(ours.SMOTEN(random_state=3)).fit_resample(words, y)
    np.testing.assert_array_equal(rows, expected)
    np.testing.assert_array_equal(labels, theirs_labels)
