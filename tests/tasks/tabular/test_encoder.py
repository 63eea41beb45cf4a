from __future__ import annotations

import io
import time
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import skops.io
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from steelyard.core import DataError, UsageError
from steelyard.tasks.tabular import TableEncoder
from steelyard.tasks.tabular.columns import sparse as sparse_columns
from steelyard.tasks.tabular.learners import logistic

KINDS = ("tree", "linear")


@parametrize_with_checks([TableEncoder(kind=kind) for kind in KINDS])
def test_scikit_learn_conventions(estimator: Any, check: Any) -> None:
    check(estimator)


def mixed(n: int = 60, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "real": np.r_[np.inf, -np.inf, np.nan, rng.normal(size=n - 3)],
            "large": 10**9 + np.arange(n) * 3 + rng.integers(0, 2, n),
            "extreme": np.r_[1e308, -1e308, np.zeros(n - 2)],
            "written": ["1.5", "2", "?", None] * (n // 4),
            "word": ["red", "green", None] * (n // 3),
            "crowd": rng.integers(0, 9, n).astype(str),
            "truth": [True, False, None] * (n // 3),
            "stamp": pd.date_range("2020-01-01", periods=n, freq="37h"),
            "american": ["12/31/2020 22:15", "1/2/2021 08:00", None] * (n // 3),
            "span": pd.to_timedelta(rng.integers(0, 999, n), unit="min"),
            "text": [f"the order number {i} came late" for i in range(n)],
            "code": [f"A{i:04}" for i in range(n)],
            "html": ["<b>=1+1</b>", "x"] * (n // 2),
            "empty": [None] * n,
            "one": ["x"] * n,
        }
    )


@pytest.mark.parametrize("kind", KINDS)
def test_mixed_table(kind: str) -> None:
    table = mixed()
    encoder = TableEncoder(kind=kind)
    out = encoder.fit_transform(table)
    names = encoder.get_feature_names_out()
    assert out.dtype == np.float32
    assert out.shape == (60, len(names)) == (60, len(set(names)))
    assert not np.isinf(out).any()
    assert np.isfinite(out).all() == (kind == "linear")
    np.testing.assert_array_equal(encoder.fit(table).transform(table), out)
    np.testing.assert_array_equal(encoder.transform(table.iloc[10:17]), out[10:17])
    assert not any(name.startswith(("empty", "one", "code")) for name in names)
    assert encoder.roles_["code"] == "identifier"


@pytest.mark.parametrize("kind", KINDS)
def test_saved_without_pickle(kind: str) -> None:
    table = mixed()
    encoder = TableEncoder(kind=kind).fit(table)
    saved = skops.io.dumps(encoder)
    foreign = skops.io.get_untrusted_types(data=saved)
    assert all(name.startswith("steelyard.") for name in foreign)
    loaded = skops.io.loads(saved, trusted=foreign)
    np.testing.assert_array_equal(loaded.transform(table), encoder.transform(table))
    assert loaded.get_feature_names_out().tolist() == encoder.get_feature_names_out().tolist()
    with pytest.raises(DataError, match="missing: 'real'"):
        loaded.transform(table.drop(columns="real"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_trip_through_csv_changes_nothing(kind: str) -> None:
    table = mixed().drop(columns="span")
    encoder = TableEncoder(kind=kind).fit(table)
    back = pd.read_csv(io.StringIO(table.to_csv(index=False)))
    np.testing.assert_allclose(encoder.transform(back), encoder.transform(table), rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_polars_and_arrow_give_what_pandas_gives(kind: str) -> None:
    table = pl.from_pandas(mixed().drop(columns=["empty", "truth"]))
    wanted = TableEncoder(kind=kind).fit_transform(table.to_pandas())
    np.testing.assert_array_equal(TableEncoder(kind=kind).fit_transform(table), wanted)
    np.testing.assert_array_equal(TableEncoder(kind=kind).fit_transform(table.to_arrow()), wanted)


def test_labels_are_never_looked_at() -> None:
    table = mixed()
    one = TableEncoder().fit_transform(table, np.zeros(60))
    np.testing.assert_array_equal(TableEncoder().fit_transform(table, np.arange(60)), one)


def test_roles_can_be_corrected() -> None:
    table = pd.DataFrame(
        {"grade": [1, 2, 3] * 10, "postal": ["01", "02", "03"] * 10, "noise": [0.1, 0.2] * 15}
    )
    roles = {"grade": "category", "postal": "number", "noise": "constant"}
    encoder = TableEncoder(kind="linear", roles=roles).fit(table)
    assert encoder.get_feature_names_out().tolist() == ["postal", "grade=1", "grade=2", "grade=3"]
    assert encoder.roles_ == roles


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "forest"}, "kind='forest'"),
        ({"max_categories": 1}, "max_categories=1"),
        ({"min_frequency": 0}, "min_frequency=0"),
        ({"text_components": 0}, "text_components=0"),
        ({"roles": {"real": "colour"}}, "the role 'colour'"),
        ({"roles": {"unreal": "number"}}, "the column 'unreal'"),
    ],
)
def test_options_out_of_range(options, message) -> None:
    with pytest.raises(UsageError, match=message):
        TableEncoder(**options).fit(mixed())


def test_a_table_without_variation_is_refused() -> None:
    with pytest.raises(DataError, match="no column holds two different values"):
        TableEncoder().fit(pd.DataFrame({"a": [1, 1], "b": ["x", "x"]}))


def test_feature_names_must_be_those_learned() -> None:
    encoder = TableEncoder().fit(pd.DataFrame({"a": [1, 2]}))
    assert encoder.get_feature_names_out(["a"]).tolist() == ["a"]
    with pytest.raises(DataError, match="leave it out"):
        encoder.get_feature_names_out(["b"])


def test_pandas_out_and_cloning() -> None:
    table = mixed()
    encoder = TableEncoder(kind="linear", max_categories=7).set_output(transform="pandas")
    out = encoder.fit_transform(table)
    assert list(out.columns) == encoder.get_feature_names_out().tolist()
    assert out.index.equals(table.index)
    assert clone(encoder).max_categories == 7


def test_in_a_pipeline() -> None:
    table = mixed()
    y = (table["word"] == "red").astype(int)
    model = make_pipeline(TableEncoder(kind="linear"), logistic(seed=0)).fit(table, y)
    assert (model.predict(table) == y).mean() > 0.95


def test_small_sparse_tables_become_dense_and_large_ones_stay(monkeypatch) -> None:
    rng = np.random.default_rng(0)
    dense = rng.normal(size=(40, 5)) * (rng.random((40, 5)) < 0.3)
    table = sparse.csc_array(dense)
    small = TableEncoder(kind="tree").fit_transform(table)
    np.testing.assert_array_equal(small, TableEncoder(kind="tree").fit_transform(dense))
    monkeypatch.setattr("steelyard.tasks.tabular.encoder.DENSE_CELLS", 199)
    encoder = TableEncoder(kind="tree")
    out = encoder.fit_transform(table)
    assert sparse.issparse(out)
    np.testing.assert_array_equal(out.toarray(), small)
    np.testing.assert_array_equal(encoder.transform(dense).toarray(), small)
    with pytest.raises(DataError, match="X has 4 features"):
        encoder.transform(table[:, :4])
    assert sparse_columns.DENSE_CELLS == 2**24


cells = st.one_of(
    st.none(),
    st.floats(),
    st.integers(-(10**20), 10**20),
    st.text(max_size=6),
    st.dates(),
    st.datetimes(),
    st.sampled_from(["red", "green", "2020-01-01", "1/2/2020", "3.5", "?"]),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(cells, cells), min_size=2, max_size=30), st.sampled_from(KINDS))
def test_any_cells_end_as_numbers_or_in_one_clear_error(rows, kind) -> None:
    table = pd.DataFrame(rows, columns=["a", "b"])
    encoder = TableEncoder(kind=kind, min_frequency=1)
    try:
        out = encoder.fit_transform(table)
    except DataError:  # for example no column that varies
        return
    assert out.dtype == np.float32
    assert not np.isinf(out).any()
    assert kind == "tree" or np.isfinite(out).all()
    np.testing.assert_array_equal(encoder.transform(table), out)
    np.testing.assert_array_equal(encoder.transform(table.iloc[::-1]), out[::-1])


@pytest.mark.parametrize("kind", KINDS)
def test_a_hundred_thousand_mixed_rows_take_seconds(kind: str) -> None:
    rng = np.random.default_rng(0)
    n = 100_000
    table = pd.DataFrame({f"n{i}": rng.normal(size=n) for i in range(15)})
    for i, levels in enumerate([2, 5, 12, 20, 60, 100, 1000, 3000, 8, 30]):
        table[f"c{i}"] = np.char.add("level", rng.integers(0, levels, n).astype(str))
    start = pd.Timestamp("2020-01-01")
    for i in range(3):
        table[f"d{i}"] = start + pd.to_timedelta(rng.integers(0, 10**8, n), unit="s")
    encoder = TableEncoder(kind=kind)
    begun = time.process_time()
    encoder.fit(table)
    fitted = time.process_time()
    encoder.transform(table)
    assert fitted - begun < 6  # about one second on an idle machine
    assert time.process_time() - fitted < 6
