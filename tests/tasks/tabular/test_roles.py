from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pytest

from steelyard.core import DataError
from steelyard.tasks.tabular import ROLES, infer_roles

N = 60
RNG = np.random.default_rng(0)
COLUMNS = {
    "real": (RNG.normal(size=N), "number"),
    "gaps": ([1.0, None, np.inf] * 20, "number"),
    "written": (["1.5", " 2", "?", None] * 15, "number"),
    "decimal": ([Decimal("1.1"), Decimal(2), None] * 20, "number"),
    "huge": ([10**30] * 2 + [1] * (N - 2), "number"),
    "nullable": (pd.array([1, 2, None] * 20, dtype="Int64"), "number"),
    "span": (pd.to_timedelta(RNG.integers(0, 99, N), unit="min"), "number"),
    "repeated_whole": (np.repeat(np.arange(N // 2), 2), "number"),
    "spread_whole": (np.arange(N) ** 2 * 7, "number"),
    "postal": (["01234", "12345", "00001"] * 20, "category"),
    "word": (["red", "green", None] * 20, "category"),
    "mixed": ([1, "a", 2.5] * 20, "category"),
    "bytes": ([b"a", b"b"] * 30, "category"),
    "declared": (pd.Categorical(["a", "b", None] * 20), "category"),
    "declared_numbers": (pd.Categorical([1, 2, 1] * 20), "category"),
    "one_or_missing": (["x", None] * 30, "category"),
    "long_levels": (["a level of many words", "and another one here"] * 30, "category"),
    "truth": ([True, False] * 30, "bool"),
    "truth_gaps": ([True, False, None] * 20, "bool"),
    "truth_nullable": (pd.array([True, False, None] * 20, dtype="boolean"), "bool"),
    "stamp": (pd.date_range("2020-01-01", periods=N, freq="37h"), "date"),
    "stamp_zone": (pd.date_range("2020-01-01", periods=N, freq="h", tz="Europe/Berlin"), "date"),
    "period": (pd.period_range("2020-01", periods=N, freq="M"), "date"),
    "day": ([dt.date(2020, 1, 1 + i % 28) for i in range(N)], "date"),
    "iso": (["2020-01-31", "2021-12-01", None] * 20, "date"),
    "iso_zone": (["2020-01-01T10:00:00Z", "2020-01-01T10:00:00.5+02:00"] * 30, "date"),
    "american": (["12/31/2020 22:15", "1/2/2021 08:00"] * 30, "date"),
    "european": (["31/12/2020", "1/2/2020"] * 30, "date"),
    "german": (["31.12.2020", "1.2.2020"] * 30, "date"),
    "spelled": (["5-Jan-2020", "17-Feb-2021"] * 30, "date"),
    "text": ([f"the order number {i} came late" for i in range(N)], "text"),
    "row": (np.arange(N)[::-1], "identifier"),
    "userId": (RNG.permutation(10**6)[:N], "identifier"),
    "code": ([f"A{i:04}" for i in range(N)], "identifier"),
    "name": ([f"Ada L{i}" for i in range(N)], "identifier"),
    "empty": ([None] * N, "constant"),
    "empty_floats": ([np.nan] * N, "constant"),
    "one_word": (["x"] * N, "constant"),
    "one_number": ([3] * N, "constant"),
    "one_date": (pd.Series(pd.Timestamp("2020-01-01"), index=range(N)), "constant"),
    "one_truth": (pd.array([True] * N, dtype="boolean"), "constant"),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_role(name: str) -> None:
    values, role = COLUMNS[name]
    assert infer_roles(pd.DataFrame({name: values})) == {name: role}
    assert role in ROLES


def test_all_columns_at_once_keep_order_and_roles() -> None:
    frame = pd.DataFrame({name: values for name, (values, _) in COLUMNS.items()})
    assert list(infer_roles(frame).items()) == [(name, role) for name, (_, role) in COLUMNS.items()]


def test_text_needs_many_levels_or_mostly_distinct_ones() -> None:
    few = [f"sentence number {i % 40} of them" for i in range(200)]
    many = [f"sentence number {i % 60} of them" for i in range(200)]
    assert infer_roles(pd.DataFrame({"few": few, "many": many})) == {"few": "category", "many": "text"}


def test_a_word_that_holds_id_is_no_key_name() -> None:
    values = RNG.permutation(10**6)[:N]
    assert infer_roles(pd.DataFrame({"paid": values, "width": values}))["paid"] == "number"
    assert infer_roles(pd.DataFrame({"paid": values, "row#": values}))["row#"] == "identifier"


def test_few_rows_show_no_identifier() -> None:
    assert infer_roles(pd.DataFrame({"id": range(19), "key": list("abcdefghijklmnopqrs")})) == {
        "id": "number",
        "key": "category",
    }


def test_arrays_and_other_frames() -> None:
    assert infer_roles([[1, "a"], [2, "b"], [2, "c"]]) == {"x0": "number", "x1": "category"}
    table = pl.DataFrame(
        {"n": [1, None, 2], "c": ["x", None, "y"], "d": [dt.date(2020, 1, 1 + i) for i in range(3)]}
    )
    wanted = {"n": "number", "c": "category", "d": "date"}
    assert infer_roles(table) == infer_roles(table.to_arrow()) == wanted


def test_columns_without_text_names() -> None:
    assert infer_roles(pd.DataFrame({0: [1, 2], ("a", 1): ["x", "y"]})) == {0: "number", ("a", 1): "category"}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([{"a": 1}, {"b": 2}], "column 'bad' holds dict values"),
        ([[1], [2, 3]], "column 'bad' holds list values"),
        ([1 + 2j, 2], "column 'bad': Complex data not supported"),
    ],
)
def test_values_that_are_no_cells(values, message) -> None:
    with pytest.raises(DataError, match=message):
        infer_roles(pd.DataFrame({"bad": values}))
