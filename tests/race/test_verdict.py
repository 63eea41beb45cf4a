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


def test_a_bound_is_reported_beside_what_it_bounds() -> None:
    """Recall on the final rows is a recall, never a miss below zero, and the bounded precision stands beside it."""
    frame = logistic_world(2500, prevalence=0.1).frame
    answer = steelyard.run(frame, target="y", min_precision=0.6, remedies=(), **QUICK)
    final = answer.facts["test"]["metrics"]
    assert 0 <= final["recall_at_precision"]["low"] <= final["recall_at_precision"]["value"]
    assert final["recall_at_precision"]["value"] == answer.facts["test"]["per_class"][1]["recall"]
    assert final["precision"]["value"] == answer.facts["test"]["per_class"][1]["precision"]
    assert f"at a precision of {final['precision']['value']:.3f} (" in answer.verdict_[0]
