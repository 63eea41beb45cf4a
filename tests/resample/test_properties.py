"""Every sampler, found by its card, on tables of any shape: ties, duplicates, constant columns, tiny classes."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.tree import DecisionTreeClassifier

from steelyard import resample
from steelyard.core import DataError, find
from steelyard.resample import BaseSampler

CARDS = [
    card for card in find(lever="resample") if card.facts["kind"] in ("over", "under", "clean", "combined")
]
EXACT = {
    "RandomOverSampler", "RandomUnderSampler", "SMOTE", "PolynomFitSMOTE", "ProWSyn", "GeometricSMOTE", "ROSE",
    "MGSGRF", "NearMiss", "SelfPacedUnderSampler", "BalanceCascadeUnderSampler",
}  # fmt: skip
"""Samplers that leave exactly as many rows as were asked for."""
REPEATING = {"CondensedNearestNeighbour"}
"""Samplers that may keep a row twice, as imbalanced-learn's do among copies of one row."""


def small(card):
    """The sampler of a card, quick."""
    made = card.load()(**card.example)
    if "estimator" in made.get_params() and hasattr(made, "_held_out"):
        made.set_params(estimator=DecisionTreeClassifier(max_depth=2))
    if "kmeans_estimator" in made.get_params():
        made.set_params(kmeans_estimator=1)
    return made


SAMPLERS = {card.name: small(card) for card in CARDS if issubclass(card.load(), BaseSampler)}


@st.composite
def tables(draw):
    """Rows and labels, every class with at least one row and the first with the most."""
    sizes = draw(st.lists(st.integers(1, 9), min_size=1, max_size=2))
    y = np.repeat(np.arange(len(sizes) + 1), [max(sizes) + draw(st.integers(1, 20)), *sizes])
    dtype = draw(st.sampled_from([np.float64, np.float32, np.int64]))
    numbers = st.integers(-3, 3) if draw(st.booleans()) else st.integers(-1000, 1000)
    shape = (len(y), draw(st.integers(1, 4)))
    X = draw(hnp.arrays(dtype, shape, elements=numbers.map(dtype)))
    if draw(st.booleans()):
        X[:, -1] = 7
    return X, draw(st.permutations(range(len(y))).map(np.array)), y


def resampled(sampler, X, y):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # duplicates leave fewer clusters than asked for
        return sampler.resample(X, y, sample_weight=np.arange(1.0, len(y) + 1))


@pytest.mark.parametrize("name", SAMPLERS)
@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(table=tables())
def test_rows_are_accounted_for(name, table):
    X, order, y = table
    X, y = X[order], y[order]
    sampler = clone(SAMPLERS[name])
    if name == "SMOTENC":
        sampler.set_params(categorical_features=[0])
        X = np.c_[X, X[:, 0]]
    before = X.copy()
    try:
        out = resampled(sampler, X, y)
    except DataError:
        return  # one sentence says what is missing, the tests of the sampler say when
    np.testing.assert_array_equal(X, before)
    kept = out.origin >= 0
    assert out.X.dtype == X.dtype
    assert out.X.shape == (len(out.y), X.shape[1])
    assert np.isfinite(out.X).all()
    np.testing.assert_array_equal(out.X[kept], X[out.origin[kept]])
    np.testing.assert_array_equal(out.y[kept], y[out.origin[kept]])
    np.testing.assert_array_equal(out.y, y[out.indices])
    np.testing.assert_allclose(out.parents.sum(axis=1), 1)
    np.testing.assert_allclose(out.sample_weight, out.parents @ np.arange(1.0, len(y) + 1))
    counts = np.bincount(y)
    after = np.bincount(out.y, minlength=len(counts))
    if sampler._sampling_type == "over-sampling" and "Tomek" not in name and "ENN" not in name:
        np.testing.assert_array_equal(out.origin[: len(y)], np.arange(len(y)))
    if name not in REPEATING and sampler._sampling_type != "over-sampling":
        assert (after <= counts).all()
        assert after[np.argmin(counts)] == counts.min() or sampler._sampling_type == "clean-sampling"
    if name in EXACT and len(out.notices) == 0:
        wanted = counts.max() if sampler._sampling_type == "over-sampling" else counts.min()
        assert (after == wanted).all()


@pytest.mark.parametrize("name", sorted(EXACT - {"NearMiss"}))
def test_asked_for_nothing_nothing_happens(name):
    X, y = np.random.default_rng(0).normal(size=(40, 3)), np.repeat([0, 1], [30, 10])
    sampler = clone(SAMPLERS[name]).set_params(sampling_strategy={0: 30, 1: 10})
    assert len(sampler.fit_resample(X, y)[0]) == 40


@pytest.mark.parametrize("few", [1, 2, 5, 10])
@pytest.mark.parametrize("far", [False, True])
@pytest.mark.parametrize("name", ["SMOTE", "BorderlineSMOTE", "SVMSMOTE", "KMeansSMOTE", "ADASYN"])
def test_a_very_rare_class_never_raises_and_is_spoken_of(name, far, few):
    """Amid another class or far from it: a class of up to ten rows is grown, or a notice says why not."""
    rng = np.random.default_rng(few)
    X = np.vstack([rng.normal(size=(200, 3)), rng.normal(size=(few, 3)) + 50 * far])
    sampler = getattr(resample, name)(random_state=0)
    _, labels = sampler.fit_resample(X, np.repeat([0, 1], [200, few]))
    assert (labels == 1).sum() > 195 or sampler.notices_
    assert (sampler.sample_indices_[200 + few :] >= 200).all()
