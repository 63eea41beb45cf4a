from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from steelyard.core import DataError
from steelyard.tasks.tabular.columns.values import date_format, dates, factors, number_block, numbers, texts


def objects(*values: object) -> np.ndarray:
    out = np.empty(len(values), dtype=object)
    out[:] = values
    return out


def test_numbers_of_every_kind() -> None:
    nan = np.nan
    for column, wanted in [
        (pd.Series([True, False]), [1, 0]),
        (pd.Series([1, None], dtype="Int64"), [1, nan]),
        (pd.Series([True, None], dtype="boolean"), [1, nan]),
        (pd.Series(["1e3", " -inf ", "?", "N/A", None, "TRUE"]), [1000, -np.inf, nan, nan, nan, 1]),
        (pd.Series(pd.to_timedelta(["90min", None])), [1.5, nan]),
        (pd.Series([10**400, 1], dtype=object), [np.inf, 1]),
        (pd.Series(pd.Categorical(["2", None])), [2, nan]),
    ]:
        np.testing.assert_array_equal(numbers(column), wanted)


def test_a_block_names_every_wrong_column() -> None:
    frame = pd.DataFrame({"a": ["x", "y"], "b": [1, 2], "c": [dt.datetime(2020, 1, 1), None]})
    with pytest.raises(DataError, match="'a' holds 'x' and 1 more such values.*; column 'c' holds dates"):
        number_block(frame)
    np.testing.assert_array_equal(number_block(frame[["b"]]), [[1], [2]])


@pytest.mark.parametrize(
    ("levels", "form"),
    [
        (objects("2020-01-31", "2020-02-01T10:00"), "ISO8601"),
        (objects("1/31/2020", "2/1/2020"), "%m/%d/%Y"),
        (objects("31/1/2020", "2/1/2020"), "%d/%m/%Y"),
        (objects("1/2/2020", "2/1/2020"), "%m/%d/%Y"),
        (objects("1/31/20 22:15"), "%m/%d/%y %H:%M"),
        (objects("31.01.2020 22:15:59"), "%d.%m.%Y %H:%M:%S"),
        (objects("Jan 5, 2020"), "%b %d, %Y"),
        (objects("05JAN2020:10:11:12"), "%d%b%Y:%H:%M:%S"),
        (objects(dt.date(2020, 1, 1), dt.datetime(2020, 1, 1, 5)), "objects"),
        (objects("1.2.3", "10.20.30"), None),
        (objects("192.168.0.1"), None),
        (objects("2020-01-31", "soon"), None),
        (objects("2020-13-31"), None),
        (objects("+49 30 1234"), None),
        (objects(1.5, 2), None),
        (objects(), None),
    ],
)
def test_how_dates_are_written(levels, form) -> None:
    assert date_format(levels) == form


def test_dates_keep_their_wall_clock() -> None:
    wanted = np.array(["2020-07-01T10:30", "NaT"], dtype="datetime64[us]")
    zoned = pd.Series(pd.to_datetime(["2020-07-01T10:30", None])).dt.tz_localize("America/Lima")
    for column, form in [
        (pd.Series(["2020-07-01T10:30:00+05:00", None]), "ISO8601"),
        (pd.Series(["2020-07-01 10:30:00Z", ""]), "ISO8601"),
        (pd.Series(["7/1/2020 10:30", "?"]), "%m/%d/%Y %H:%M"),
        (pd.Series(["7/1/2020 10:30", None]), None),
        (zoned, None),
        (pd.Series([dt.datetime(2020, 7, 1, 10, 30, tzinfo=dt.UTC), None], dtype=object), "objects"),
    ]:
        np.testing.assert_array_equal(dates(column, form), wanted)
    assert dates(pd.Series(pd.period_range("2020-07", periods=1, freq="M")), None)[0] == np.datetime64(
        "2020-07-01"
    )


def test_dates_long_ago_and_far_ahead() -> None:
    far = dates(pd.Series(["0001-01-01", "9999-12-31"]), "ISO8601")
    assert far.astype("datetime64[D]").astype(str).tolist() == ["0001-01-01", "9999-12-31"]


def test_factors_and_texts() -> None:
    codes, levels = factors(pd.Series(["b", None, "a", "b"]))
    assert codes.tolist() == [0, -1, 1, 0]
    assert levels.tolist() == ["b", "a"]
    assert texts(pd.Series(["a b", None, 3], dtype=object)) == ["a b", "", "3"]
