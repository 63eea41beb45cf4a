"""Recommendations are judged on tables they know nothing of, and beat mean ranks only where features help."""

from __future__ import annotations

import numpy as np
import pytest

from steelyard.metrics import corrected_interval
from steelyard.race.experience import Lesson
from steelyard.race.hindsight import hindsight, left_out_choices, three_best

ARMS = ("nothing.a", "nothing.b", "x.a", "x.b", "y.own", "z.own")


def _lesson(*, feature: bool, tables: int = 40, noise: float = 0.05, cuts: int = 1, seed: int = 0) -> Lesson:
    """Two in five bases like the opposite arms; the only feature tells which, or nothing."""
    rng = np.random.default_rng(seed)
    base = np.arange(tables) // cuts
    half = (base % 5 < 2).astype(int)
    means = np.where(half[:, None] == 1, [5, 4, 3, 2, 1, 0], [0, 1, 2, 3, 4, 5]).astype(float)
    folds = means[:, :, None] + rng.normal(scale=noise, size=(tables, len(ARMS), 3))
    told = (
        half[:, None] + rng.normal(scale=0.01, size=(tables, 1)) if feature else rng.normal(size=(tables, 1))
    )
    names = tuple(f"t{place:02d}" for place in range(tables))
    return Lesson(names, tuple(f"b{one:02d}" for one in base), ARMS, told, folds)


def test_places_are_ranks_from_best_to_worst_and_ties_share() -> None:
    folds = np.repeat(np.array([[3.0, 1.0, 2.0], [1.0, 1.0, 0.0]])[:, :, None], 2, axis=2)
    lesson = Lesson(("t", "u"), ("t", "u"), ("nothing.a", "x.a", "y.own"), np.zeros((2, 1)), folds)
    assert lesson.places.tolist() == [[0.0, 1.0, 0.5], [0.25, 0.25, 1.0]]
    assert lesson.gains.tolist() == [[0.0, -2.0, -1.0], [0.0, 0.0, -1.0]]


def test_good_is_within_one_corrected_standard_error_of_the_best() -> None:
    rng = np.random.default_rng(1)
    lesson = Lesson(("t",), ("t",), ARMS, np.zeros((1, 1)), rng.normal(size=(1, 6, 3)))
    best = lesson.folds[0, lesson.means[0].argmax()]
    wanted = []
    for arm in range(6):
        gap = corrected_interval(best - lesson.folds[0, arm], test_share=1 / 3)
        wanted.append(gap.mean <= gap.se)
    assert lesson.good[0].tolist() == wanted
    assert 1 < sum(wanted) < 6


def test_figures_by_hand() -> None:
    """Four tables that agree: the three best of mean rank hold the winner of three of them."""
    means = np.array([[5, 4, 3, 2, 1, 0]] * 3 + [[0, 1, 2, 3, 4, 5]], dtype=float)
    names = ("a", "b", "c", "d")
    lesson = Lesson(names, names, ARMS, np.zeros((4, 1)), np.repeat(means[:, :, None], 2, axis=2))
    found = hindsight(lesson)
    assert (found.hits, found.plain_hits) == (0.75, 0.75)
    assert found.regret == found.plain_regret == (5 - 2) / 4
    assert found.hits_gain == found.regret_gain == (0.0, 0.0, 0.0)
    assert not found.beats


def test_features_that_tell_the_winner_beat_mean_ranks() -> None:
    found = hindsight(_lesson(feature=True))
    assert found.hits == 1.0
    assert found.beats
    assert found.regret < found.plain_regret
    assert found.plain_hits < 0.9


def test_features_that_tell_nothing_do_not() -> None:
    assert not any(hindsight(_lesson(feature=False, seed=seed)).beats for seed in range(5))


@pytest.mark.parametrize("cuts", [1, 2])
def test_a_tables_own_results_never_judge_it(cuts: int) -> None:
    """Whatever a base table's scores are, what is named for it stays the same, in both columns."""
    lesson = _lesson(feature=True, tables=10, cuts=cuts, noise=3.0)
    before, plain_before = left_out_choices(lesson)
    rng = np.random.default_rng(5)
    for group in range(lesson.groups.max() + 1):
        apart = lesson.groups == group
        assert apart.sum() == cuts
        folds = lesson.folds.copy()
        folds[apart] = 100 * rng.normal(size=folds[apart].shape)
        after, plain_after = left_out_choices(
            Lesson(lesson.tables, lesson.bases, lesson.arms, lesson.features, folds)
        )
        np.testing.assert_array_equal(before[apart], after[apart])
        np.testing.assert_array_equal(plain_before[apart], plain_after[apart])


def test_three_best_breaks_ties_by_name_order() -> None:
    assert three_best(np.array([0.5, 0.1, 0.5, 0.5])).tolist() == [1, 0, 2]


def test_relatives_of_a_packaged_table_are_left_out() -> None:
    names = ("breast-cancer", "keel/yeast6", "other")
    lesson = Lesson(names, ("wdbc", "yeast", "other"), ARMS, np.zeros((3, 1)), np.zeros((3, 6, 2)))
    assert lesson.unrelated("keel/yeast1").tables == ("breast-cancer", "other")
    assert lesson.unrelated("keel/wdbc").tables == ("keel/yeast6", "other")
    assert lesson.unrelated("").tables == lesson.unrelated("mine.csv").tables == names
