"""imbalanced-learn's and scikit-learn's own conformance checks, run on every sampler."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import estimator_checks_generator as sklearn_checks

from steelyard.core import find

SAMPLERS = [
    card.load()(**card.example)
    for card in find(lever="resample")
    if card.facts["kind"] in ("over", "under", "clean", "combined")
]
for sampler in SAMPLERS:
    if "estimator" in sampler.get_params() and "cv" in sampler.get_params():
        sampler.set_params(
            estimator=DecisionTreeClassifier(max_depth=3, random_state=0)
        )  # a forest would take minutes

NOT_FOR = {
    ("SMOTENC", "check_samplers_string"): "the check has a single text column, SMOTENC needs numbers too",
    ("MGSGRF", "check_samplers_string"): "likewise",
}

try:
    from imblearn.utils.estimator_checks import estimator_checks_generator as imblearn_checks
except ImportError:  # our own samplers run without imbalanced-learn
    imblearn_checks = None


def cases(generator):
    """Every check of every sampler as a parameter with a readable name."""
    if generator is None:
        return [pytest.param(None, None, marks=pytest.mark.skip(reason="imbalanced-learn is not installed"))]
    return [
        pytest.param(estimator, check, id=f"{type(estimator).__name__}-{check.func.__name__}")
        for sampler in SAMPLERS
        for estimator, check in generator(sampler)
        if (type(estimator).__name__, check.func.__name__) not in NOT_FOR
    ]


@pytest.mark.parametrize(("estimator", "check"), cases(imblearn_checks))
def test_imbalanced_learn_conformance(estimator, check):
    check(estimator)


@pytest.mark.parametrize(("estimator", "check"), cases(sklearn_checks))
def test_scikit_learn_conformance(estimator, check):
    check(estimator)


@pytest.mark.parametrize("sampler", SAMPLERS, ids=lambda sampler: type(sampler).__name__)
def test_same_seed_same_rows_and_the_account_adds_up(sampler):
    rng = np.random.default_rng(1)
    X = rng.normal(size=(120, 4))
    y = np.r_[np.zeros(90, int), np.ones(30, int)]
    X[y == 1] += 0.8
    weight = rng.uniform(0.5, 2, size=120)
    first = clone(sampler).resample(
        X, y, sample_weight=weight, groups=np.arange(120) // 3, row=np.arange(120)
    )
    again = clone(sampler).resample(X, y)
    np.testing.assert_array_equal(first.X, again.X)
    np.testing.assert_array_equal(first.y, again.y)
    n_out = len(first.y)
    assert first.parents.shape == (n_out, 120)
    np.testing.assert_allclose(first.parents.sum(axis=1), 1.0)
    np.testing.assert_allclose(first.sample_weight, first.parents @ weight)
    assert len(first.groups) == len(first.aligned["row"]) == n_out
    np.testing.assert_array_equal(first.aligned["row"], first.indices)
    real = first.origin >= 0
    np.testing.assert_array_equal(first.X[real], X[first.origin[real]])
    np.testing.assert_array_equal(first.y[real], y[first.origin[real]])
    np.testing.assert_allclose(again.prior.counts, np.bincount(first.y, minlength=2))
    np.testing.assert_allclose(first.prior.counts, np.bincount(first.y, first.sample_weight, minlength=2))
