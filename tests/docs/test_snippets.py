"""Every snippet of the documentation runs, and prints what the page shows."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.version import Version

from docs.snippets import Reader, read_page, same

OLD = Version(version("scikit-learn")) < Version("1.9")
"""Older libraries fit slightly other models, so their figures are not those of the pages."""
ROOT = Path(__file__).resolve().parents[2]
RACES = re.compile(r"steelyard run |steelyard\.run\(|ImbalanceClassifier\(")
"""What makes a page slow to follow: a race. Pages without one run in every test run, the others take minutes."""
PAGES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").glob("*.md"))
README_NEEDS = """
import numpy as np
import pandas as pd
from numpy.random import default_rng

X = default_rng(0).normal(size=(1500, 4))
y = (X[:, 0] + default_rng(1).normal(size=1500) > 2).astype(int)
frame = pd.DataFrame(X, columns=list("abcd")).assign(
    is_fraud=y, amount=default_rng(2).lognormal(3, 1, 1500), booked=pd.date_range("2026-01-01", periods=1500, freq="h")
)
new = frame.drop(columns="is_fraud").head(50)
frame.to_csv("fraud.csv", index=False)
new.to_csv("new.csv", index=False)
"""


def _follow(name: str, folder: Path, *, full: bool) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    if name == "README.md":
        text = f"<!-- first\n{README_NEEDS}-->\n{text}"
    for outcome in Reader(folder, full=full).follow(read_page(text)):
        step = outcome.step
        if outcome.compared and not OLD:
            assert same(step.shown or "", outcome.printed), (
                f"{name}, line {step.line}: {step.code}\nthe page shows\n{step.shown}\nprinted was\n{outcome.printed}"
            )


def _marked(name: str) -> object:
    races = RACES.search((ROOT / name).read_text(encoding="utf-8"))
    return pytest.param(name, marks=pytest.mark.small) if races else name


@pytest.mark.parametrize("name", [_marked(name) for name in ["README.md", *PAGES]])
def test_snippets(name: str, tmp_path: Path) -> None:
    _follow(name, tmp_path, full=False)


@pytest.mark.small
@pytest.mark.parametrize("name", PAGES)
def test_snippets_as_written(name: str, tmp_path: Path) -> None:
    _follow(name, tmp_path, full=True)


@pytest.mark.parametrize("name", ["README.md", *PAGES])
def test_what_is_not_run_says_why(name: str) -> None:
    for line, reason in read_page((ROOT / name).read_text(encoding="utf-8")).left_out:
        assert len(reason) > 10, f"{name}, line {line}: give the reason"


def test_a_wrong_output_is_noticed(tmp_path: Path) -> None:
    page = read_page("```python\nprint(1 + 1)\n```\n\n```text\n3\n```\n")
    (outcome,) = Reader(tmp_path).follow(page)
    assert outcome.compared
    assert not same(outcome.step.shown or "", outcome.printed)


def test_the_exit_code_of_a_command_can_be_shown(tmp_path: Path) -> None:
    text = "```console\n$ steelyard where seven\nsteelyard: 'seven' is no number ...\n$ echo $?\n2\n```\n"
    for outcome in Reader(tmp_path).follow(read_page(text)):
        assert same(outcome.step.shown or "", outcome.printed)


@pytest.mark.parametrize(
    ("shown", "printed", "expected"),
    [
        ("AP 0.27, 5 rows", "AP 0.27,  5 rows", True),
        ("0.3371559977531433", "0.3371559977531999", True),
        ("0.27", "0.28", True),
        ("0.27", "0.29", False),
        ("5 rows", "6 rows", False),
        ("123.4", "124.9", False),
        ("a 1", "b 1", False),
        ("a ... z", "a b c z", True),
    ],
)
def test_numbers_are_compared_with_care(shown: str, printed: str, expected: bool) -> None:
    assert same(shown, printed) is expected
