"""Held-out parts: shared, disjoint, and the rare class is the positive one."""

from __future__ import annotations

import numpy as np

from steelyard.bench import Shared, Trial, held_out, raw_table


def nothing(trial: Trial, shared: Shared) -> dict[str, float]:
    return {}


def test_the_folds_of_a_seed_cover_every_row_once_and_arms_get_the_same() -> None:
    shared = Shared()
    parts = [held_out(Trial(nothing, "digits/3", "a", split=i), shared, folds=4) for i in range(4)]
    assert sum(len(part.y_test) for part in parts) == 1797
    assert all(len(part.y) + len(part.y_test) == 1797 for part in parts)
    again = held_out(Trial(nothing, "digits/3", "b", split=2), Shared(), folds=4)
    np.testing.assert_array_equal(parts[2].X_test, again.X_test)
    assert held_out(Trial(nothing, "digits/3", "b", split=2), shared, folds=4) is parts[2]


def test_another_seed_deals_other_folds() -> None:
    first, second = (held_out(Trial(nothing, "digits/3", "a", seed=s), Shared()) for s in (0, 1))
    assert not np.array_equal(first.X_test, second.X_test)


def test_the_positive_class_is_one() -> None:
    table = raw_table("digits/3", Shared())
    assert table.y.mean() < 0.5
    assert raw_table("wine", Shared()).y.max() == 2
