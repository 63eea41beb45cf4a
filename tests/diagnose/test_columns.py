"""Columns as codes and moments."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from steelyard.diagnose.columns import code_column, moments


def test_numbers_are_coded_by_rank():
    coded = code_column(pd.Series([2.5, np.nan, -1.0, 2.5, np.inf]), "number")
    assert coded.codes.tolist() == [1, -1, 0, 1, 2]
    assert (coded.distinct, coded.levels, coded.ordered) == (3, 4, True)


def test_large_whole_numbers_stay_apart():
    coded = code_column(pd.Series([2**53, 2**53 - 1, 2**53 - 2]), "number")
    assert coded.codes.tolist() == [2, 1, 0]


def test_categories_are_coded_as_they_come():
    coded = code_column(pd.Series(["b", "a", None, "b"]), "category")
    assert coded.codes.tolist() == [0, 1, -1, 0]
    assert not coded.ordered


@pytest.mark.parametrize(
    "days",
    [
        pd.Series(["1970-01-02", None, "1970-01-03"]),
        pd.Series(pd.to_datetime(["1970-01-02", None, "1970-01-03"])),
        pd.Series(pd.to_datetime(["1970-01-02", None, "1970-01-03"]).tz_localize("UTC")),
        pd.Series(pd.to_datetime(["1970-01-02", None, "1970-01-03"]).as_unit("s")),
    ],
)
def test_dates_are_seconds(days):
    assert moments(days, "date").tolist() == pytest.approx([86_400, np.nan, 172_800], nan_ok=True)
