from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from steelyard.core import DataError
from steelyard.tasks.tabular import TableEncoder

TABLE = pd.DataFrame(
    {"age": [30, 40, 50] * 10, "city": ["Rome", "Oslo", None] * 10, "day": ["2024-05-06", "2024-06-07"] * 15}
)
ENCODER = TableEncoder().fit(TABLE)
WANTED = ENCODER.transform(TABLE)


def test_order_does_not_matter() -> None:
    np.testing.assert_array_equal(ENCODER.transform(TABLE[["day", "city", "age"]]), WANTED)


def test_extra_columns_are_ignored_and_noted() -> None:
    encoder = TableEncoder().fit(TABLE)
    assert encoder.ignored_columns_ == []
    np.testing.assert_array_equal(encoder.transform(TABLE.assign(more=1, other="x")), WANTED)
    assert encoder.ignored_columns_ == ["more", "other"]
    encoder.transform(TABLE)
    assert encoder.ignored_columns_ == []


def test_missing_columns_are_named_together() -> None:
    with pytest.raises(DataError, match="2 of the 3 learned columns are missing: 'age', 'day'; add them"):
        ENCODER.transform(TABLE[["city"]])
    wide = pd.DataFrame({f"c{i}": [0, 1] for i in range(30)})
    with pytest.raises(DataError, match="'c10' and 19 more; add them"):
        TableEncoder().fit(wide).transform(wide[["c0"]])


def test_values_of_another_kind_are_named_together() -> None:
    wrong = TABLE.assign(age=["x", "y", "x"] * 10, day=3.5)
    with pytest.raises(DataError) as caught:
        ENCODER.transform(wrong)
    message = str(caught.value)
    assert "column 'age' holds 'x' and 1 more such values where numbers were learned" in message
    assert "column 'day' holds numbers where dates were learned" in message
    with pytest.raises(DataError, match="column 'age' holds dates where numbers were learned"):
        ENCODER.transform(TABLE.assign(age=pd.Timestamp("2020-01-01")))
    with pytest.raises(DataError, match="column 'day' holds 'soon' where dates were learned"):
        ENCODER.transform(TABLE.assign(day="soon"))


def test_numbers_written_as_text_and_empty_cells_are_welcome() -> None:
    np.testing.assert_array_equal(ENCODER.transform(TABLE.assign(age=TABLE["age"].astype(str))), WANTED)
    out = ENCODER.transform(TABLE.assign(age="", city=None, day=None))
    assert np.isnan(out[:, :3]).all()


def test_columns_match_by_position_without_names() -> None:
    rows = TABLE.to_numpy(dtype=object)
    np.testing.assert_array_equal(ENCODER.transform(rows), WANTED)
    np.testing.assert_array_equal(TableEncoder().fit(rows).transform(TABLE), WANTED)
    with pytest.raises(DataError, match="X has 2 features, but TableEncoder is expecting 3 features"):
        ENCODER.transform(rows[:, :2])


def test_frames_of_other_libraries_match_by_name() -> None:
    table = pl.from_pandas(TABLE.assign(city=TABLE["city"].astype(object)))
    np.testing.assert_array_equal(ENCODER.transform(table.select("day", "age", "city")), WANTED)
    np.testing.assert_array_equal(TableEncoder().fit(table.to_arrow()).transform(TABLE), WANTED)


def test_names_are_remembered_as_scikit_learn_does() -> None:
    assert ENCODER.feature_names_in_.tolist() == ["age", "city", "day"]
    assert not hasattr(TableEncoder().fit(TABLE.to_numpy(dtype=object)), "feature_names_in_")
    with_number = TABLE.rename(columns={"age": 0})
    assert not hasattr(TableEncoder().fit(with_number), "feature_names_in_")
    refitted = TableEncoder().fit(TABLE).fit(TABLE.to_numpy(dtype=object))
    assert not hasattr(refitted, "feature_names_in_")
