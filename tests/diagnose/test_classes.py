"""Too few of a class, unlabelled rows, spelling, numbers taken for classes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from steelyard.diagnose import inspect


def messages(y: list[object], **options: object) -> dict[str, list[str]]:
    frame = pd.DataFrame({"x": np.random.default_rng(0).normal(size=len(y)), "target": y})
    found: dict[str, list[str]] = {}
    for finding in inspect(frame, target="target", **options):
        found.setdefault(finding.kind, []).append(f"{finding.title} | {finding.message}")
    return found


def test_small_classes_by_size():
    y = ["a"] * 50 + ["b"] * 9 + ["c"] * 4 + ["d"] * 2 + ["e"]
    assert messages(y)["few_rows"] == [
        "1 class with a single row | Rows: 'e': 1.",
        "1 class with two rows | Rows: 'd': 2.",
        "1 class with fewer rows than the 5 folds | Rows: 'c': 4.",
        "1 class with fewer than 10 rows | Rows: 'b': 9.",
    ]
    assert "few_rows" not in messages(["a"] * 50 + ["b"] * 10)


def test_the_number_of_folds_counts():
    y = ["a"] * 50 + ["b"] * 7
    assert "fewer rows than the 8 folds" in messages(y, n_folds=8)["few_rows"][0]
    assert "fewer than 10 rows" in messages(y, n_folds=3)["few_rows"][0]


def test_unlabelled_rows_are_left_out_and_counted():
    found = messages(["a"] * 30 + ["b"] * 15 + [None] * 5)
    assert "5 of 50 rows (10 %)" in found["unlabelled"][0]


def test_labels_that_differ_by_case_or_blanks():
    found = messages(["yes"] * 30 + ["Yes "] * 20 + ["no"] * 20 + ["No"] * 10 + ["maybe"] * 10)
    assert "'Yes ' and 'yes'" in found["spelling"][0]
    assert "'No' and 'no'" in found["spelling"][0]
    assert "maybe" not in found["spelling"][0]
    assert "spelling" not in messages(["yes"] * 30 + ["no"] * 20)


@pytest.mark.parametrize(("classes", "warned"), [(20, False), (40, True)])
def test_many_numbers_as_classes_are_doubted(classes, warned):
    assert ("numeric_target" in messages(list(range(classes)) * 30)) is warned
