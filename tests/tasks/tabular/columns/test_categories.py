from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from steelyard.tasks.tabular.columns.categories import Categories

TRAIN = pd.DataFrame({"c": ["b"] * 5 + ["a"] * 3 + ["d"] * 3 + ["rare"] + [None] * 2})
NEW = pd.DataFrame({"c": ["a", "new", None, "b", "rare"]})


def part(**options) -> Categories:
    return Categories("c", **({"one_hot": False, "max_categories": 9, "min_frequency": 2} | options))


def test_ranks_follow_frequency_then_name_and_pool_the_rest() -> None:
    ordinal = part()
    values = ordinal.learn(TRAIN)[:, 0]
    np.testing.assert_array_equal(values, [0] * 5 + [1] * 3 + [2] * 3 + [3] + [np.nan] * 2)
    np.testing.assert_array_equal(ordinal.read(NEW)[:, 0], [1, 3, np.nan, 0, 3])
    assert ordinal.names() == ["c"]


def test_one_feature_a_level_and_one_for_the_pool_and_for_missing() -> None:
    hot = part(one_hot=True)
    hot.learn(TRAIN)
    assert hot.names() == ["c=b", "c=a", "c=d", "c=(rare)", "c=(missing)"]
    assert hot.read(NEW).argmax(axis=1).tolist() == [1, 3, 4, 0, 3]
    assert hot.read(NEW).sum(axis=1).tolist() == [1] * 5
    assert not hot.measured.any()


def test_two_levels_alone_need_one_feature() -> None:
    hot = part(one_hot=True)
    assert hot.learn(pd.DataFrame({"c": ["x"] * 3 + ["y"] * 2})).tolist() == [[0, 0, 0]] * 3 + [[1, 0, 0]] * 2
    assert hot.names() == ["c=y", "c=(rare)", "c=(missing)"]
    assert hot.read(NEW[1:2]).tolist() == [[0, 1, 0]]


@pytest.mark.parametrize("one_hot", [False, True])
def test_many_levels_add_the_logarithm_of_their_count(one_hot: bool) -> None:
    crowded = part(one_hot=one_hot, max_categories=2)
    values = crowded.learn(TRAIN)
    assert crowded.names()[-1] == "c_count"
    wanted = np.log1p([5] * 5 + [3] * 3 + [0 if one_hot else 3] * 3 + [0] * 3)
    np.testing.assert_allclose(values[:, -1], wanted)
    assert crowded.measured.tolist() == [False] * (len(crowded.names()) - 1) + [True]
    assert crowded.names()[:2] == (["c=b", "c=a"] if one_hot else ["c", "c_count"])


def test_a_number_is_the_same_level_however_it_is_held() -> None:
    ordinal = part(min_frequency=1)
    ordinal.learn(pd.DataFrame({"c": [1, 1, 2]}))
    for held in (
        [2, 1],
        [2.0, None],
        ["2", "1"],
        pd.Categorical([2, 1]),
        [b"2", b"1"],
        np.array(["2", "1"], dtype=object),
    ):
        assert ordinal.read(pd.DataFrame({"c": held}))[0, 0] == 1
    fraction = part(min_frequency=1)
    fraction.learn(pd.DataFrame({"c": [0.5, 0.5, 1.0]}))
    assert fraction.levels_.tolist() == ["0.5", "1"]


def test_levels_that_read_alike_are_counted_together() -> None:
    mixed = part(min_frequency=1)
    mixed.learn(pd.DataFrame({"c": [1, "1", "1", "x", "x"]}, dtype=object))
    assert mixed.levels_.tolist() == ["1", "x"]
    assert mixed.counts_.tolist() == [3, 2]


def test_all_missing_or_all_rare() -> None:
    for values in ([None, None], ["x", "y"]):
        out = part().learn(pd.DataFrame({"c": values}, dtype=object))
        assert len({str(value) for value in out[:, 0]}) == 1
