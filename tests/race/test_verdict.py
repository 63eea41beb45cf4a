"""The verdict says no more than what was raced."""

from __future__ import annotations

import steelyard
from worlds import logistic_world

QUICK = {
    "learners": ("logistic",), "folds": 3, "repeats": 1, "max_fits": 9, "jobs": 1, "progress": False,
}  # fmt: skip


def _said(remedies: tuple[str, ...], metric: str) -> str:
    frame = logistic_world(1500, prevalence=0.1).frame
    return steelyard.run(frame, target="y", metric=metric, remedies=remedies, **QUICK).verdict_[1]


def test_without_a_remedy_in_the_race_nothing_is_claimed_of_remedies() -> None:
    for metric in ("average_precision", "f1"):
        said = _said((), metric)
        assert said.startswith("No remedy was raced")
        assert "needed" not in said


def test_with_one_it_is_named() -> None:
    said = _said(("RandomUnderSampler",), "average_precision")
    assert said.startswith("No remedy needed")
    assert "random under-sampling + logistic regression" in said
