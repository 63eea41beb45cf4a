"""Repeated rows, with and without contradicting labels."""

from __future__ import annotations

import numpy as np
import pandas as pd

from steelyard.diagnose import inspect


def find(frame: pd.DataFrame) -> dict[str, str]:
    return {
        finding.kind: finding.message
        for finding in inspect(frame, target="target")
        if finding.kind in ("duplicates", "conflicts")
    }


def test_copies_are_counted_and_contradictions_told(clean):
    frame = clean(200)
    copies = frame.iloc[[0, 0, 1, 2]].copy()
    copies.iloc[3, copies.columns.get_loc("target")] = {"bad": "good", "good": "bad"}[
        copies.iloc[3]["target"]
    ]
    found = find(pd.concat([frame, copies], ignore_index=True))
    assert "7 of 204 rows (3.4 %)" in found["duplicates"]
    assert "without repeats 200 rows" in found["duplicates"]
    assert "2 rows (0.98 %)" in found["conflicts"]
    assert "fewer than 1 of them wrong" in found["conflicts"]


def test_row_numbers_do_not_hide_copies(clean):
    frame = pd.concat([clean(100)] * 2, ignore_index=True)
    frame.insert(0, "row", np.arange(200))
    assert "200 of 200 rows (100 %)" in find(frame)["duplicates"]
    assert "identifiers left aside" in find(frame)["duplicates"]


def test_unique_rows_need_no_word(clean):
    assert find(clean(300)) == {}


def test_missing_cells_are_equal_to_each_other():
    frame = pd.DataFrame({"x": [1.0, np.nan, np.nan, 3.0, 4.0] * 3, "s": ["a", None, None, "b", "c"] * 3})
    frame["x"] += np.repeat([0, 10, 20], 5)
    frame["target"] = [0, 1, 0, 0, 1] * 3
    found = find(frame)
    assert "6 of 15 rows" in found["duplicates"]
    assert "fewer than 3 of them" in found["conflicts"]
