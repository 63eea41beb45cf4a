"""What cannot be a classification table is refused in one sentence."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from steelyard.core import DataError, TargetError, TooFewSamples, UsageError
from steelyard.diagnose import inspect
from steelyard.diagnose.subject import read_subject

FRAME = pd.DataFrame(
    {"x": np.arange(200) % 17, "t": pd.date_range("2024-01-01", periods=200), "y": [0, 0, 0, 1] * 50}
)


@pytest.mark.parametrize(
    ("frame", "options", "error", "words"),
    [
        (FRAME, {"target": "z"}, UsageError, "no column 'z'"),
        (FRAME, {"target": "y", "group": "g"}, UsageError, "to use as group"),
        (FRAME, {"target": "y", "time": "y"}, UsageError, "cannot be the time too"),
        (FRAME, {"target": "y", "positive": "2"}, UsageError, "does not occur"),
        (FRAME[["y"]], {"target": "y"}, DataError, "no feature column"),
        (FRAME.iloc[:0], {"target": "y"}, TooFewSamples, "no rows"),
        (FRAME.assign(y=1), {"target": "y"}, TargetError, "only one class, 1"),
        (FRAME.assign(y=None), {"target": "y"}, TooFewSamples, "no row has a value"),
        (
            FRAME.assign(y=np.linspace(0, 1, 200)),
            {"target": "y"},
            TargetError,
            "looks like a number to predict",
        ),
        (
            FRAME.assign(y=[0.5, *range(1, 30), *range(170)]),
            {"target": "y"},
            TargetError,
            "looks like a number",
        ),
        (
            FRAME.assign(y=np.arange(200) % 150),
            {"target": "y"},
            TargetError,
            "150 different values in 200 rows",
        ),
        (
            FRAME.assign(y=[f"text {i}" for i in range(200)]),
            {"target": "y"},
            TargetError,
            "free text or an identifier",
        ),
        (FRAME.assign(y=[np.inf, 1.0] * 100), {"target": "y"}, TargetError, "infinite"),
        (FRAME.assign(w=0.0), {"target": "y", "weight": "w"}, DataError, "no number above 0"),
        (FRAME.assign(when="soon"), {"target": "y", "time": "when"}, DataError, "neither dates nor numbers"),
        (FRAME.set_axis(["a", "a", "y"], axis=1), {"target": "y"}, DataError, "two columns named 'a'"),
    ],
)
def test_refusals(frame, options, error, words):
    with pytest.raises(error) as caught:
        inspect(frame, **options)
    text = str(caught.value)
    assert words in text
    assert "\n" not in text
    assert len(text) < 300


def test_positive_is_last_whatever_its_type():
    assert read_subject(FRAME, target="y").labels == (0, 1)
    assert read_subject(FRAME, target="y", positive=0).labels == (1, 0)
    assert read_subject(FRAME, target="y", positive="0").labels == (1, 0)
    assert read_subject(FRAME, target="y", positive=0.0).labels == (1, 0)
    truth = FRAME.assign(y=FRAME["y"] == 0)
    assert read_subject(truth, target="y").labels == (True, False)
    assert read_subject(truth, target="y", positive="True").labels == (False, True)


def test_whole_floats_are_whole_numbers_and_text_is_stripped():
    assert read_subject(FRAME.assign(y=FRAME["y"].astype(float)), target="y").labels == (0, 1)
    assert read_subject(FRAME.assign(y=FRAME["y"].map({0: " a", 1: "b "})), target="y").labels == ("a", "b")


def test_parts_are_no_features():
    frame = FRAME.assign(g=np.arange(200) // 4, w=1.0)
    subject = read_subject(frame, target="y", group="g", time="t", weight="w")
    assert list(subject.features) == ["x"]
    assert subject.time is not None
    assert np.diff(subject.time).tolist() == [86_400.0] * 199


def test_names_that_are_no_text():
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(40, 3)))
    frame[3] = [0, 1] * 20
    assert {finding.kind for finding in inspect(frame, target="3")} == set()
