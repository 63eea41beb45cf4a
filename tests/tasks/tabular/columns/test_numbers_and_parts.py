from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from steelyard.core import DataError
from steelyard.tasks.tabular.columns.numbers import Numbers
from steelyard.tasks.tabular.columns.parts import apply_parts, learn_parts, make_parts

OPTIONS = {"linear": False, "max_categories": 9, "min_frequency": 1, "text_components": 2, "seed": 0}
TABLE = pd.DataFrame(
    {
        "n": [1.0, 2],
        "c": ["x", "y"],
        "d": pd.to_datetime(["2020-01-01", "2021-01-01"]),
        "t": ["a b c", "d e f"],
        "b": [True, False],
    }
)
ROLES = {"c": "category", "n": "number", "t": "text", "d": "date", "b": "bool", "k": "constant"}


def test_numbers_are_one_block() -> None:
    part = Numbers(["b", "n"])
    np.testing.assert_array_equal(part.learn(TABLE), [[1, 1], [0, 2]])
    assert part.names() == ["b", "n"]


def test_parts_follow_roles_and_leave_constants_out() -> None:
    parts = make_parts(ROLES, **OPTIONS)
    out = learn_parts(parts, TABLE)
    names = [name for part in parts for name in part.finish.names_]
    assert names == ["n", "b", "d_time", "d_year", "d_weekday", "c", "t_0", "t_1"]
    np.testing.assert_array_equal(apply_parts(parts, TABLE), out)


def test_no_part_no_column() -> None:
    assert learn_parts([], TABLE).shape == (2, 0)


def test_one_error_names_all_columns() -> None:
    parts = make_parts(ROLES, **OPTIONS)
    learn_parts(parts, TABLE)
    with pytest.raises(DataError, match="'n' holds 'one'.*'d' holds 'then'.*or empty cells"):
        apply_parts(parts, TABLE.assign(n="one", d="then"))
