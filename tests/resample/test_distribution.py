"""Random samplers draw from imbalanced-learn's distribution, whatever the seed, and alike on any number of threads."""

from __future__ import annotations

import importlib

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import SVC
from threadpoolctl import threadpool_limits

import steelyard.resample as ours
from steelyard.resample import judged, svm_smote
from steelyard.resample.binned_forest import BinnedForest
from steelyard.resample.support import support_of

RUNS, SHUFFLES, LEVEL = 15, 999, 0.002
RANDOM = [
    ours.RandomOverSampler(),
    ours.RandomOverSampler(shrinkage=0.5),
    ours.RandomUnderSampler(),
    ours.SMOTE(),
    ours.SMOTENC([0]),
    ours.SMOTEN(),
    ours.BorderlineSMOTE(),
    ours.BorderlineSMOTE(kind="borderline-2"),
    ours.SVMSMOTE(),
    ours.ADASYN(),
    ours.KMeansSMOTE(kmeans_estimator=2, cluster_balance_threshold=0.01),
    ours.ClusterCentroids(),
    ours.OneSidedSelection(),
    ours.InstanceHardnessThreshold(GaussianNB()),
    ours.SMOTEENN(),
    ours.SMOTETomek(),
]
PROCESSES = ours.InstanceHardnessThreshold
"""Starts processes for `n_jobs`, unless its forest is the binned one, which is tested below."""
THREADED = [one for one in RANDOM if not isinstance(one, PROCESSES)] + [
    ours.AllKNN(),
    ours.NearMiss(version=3),
]


def rows(n=160, d=3, share=0.2):
    rng = np.random.default_rng(0)
    y = (np.arange(n) < share * n).astype(int)
    X = rng.normal(size=(n, d)) + 1.5 * y[:, None]
    X[:, 0] = np.clip(np.round(X[:, 0]), -1, 2)
    return X, y


def summary(sampler, X, y):
    """What one run gave: rows of each class, and the first two moments of their columns."""
    if type(sampler).__name__ == "SMOTEN":
        X = np.round(X)
    made, labels = sampler.fit_resample(X, y)
    parts = [np.asarray(made[labels == k], dtype=float) for k in (0, 1)]
    return np.concatenate(
        [np.r_[len(p) / 40, p.mean(axis=0), p.std(axis=0), (p**3).mean(axis=0)] for p in parts]
    )


def p_value(first, second):
    """How often a random split of all runs is as far apart in energy distance as the true one."""
    both = np.vstack([first, second])
    scale = both.std(axis=0)
    away = cdist(both[:, scale > 0] / scale[scale > 0], both[:, scale > 0] / scale[scale > 0])
    sign = np.repeat([1.0, -1.0], [len(first), len(second)])
    rng = np.random.default_rng(0)
    signs = np.array([sign, *(rng.permutation(sign) for _ in range(SHUFFLES))])
    energy = -np.einsum("si,ij,sj->s", signs, away, signs)
    return float((energy >= energy[0] - 1e-9).mean())


def theirs(sampler, **changed):
    for package in ("over_sampling", "under_sampling", "combine"):
        kind = getattr(importlib.import_module(f"imblearn.{package}"), type(sampler).__name__, None)
        if kind is not None:
            return kind(**{**sampler.get_params(deep=False), **changed})
    raise AssertionError(type(sampler).__name__)


def compared(sampler, other):
    X, y = rows()
    with threadpool_limits(1):  # so small a table is no work for several
        runs = [
            [summary(clone(one).set_params(random_state=start + i), X, y) for i in range(RUNS)]
            for one, start in ((sampler, 0), (other, 1000))
        ]
    return p_value(*map(np.array, runs))


@pytest.mark.parametrize("sampler", RANDOM, ids=lambda sampler: repr(sampler).replace("\n", " "))
def test_other_seeds_give_the_same_distribution(sampler):
    pytest.importorskip("imblearn")
    assert compared(sampler, theirs(sampler)) > LEVEL


def test_another_distribution_is_noticed():
    pytest.importorskip("imblearn")
    assert compared(ours.SMOTE(), theirs(ours.BorderlineSMOTE())) <= LEVEL
    smooth = ours.RandomOverSampler(shrinkage=0.5)
    assert compared(smooth, theirs(smooth, shrinkage=1.5)) <= LEVEL


@pytest.mark.parametrize(
    "sampler", [*RANDOM, ours.AllKNN(), ours.NearMiss(version=3)], ids=lambda s: type(s).__name__
)
def test_threads_do_not_change_the_answer(sampler):
    X, y = rows(700, 3)
    if isinstance(sampler, ours.SMOTEN):
        X = np.round(X)
    answers = []
    for threads in (1, 2, 3):
        one = clone(sampler)
        options = {"random_state": 1, "n_jobs": threads}
        one.set_params(**{name: value for name, value in options.items() if name in one.get_params()})
        with threadpool_limits(threads):
            answers.append(one.fit_resample(X, y))
    for made, labels in answers[1:]:
        np.testing.assert_allclose(
            np.asarray(made, dtype=float), np.asarray(answers[0][0], dtype=float), atol=1e-9
        )
        np.testing.assert_array_equal(labels, answers[0][1])


def test_a_large_table_has_the_support_vectors_of_the_whole_machine():
    rng = np.random.default_rng(1)
    y = rng.choice(3, size=6_000, p=[0.9, 0.06, 0.04])
    X = rng.normal(size=(len(y), 4)) + 1.5 * np.eye(4)[y]
    whole = SVC(tol=1e-6).fit(X, y).support_
    for code in (1, 2):
        expected = whole[y[whole] == code]
        found = support_of(X, y, code, SVC(tol=1e-6))
        assert len(np.setxor1d(found, expected)) <= len(expected) // 200


def test_a_large_table_is_told_by_its_size(monkeypatch):
    X, y = rows(400)
    plain = ours.SVMSMOTE(random_state=0).fit_resample(X, y)
    monkeypatch.setattr(svm_smote, "LARGE", 100)
    np.testing.assert_array_equal(ours.SVMSMOTE(random_state=0).fit_resample(X, y)[0], plain[0])
    monkeypatch.setattr(judged, "LARGE", 100)
    hard = ours.InstanceHardnessThreshold(random_state=0)
    answers = [clone(hard).set_params(n_jobs=jobs).fit_resample(X, y)[0] for jobs in (1, 2)]
    np.testing.assert_array_equal(*answers)
    assert hard.fit(X, y).fit_resample(X, y)[1].sum() == y.sum()
    assert isinstance(hard.estimator_, BinnedForest)


@pytest.mark.parametrize("classes", [2, 3])
def test_the_binned_forest_judges_as_well_as_a_random_forest(classes):
    rng = np.random.default_rng(2)
    y = rng.choice(classes, size=1_500, p=[0.85, 0.15] if classes == 2 else [0.8, 0.12, 0.08])
    X = rng.normal(size=(len(y), 6)) + 1.2 * np.eye(6)[y]
    half = len(y) // 2
    shares = [
        forest.fit(X[:half], y[:half]).predict_proba(X[half:])
        for forest in (BinnedForest(random_state=0), RandomForestClassifier(random_state=0))
    ]
    np.testing.assert_allclose(shares[0].sum(axis=1), 1)
    brier = [((share - np.eye(classes)[y[half:]]) ** 2).sum(axis=1).mean() for share in shares]
    assert brier[0] < 1.05 * brier[1]
    assert np.corrcoef(shares[0][:, 1], shares[1][:, 1])[0, 1] > 0.9
