"""MLROS, MLRUS, MLSMOTE and MLeNN: hand values, a plain re-computation on real data, and the account of rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import clone

from steelyard.core import DataError, UsageError
from steelyard.data import irlbl, mean_ir
from steelyard.resample import MLROS, MLRUS, MLSMOTE, MLeNN

SAMPLERS = [
    MLROS(random_state=0),
    MLRUS(random_state=0),
    MLSMOTE(random_state=0),
    MLeNN(),
    MLSMOTE(labels="union", random_state=3),
]
named = pytest.mark.parametrize("sampler", SAMPLERS, ids=lambda sampler: type(sampler).__name__)


def made(n=200, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    Y = (rng.random((n, 4)) < [0.7, 0.5, 0.1, 0.05]).astype(int)
    return X, Y


def real(folder, name, rows=600):
    stored = np.load(folder / "multilabel" / f"{name}.npz")
    return stored["X"][:rows], np.unpackbits(stored["Y"], axis=1, count=len(stored["labels"]))[:rows]


@named
def test_the_account_adds_up(sampler):
    X, Y = made()
    weight = np.random.default_rng(1).uniform(0.5, 2, size=len(X))
    out = clone(sampler).resample(X, Y, sample_weight=weight, groups=np.arange(200) // 2, row=np.arange(200))
    again = clone(sampler).resample(X, Y)
    np.testing.assert_array_equal(out.X, again.X)
    np.testing.assert_array_equal(out.y, again.y)
    np.testing.assert_allclose(out.parents.sum(axis=1), 1)
    np.testing.assert_allclose(out.sample_weight, out.parents @ weight)
    np.testing.assert_array_equal(out.aligned["row"], out.indices)
    np.testing.assert_array_equal(out.groups, out.indices // 2)
    kept = out.origin >= 0
    np.testing.assert_array_equal(out.X[kept], X[out.origin[kept]])
    np.testing.assert_array_equal(out.y[kept], Y[out.origin[kept]])
    assert out.prior.kind == "multilabel"
    np.testing.assert_allclose(again.prior.counts, out.y.sum(axis=0))
    np.testing.assert_allclose(out.prior.counts, out.sample_weight @ out.y)


@named
def test_containers_come_back(sampler):
    X, Y = made()
    plain = clone(sampler).fit_resample(X, Y)
    frame, labels = clone(sampler).fit_resample(
        pd.DataFrame(X, columns=list("abc")), pd.DataFrame(Y.astype("int8"), columns=list("wxyz"))
    )
    assert list(labels.columns) == list("wxyz")
    assert set(labels.dtypes) == {np.dtype("int8")}
    np.testing.assert_array_equal(labels, plain[1])
    np.testing.assert_array_equal(frame, plain[0])
    thin = clone(sampler).fit_resample(X, sparse.csr_matrix(Y))[1]
    assert sparse.issparse(thin)
    np.testing.assert_array_equal(thin.toarray(), plain[1])


class TestMLROS:
    def test_only_rows_with_rare_labels_are_repeated_and_it_ends(self):
        X, Y = made()
        sampler = MLROS(rate=5.0, random_state=0)
        rows, labels = sampler.fit_resample(X, Y)
        rare = np.flatnonzero(irlbl(Y) > mean_ir(Y))
        assert sampler.rare_labels_.tolist() == rare.tolist()
        assert Y[sampler.sample_indices_[200:]][:, rare].any(axis=1).all()
        assert (labels.sum(axis=0) > Y.sum(axis=0))[rare].all()
        assert len(rows) < 6 * 200

    def test_a_rate_bounds_the_rows(self):
        X, Y = made()
        assert len(MLROS(rate=0.03, random_state=0).fit_resample(X, Y)[0]) == 206

    def test_hand_count(self):
        # ratios 1 and 9, mean 5: the second copy brings 9 / 2 = 4.5 below it
        Y = np.array([[1, 0]] * 9 + [[0, 1]])
        sampler = MLROS(rate=1.0, random_state=0)
        sampler.fit_resample(np.zeros((10, 1)), Y)
        assert sampler.sample_indices_.tolist() == [*range(10), 9]


def test_mlrus_keeps_every_row_with_a_rare_label():
    X, Y = made()
    sampler = MLRUS(rate=0.4, random_state=0)
    rows, _ = sampler.fit_resample(X, Y)
    rare = np.flatnonzero(Y[:, sampler.rare_labels_].any(axis=1))
    assert len(rows) == 120
    assert np.isin(rare, sampler.sample_indices_).all()
    few = MLRUS(rate=0.99, random_state=0)
    few.fit_resample(X, Y)
    assert len(few.sample_indices_) == len(rare) + 1


class TestMLSMOTE:
    def test_rows_lie_between_their_parents_column_by_column(self, real_data):
        X, Y = real(real_data, "yeast")
        sampler = MLSMOTE(random_state=0)
        rows, _labels = sampler.fit_resample(X, Y)
        new = sampler.origin_ < 0
        assert new.sum() == Y[:, sampler.rare_labels_].sum()
        shares = sampler.parents_[new]
        for row, parents in zip(rows[new], shares, strict=True):
            ends = X[parents.indices]
            assert (row >= ends.min(axis=0) - 1e-6).all()
            assert (row <= ends.max(axis=0) + 1e-6).all()

    @pytest.mark.parametrize("rule", ["ranking", "union", "intersection"])
    def test_label_sets_follow_the_rule(self, real_data, rule):
        X, Y = real(real_data, "scene")
        sampler = MLSMOTE(k_neighbors=4, labels=rule, random_state=0)
        _, labels = sampler.fit_resample(X, Y)
        at = len(X)
        for label in sampler.rare_labels_:
            bag = np.flatnonzero(Y[:, label])
            D = ((X[bag][:, None].astype(float) - X[bag][None]) ** 2).sum(axis=-1)
            np.fill_diagonal(D, np.inf)
            near = bag[np.argsort(D, axis=1)[:, :4]]
            votes = Y[bag].astype(int) + Y[near].astype(int).sum(axis=1)
            expected = {"ranking": votes > 2.5, "union": votes > 0, "intersection": votes == 5}[rule]
            np.testing.assert_array_equal(labels[at : at + len(bag)], expected)
            at += len(bag)
        assert at == len(labels)

    def test_a_label_on_one_row_is_repeated_with_a_notice(self):
        Y = np.array([[1, 0]] * 9 + [[0, 1]])
        out = MLSMOTE(random_state=0).resample(np.arange(10.0).reshape(-1, 1), Y)
        assert out.X[10:].tolist() == [[9.0]]
        assert out.y[10:].tolist() == [[0, 1]]
        assert "repeated" in out.notices[0]


class TestMLeNN:
    def test_against_a_plain_computation(self, real_data):
        X, Y = real(real_data, "yeast")
        sampler = MLeNN(threshold=0.5)
        sampler.fit_resample(X, Y)
        rare = irlbl(Y) > mean_ir(Y)
        kept = []
        for i in range(len(X)):
            D = ((X - X[i]).astype(float) ** 2).sum(axis=1)
            D[i] = np.inf
            far = 0
            for j in np.argsort(D)[:3]:
                far += (Y[i] != Y[j]).sum() / (int(Y[i].sum()) + int(Y[j].sum())) > 0.5
            if Y[i][rare].any() or far < 1.5:
                kept.append(i)
        assert 0 < len(kept) < len(X)
        assert sampler.sample_indices_.tolist() == kept

    def test_rows_without_labels_are_alike(self):
        Y = np.array([[0, 0, 0]] * 6 + [[1, 0, 0]] * 6 + [[1, 0, 1]])
        sampler = MLeNN()
        sampler.fit_resample(np.r_[np.arange(6.0), np.arange(50.0, 57.0)].reshape(-1, 1), Y)
        assert sampler.sample_indices_.tolist() == list(range(13))


def test_one_class_a_row_is_a_set_of_one_label():
    X, _ = made()
    names = np.array(["often"] * 150 + ["seldom"] * 40 + ["hardly"] * 10)
    sampler = MLSMOTE(random_state=0)
    _, labels = sampler.fit_resample(X, names)
    assert set(labels[200:]) == {"hardly"}
    assert sampler.prior_.labels == ("hardly", "often", "seldom")


@named
def test_balanced_labels_are_left_alone(sampler):
    X, _ = made()
    Y = np.tile([[1, 0], [0, 1]], (100, 1))
    out = clone(sampler).resample(X, Y)
    assert len(out.X) == 200
    assert "no label is rarer" in out.notices[0]


@pytest.mark.parametrize(
    "sampler",
    [
        MLROS(rate=0),
        MLRUS(rate=1.0),
        MLROS(rate="all"),
        MLSMOTE(labels="most"),
        MLeNN(threshold=2),
        MLeNN(n_neighbors=0),
    ],
)
def test_options_out_of_range(sampler):
    with pytest.raises(UsageError):
        sampler.fit_resample(*made())


def test_other_numbers_than_0_and_1_are_refused():
    X, Y = made()
    with pytest.raises(DataError, match="0/1 column"):
        MLROS().fit_resample(X, Y * 2)
