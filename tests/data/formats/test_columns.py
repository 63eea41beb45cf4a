"""What cells are taken for."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.core import DataError
from steelyard.data.formats.columns import clean_column


def clean(*cells: str | None, kind: str | None = None, decimal: str = "."):
    return clean_column("c", pa.array(cells, type=pa.large_string()), kind=kind, decimal=decimal)


@pytest.mark.parametrize(
    ("cells", "kind", "dtype"),
    [
        (["1", "2"], "number", "int64"),
        (["+1", "-2"], "number", "float64"),
        (["1", ""], "number", "float64"),
        (["1", "NA", "?", "-", "none"], "number", "float64"),
        (["1.5", "2e3", ".5", "7."], "number", "float64"),
        (["inf", "-Infinity", "1"], "number", "float64"),
        (["1,234", "12,345,678", "5"], "number", "int64"),
        (["1,234.5", "5"], "number", "float64"),
        (["1,23", "5"], "text", None),
        (["1,2", "3,4"], "text", None),
        (["1_000"], "text", None),
        (["0x10"], "text", None),
        (["12%"], "text", None),
        (["$5"], "text", None),
        (["007", "123"], "text", None),
        (["0", "0.5", "-0.25"], "number", "float64"),
        (["0", "10"], "number", "int64"),
        (["9223372036854775807"], "number", "int64"),
        (["9223372036854775808", "99999999999999999999"], "text", None),
        (["9223372036854775807", ""], "text", None),
        (["1", "2", "99999999999999999999"], "number", "float64"),
        (["true", "False", "TRUE"], "bool", "bool"),
        (["true", ""], "bool", "boolean"),
        (["yes", "no"], "text", None),
        (["true", "1"], "text", None),
        (["None", "Up"], "text", None),
        (["", "NA", None], "empty", "float64"),
        (["None", "None"], "text", None),
        (["2024-02-29"], "date", "datetime64[us]"),
        (["2023-02-29"], "text", None),
        (["2024-02-29 10:30", "2024/3/1T23:59:59.25Z"], "date", "datetime64[us]"),
        (["2024-02-29 25:30"], "text", None),
        (["31/12/2019", "1/2/20"], "date-dmy", "datetime64[us]"),
        (["12/31/2019", "1/2/20 3:04 PM"], "date-mdy", "datetime64[us]"),
        (["31.12.2019"], "date-dmy", "datetime64[us]"),
        (["12/31/2019", "31/12/2019"], "text", None),
        (["1.2.3"], "text", None),
        (["1/2"], "text", None),
        (["555-1234"], "text", None),
        (["20200101"], "number", "int64"),
    ],
)
def test_kinds(cells, kind, dtype) -> None:
    found, column, _ = clean(*cells)
    assert found == kind
    if dtype is not None:
        assert str(column.dtype) == dtype
    else:
        assert pd.api.types.is_string_dtype(column.dtype) or column.dtype == object
        assert [None if pd.isna(cell) else cell for cell in column] == [
            None if cell in ("", None) else cell for cell in cells
        ]


def test_values() -> None:
    assert clean("1,234.5", "inf", "?")[1].tolist()[:2] == [1234.5, np.inf]
    assert clean("1.234,5", "2", decimal=",")[1].tolist() == [1234.5, 2.0]
    assert clean("1/2/69", "13/2/68")[1].tolist() == [pd.Timestamp("1969-02-01"), pd.Timestamp("2068-02-13")]
    times = clean("2020-01-02T03:04:05Z", "2020-01-02 03:04:05.5+02:00", "2020-01-02 03:04-0330")[1]
    assert times.tolist() == [
        pd.Timestamp("2020-01-02 03:04:05"),
        pd.Timestamp("2020-01-02 01:04:05.5"),
        pd.Timestamp("2020-01-02 06:34"),
    ]
    noon = clean("12/31/2019 12:00 AM", "12/31/2019 12:00 PM", "12/31/2019 1:30 pm")[1]
    assert [stamp.hour for stamp in noon] == [0, 12, 13]


def test_dates_that_read_both_ways_stay_text_with_a_note() -> None:
    kind, column, note = clean("1/2/2020", "3/4/2020")
    assert kind == "text"
    assert column.tolist() == ["1/2/2020", "3/4/2020"]
    assert "'date-dmy'" in note


@pytest.mark.parametrize(
    ("kind", "cell", "message"),
    [
        ("number", "old", "'old' in row 2, expected a number"),
        ("bool", "maybe", "'maybe' in row 2, expected true or false"),
        ("date", "soon", r"'soon' in row 2, expected a date"),
        ("date-dmy", "12/31/2020", r"'12/31/2020' in row 2, expected a date \(date-dmy\)"),
    ],
)
def test_a_forced_kind_names_the_cell_that_does_not_fit(kind, cell, message) -> None:
    with pytest.raises(DataError, match=message):
        clean("", cell, kind=kind)


def test_forced_kinds() -> None:
    assert clean("1", "0", "TRUE", kind="bool")[1].tolist() == [True, False, True]
    assert clean("007", "8", kind="number")[1].tolist() == [7, 8]
    assert clean("7", "8", kind="text")[1].tolist() == ["7", "8"]
    assert clean("x", kind="empty")[1].isna().all()
    with pytest.raises(DataError, match="holds dates, expected number"):
        clean_column("c", pa.array([0], pa.timestamp("us")), kind="number")
    with pytest.raises(DataError, match="holds int64 values, expected dates"):
        clean_column("c", pa.array([0]), kind="date")
    with pytest.raises(DataError, match="bytes that are no text"):
        clean_column("c", pa.array([b"\xff"]))
    with pytest.raises(DataError, match="times of day"):
        clean_column("c", pa.array([0], pa.time64("us")))
    assert clean_column("c", pa.array([b"1", b"2"]))[1].tolist() == [1, 2]
    assert clean_column("c", pa.array([True, None]), kind="number")[1].tolist()[0] == 1.0


@given(st.lists(st.floats(allow_nan=False) | st.integers(-(2**63), 2**63 - 1), min_size=1))
def test_numbers_survive_being_text(numbers) -> None:
    kind, column, _ = clean(*map(repr, numbers))
    if kind == "number":  # long whole numbers may be taken for identifiers
        assert column.tolist() == [float(n) if column.dtype == "float64" else n for n in numbers]
    else:
        assert column.tolist() == [repr(n) for n in numbers]


@given(st.lists(st.datetimes(min_value=datetime(1000, 1, 1)), min_size=1))
def test_iso_times_survive_being_text(times) -> None:
    kind, column, _ = clean(*(time.isoformat(sep=" ") for time in times))
    assert kind == "date"
    assert (column.to_numpy() == np.array(times, dtype="datetime64[us]")).all()


@given(st.lists(st.text(max_size=8)))
def test_any_text_gives_a_column_of_its_length(cells) -> None:
    _, column, _ = clean(*cells)
    assert len(column) == len(cells)
