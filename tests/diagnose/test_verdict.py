"""One word for how far the classes lie apart."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from steelyard.diagnose import diagnose


@pytest.mark.parametrize(
    ("distance", "word"), [(12, "separable"), (1.2, "partly"), (0.35, "overlapping"), (0, "none seen")]
)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_the_word_follows_the_distance(distance, word, n_classes):
    rng = np.random.default_rng(0)
    y = rng.choice(n_classes, 2_000, p=[0.85, 0.15] if n_classes == 2 else [0.7, 0.2, 0.1])
    centres = np.eye(4)[:, :n_classes][:, y].T * distance * 1.5
    frame = pd.DataFrame(rng.normal(size=(2_000, 4)) + centres).rename(columns=str).assign(target=y)
    found = diagnose(frame, target="target")
    assert found.separation == word
    assert found.verdict.count(".") >= 3


def test_suspects_are_named_in_the_verdict(clean):
    frame = clean(300)
    frame["planted"] = frame["target"].map({"bad": 1, "good": 2})
    found = diagnose(frame, target="target")
    assert found.separation == "separable"
    assert "only if 'planted' may be learned from" in found.verdict


def test_a_handful_of_rows_is_not_judged():
    frame = pd.DataFrame({"x": [1.0, 2, 3, 4, 5, 6], "target": [0, 0, 0, 0, 1, 1]})
    found = diagnose(frame, target="target")
    assert found.separation == "not judged"
    assert found.section("Hardness") is None
