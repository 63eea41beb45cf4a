from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import sparse
from sklearn.base import clone

from steelyard.core import DataError, UsageError
from steelyard.resample import (
    SMOTE,
    SMOTEENN,
    EditedNearestNeighbours,
    RandomOverSampler,
    RandomUnderSampler,
    SMOTETomek,
    TomekLinks,
    sampling_targets,
)
from steelyard.resample.strategy import classes_of


def made(seed=0, n=90, d=3):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d))
    y = np.r_[np.zeros(n - 20, int), np.ones(20, int)]
    X[y == 1] += 1
    return X, y


def frame(X, y):
    return pd.DataFrame(
        {
            "x": X[:, 0],
            "small": X[:, 1].astype(np.float32),
            "count": (X[:, 2] * 10).astype(np.int32),
            "nullable": pd.array((X[:, 0] * 5).astype(int), dtype="Int64"),
        },
        index=np.arange(len(X)) + 1000,
    )


class TestContainers:
    def test_pandas_keeps_dtypes_names_and_series(self):
        X, y = made()
        table = frame(X, y)
        rows, labels = SMOTE(random_state=0).fit_resample(table, pd.Series(y, name="bad", dtype="int8"))
        assert rows.dtypes.to_dict() == table.dtypes.to_dict()
        assert labels.dtype == "int8"
        assert labels.name == "bad"
        assert list(rows.index) == list(range(140)) == list(labels.index)
        pd.testing.assert_frame_equal(rows.iloc[:90], table.reset_index(drop=True))

    @pytest.mark.parametrize(
        "sampler", [RandomUnderSampler(random_state=0), RandomOverSampler(random_state=0)]
    )
    def test_text_dates_categories_and_holes_survive_choosing(self, sampler):
        table = pd.DataFrame(
            {
                "text": ["a", None, "c", "d", "e"],
                "when": pd.date_range("2020", periods=5),
                "kind": pd.Categorical(["u", "v", "u", None, "v"]),
                "x": [1.0, np.nan, 3, 4, 5],
            }
        )
        result = sampler.resample(table, ["n", "n", "n", "y", "y"])
        assert result.X.dtypes.to_dict() == table.dtypes.to_dict()
        pd.testing.assert_frame_equal(result.X, table.iloc[result.indices].reset_index(drop=True))
        assert sorted(result.y) in (["n", "n", "y", "y"], ["n", "n", "n", "y", "y", "y"])

    def test_polars_gives_polars_with_the_same_schema(self):
        X, y = made()
        table = pl.DataFrame(
            {"x": X[:, 0], "small": X[:, 1].astype(np.float32), "count": (X[:, 2] * 9).astype(np.int16)}
        )
        rows, labels = SMOTE(random_state=0).fit_resample(table, pl.Series("bad", y))
        assert isinstance(rows, pl.DataFrame)
        assert rows.schema == table.schema
        assert isinstance(labels, pl.Series)
        assert labels.sum() == 70
        same, _ = SMOTE(random_state=0).fit_resample(table.to_pandas(), y)
        np.testing.assert_array_equal(rows.to_numpy(), same.to_numpy())
        fewer, _ = RandomUnderSampler(random_state=0).fit_resample(
            table.with_columns(word=pl.lit("a")), pl.Series("bad", y)
        )
        assert fewer.schema["word"] == pl.String

    def test_arrow_table_comes_back_as_arrow(self):
        X, y = made()
        table = pa.table({"x": X[:, 0], "z": X[:, 1]})
        rows, _ = TomekLinks().fit_resample(table, y)
        assert isinstance(rows, pa.Table)
        assert rows.schema == table.schema

    @pytest.mark.parametrize("make", [sparse.csr_matrix, sparse.csc_array])
    def test_sparse_equals_dense(self, make):
        X, y = made()
        X[np.abs(X) < 0.5] = 0
        for sampler in (SMOTE(random_state=3), SMOTEENN(random_state=3), EditedNearestNeighbours()):
            dense, labels = clone(sampler).fit_resample(X, y)
            thin, same = clone(sampler).fit_resample(make(X), y)
            assert type(thin) is type(make(X))
            np.testing.assert_allclose(thin.toarray(), dense)
            np.testing.assert_array_equal(labels, same)

    def test_text_labels_and_lists(self):
        X, y = made()
        names = np.array(["fine", "rare"])[y]
        sampler = SMOTE(random_state=0)
        rows, labels = sampler.fit_resample(X.tolist(), names.tolist())
        assert isinstance(rows, list)
        assert labels.count("rare") == 70
        assert sampler.sampling_strategy_ == {"rare": 50}
        assert sampler.prior_.labels == ("fine", "rare")


class TestStrategies:
    y = np.array([0] * 10 + [1] * 4 + [2] * 6)

    @pytest.mark.parametrize(
        ("strategy", "kind", "expected"),
        [
            ("minority", "over-sampling", {1: 6}),
            ("not minority", "over-sampling", {0: 0, 2: 4}),
            ("all", "over-sampling", {0: 0, 1: 6, 2: 4}),
            ("majority", "under-sampling", {0: 4}),
            ("not majority", "under-sampling", {1: 4, 2: 4}),
            ("auto", "clean-sampling", {0: 4, 2: 4}),
            ({1: 9}, "over-sampling", {1: 5}),
            (lambda y: {0: int((y == 0).sum()) - 3}, "under-sampling", {0: 7}),
        ],
    )
    def test_forms(self, strategy, kind, expected):
        assert sampling_targets(strategy, self.y, kind) == expected

    def test_ratio_of_two_classes(self):
        y = np.array([0] * 10 + [1] * 4)
        assert sampling_targets(0.8, y, "over-sampling") == {1: 4}
        assert sampling_targets(0.5, y, "under-sampling") == {0: 8}

    @pytest.mark.parametrize(
        ("strategy", "kind"),
        [
            ("majority", "over-sampling"),
            ("minority", "clean-sampling"),
            ("most", "over-sampling"),
            (0.5, "over-sampling"),
            ([1], "over-sampling"),
            ({1: 9}, "clean-sampling"),
            ({7: 9}, "over-sampling"),
            ({1: 2}, "over-sampling"),
            ({1: 20}, "under-sampling"),
            ({1: -1}, "under-sampling"),
            ([7], "clean-sampling"),
            (None, "clean-sampling"),
        ],
    )
    def test_nonsense_is_a_usage_error(self, strategy, kind):
        with pytest.raises(UsageError):
            sampling_targets(strategy, self.y, kind)


class TestAccount:
    def test_a_made_row_weighs_what_its_parents_weigh(self):
        X = np.array([[0.0], [1.0], [2.0], [10.0], [20.0]])
        y = np.array([0, 0, 0, 1, 1])
        weight = np.array([1.0, 1.0, 1.0, 2.0, 6.0])
        result = SMOTE(random_state=1, k_neighbors=1).resample(X, y, sample_weight=weight)
        share = (result.X[5, 0] - 10) / 10
        assert result.sample_weight[5] == pytest.approx(2 + 4 * share)
        assert result.prior.counts == pytest.approx([3, 8 + 2 + 4 * share])

    def test_fit_resample_leaves_weights_and_groups_behind(self):
        X, y = made()
        sampler = SMOTEENN(random_state=0)
        rows, _ = sampler.fit_resample(X, y, sample_weight=np.arange(90.0), groups=np.arange(90))
        assert len(sampler.sample_weight_) == len(sampler.groups_) == len(rows)
        np.testing.assert_array_equal(sampler.groups_, sampler.sample_indices_)
        np.testing.assert_allclose(sampler.parents_ @ X, rows)

    def test_wrong_lengths_are_refused(self):
        X, y = made()
        with pytest.raises(DataError, match="weights of shape"):
            SMOTE().fit_resample(X, y, sample_weight=np.ones(3))
        with pytest.raises(ValueError, match="inconsistent"):
            SMOTE().fit_resample(X, y, groups=np.ones(3))

    def test_one_class_is_refused(self):
        with pytest.raises(DataError, match="at least two"):
            SMOTE().fit_resample(np.ones((4, 2)), [1, 1, 1, 1])


class TestVeryRareClasses:
    @pytest.mark.parametrize("n_rare", [1, 2, 3, 5, 6])
    def test_neighbours_are_clipped_with_a_notice(self, n_rare):
        X = np.random.default_rng(0).normal(size=(20 + n_rare, 2))
        y = np.r_[np.zeros(20, int), np.ones(n_rare, int)]
        result = SMOTE(random_state=0).resample(X, y)
        assert np.bincount(result.y).tolist() == [20, 20]
        rare = X[20:]
        assert (result.X[result.y == 1] >= rare.min(axis=0) - 1e-12).all()
        assert (result.X[result.y == 1] <= rare.max(axis=0) + 1e-12).all()
        assert len(result.notices) == (n_rare < 6)
        if n_rare == 1:
            assert (result.X[20:] == X[20]).all()
            assert "repeated" in result.notices[0]

    @pytest.mark.parametrize("sampler", [SMOTEENN(random_state=0), SMOTETomek(random_state=0), TomekLinks()])
    def test_the_others_run_too(self, sampler):
        X = np.random.default_rng(0).normal(size=(21, 2))
        result = sampler.resample(X, np.r_[np.zeros(20, int), 1])
        assert 1 in result.y


class TestOptions:
    @pytest.mark.parametrize(
        "sampler",
        [
            SMOTE(k_neighbors=0),
            SMOTE(k_neighbors="five"),
            EditedNearestNeighbours(kind_sel="most"),
            EditedNearestNeighbours(n_neighbors=0),
            RandomOverSampler(shrinkage=-1),
            RandomOverSampler(shrinkage={0: 1.0}),
            SMOTEENN(enn="yes"),
            SMOTETomek(smote=3),
        ],
    )
    def test_out_of_range(self, sampler):
        with pytest.raises(UsageError):
            sampler.fit_resample(*made())

    def test_shrinkage_needs_numbers(self):
        with pytest.raises(DataError, match="shrinkage"):
            RandomOverSampler(shrinkage=1).fit_resample(pd.DataFrame({"a": list("abc")}), [0, 0, 1])


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int64, np.uint64, bool, float, str])
def test_classes_are_counted_alike_whatever_the_type_of_the_labels(kind):
    top = np.iinfo(kind).max if kind in (np.int8, np.uint8, np.int64, np.uint64) else 1
    low = np.iinfo(kind).min if kind in (np.int8, np.uint8) else top - 1
    y = np.array([top] * 150 + [low] * 200 + [top] * 3).astype(kind)
    expected = np.unique(y, return_inverse=True, return_counts=True)
    for found, wanted in zip(classes_of(y), expected, strict=True):
        np.testing.assert_array_equal(found, wanted)
    assert classes_of(y)[0].dtype == y.dtype
    assert RandomUnderSampler(random_state=0).fit_resample(y[:, None], y)[1].dtype == y.dtype
