from __future__ import annotations

import numpy as np

from steelyard.metrics import corrected_interval
from steelyard.race.compare import simplest_good_enough


def test_the_simplest_arm_within_one_standard_error_wins() -> None:
    best = [0.50, 0.52, 0.48, 0.51, 0.49]
    near = [0.49, 0.53, 0.47, 0.50, 0.49]
    far = [0.30, 0.32, 0.28, 0.31, 0.29]
    scores = {"complex": best, "simple": near, "simplest": far}
    order = {"complex": (2.0,), "simple": (1.0,), "simplest": (0.0,)}
    assert simplest_good_enough(scores, order, sign=1, test_share=0.2) == ("simple", "complex")


def test_lower_is_better_when_the_sign_says_so() -> None:
    scores = {"a": [1.0, 1.1, 0.9], "b": [5.0, 5.2, 4.9]}
    assert simplest_good_enough(scores, {"a": (1.0,), "b": (0.0,)}, sign=-1, test_share=0.3) == ("a", "a")


def test_equally_simple_arms_are_decided_by_their_mean() -> None:
    scores = {"a": [0.50, 0.50, 0.53], "b": [0.51, 0.50, 0.53]}
    assert simplest_good_enough(scores, {"a": (0.0,), "b": (0.0,)}, sign=1, test_share=0.3)[0] == "b"


def test_an_equally_simple_arm_with_a_worse_mean_is_never_chosen() -> None:
    """`near` misses the best by a hair on every fold, `far` by much and with noise, so only `far` is in reach."""
    best = np.array([0.50, 0.52, 0.48, 0.51, 0.49])
    scores = {"complex": best, "near": best - 0.01, "far": best - [0.1, -0.08, 0.12, -0.07, 0.09]}
    simplicity = {"complex": (5.0,), "near": (0.0,), "far": (0.0,)}
    gap = corrected_interval(scores["complex"] - scores["near"], test_share=0.2)
    assert gap.mean > gap.se
    assert simplest_good_enough(scores, simplicity, sign=1, test_share=0.2) == ("near", "complex")
