"""Figures in sentences."""

from __future__ import annotations

import pytest

from steelyard.diagnose.wording import count, names, percent


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0 %"), (1, "100 %"), (0.00001, "under 0.01 %"), (0.0012, "0.12 %"), (0.0345, "3.5 %"),
        (0.57, "57 %"), (0.9976, "99.76 %"),
    ],
)  # fmt: skip
def test_percent(share, text):
    assert percent(share) == text


def test_count_and_names():
    assert [count(1, "row"), count(2000, "row"), count(2, "class", "classes")] == [
        "1 row",
        "2,000 rows",
        "2 classes",
    ]
    assert names([]) == ""
    assert names(["a"]) == "'a'"
    assert names(["a", "b", "c"]) == "'a', 'b' and 'c'"
    assert names(list("abcdefg"), 2) == "'a', 'b' and 5 more"
