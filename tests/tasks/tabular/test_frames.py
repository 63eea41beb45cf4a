from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse

from steelyard.core import DataError
from steelyard.tasks.tabular import TableEncoder
from steelyard.tasks.tabular.frames import as_frame


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (np.array(3), "scalar"),
        ("text", "scalar"),
        (None, "scalar"),
        (pd.Series([1, 2]), "Expected 2D array, got 1D"),
        (np.zeros((2, 2, 2)), "Expected 2D array, got 3D"),
        ([[1, 2], [3]], "rows of different lengths"),
        (np.zeros((0, 2)), r"0 sample\(s\)"),
        (pd.DataFrame({"a": []}), r"0 sample\(s\)"),
        (pd.DataFrame(index=range(3)), r"0 feature\(s\)"),
        (np.zeros((2, 1), dtype=complex), "Complex data not supported"),
        (np.zeros((2, 1), dtype=[("a", float)]), "structured"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), r"\['a'\] occur more than once"),
        (pl.LazyFrame({"a": [1]}), "lazy query"),
        (sparse.csr_matrix((0, 3)), r"0 sample\(s\)"),
        (sparse.csr_matrix((3, 0)), r"0 feature\(s\)"),
        (sparse.csr_matrix(np.eye(2, dtype=complex)), "Complex data not supported"),
    ],
)
def test_what_is_no_table_gives_one_sentence(table, message) -> None:
    with pytest.raises(DataError, match=message) as caught:
        TableEncoder().fit(table)
    assert "\n" not in str(caught.value)


def test_names_belong_to_frames_only() -> None:
    assert as_frame(pd.DataFrame({"a": [1]}))[1]
    assert as_frame(pl.DataFrame({"a": [1]}))[1]
    frame, named = as_frame([["1", 2.0]])
    assert not named
    assert list(frame.columns) == ["x0", "x1"]
