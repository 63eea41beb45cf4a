from __future__ import annotations

import time as clock
from contextlib import suppress

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import StratifiedGroupKFold

from steelyard.core import DataError, LeakError, TooFewSamples, UsageError
from steelyard.data import Provenance, assert_disjoint, duplicate_groups, final_split, make_folds

RARE = np.repeat([0, 1], [980, 20])
PINNED = [[0, 1, 3, 6, 9], [2, 4, 5, 7, 8], [1, 6]]


def test_every_class_has_its_share_of_the_test_part() -> None:
    split = final_split(RARE)
    assert np.bincount(RARE[split.test]).tolist() == [196, 4]
    assert sorted([*split.train, *split.test]) == list(range(1000))
    assert split.left_out.tolist() == []
    assert split.how == "200 of 1000 rows, drawn by class"
    assert_disjoint(split.train, split.test)


@pytest.mark.parametrize(("rows", "in_test"), [(1, 0), (2, 0), (3, 1), (4, 1), (5, 1), (8, 2)])
@pytest.mark.parametrize("size", [0.1, 0.2])
def test_few_rows_of_a_class_in_the_final_part(rows, in_test, size) -> None:
    y = np.repeat([0, 1, 2], [100, 40, rows])
    split = final_split(y, size=size)
    expected = in_test if size == 0.2 else min(in_test, 1)
    assert (y[split.test] == 2).sum() == expected


def test_folds_spread_classes_evenly() -> None:
    folds = make_folds(RARE, n_folds=5, repeats=2)
    assert [(fold.repeat, fold.number) for fold in folds] == [(r, k) for r in range(2) for k in range(5)]
    for fold in folds:
        assert np.bincount(RARE[fold.test]).tolist() == [196, 4]
        assert np.array_equal(np.union1d(fold.train, fold.test), np.arange(1000))
        assert_disjoint(fold.train, fold.test)
    for repeat in range(2):
        tested = np.concatenate([fold.test for fold in folds if fold.repeat == repeat])
        assert np.array_equal(np.sort(tested), np.arange(1000))
    assert not np.array_equal(folds[0].test, folds[5].test)


def test_uneven_sizes_differ_by_one_row() -> None:
    y = np.repeat([0, 1, 2], [13, 9, 5])
    sizes = [len(fold.test) for fold in make_folds(y, n_folds=4)]
    assert sum(sizes) == 27
    assert max(sizes) - min(sizes) <= 1
    for fold in make_folds(y, n_folds=4):
        assert ((np.bincount(y[fold.test], minlength=3) - np.array([13, 9, 5]) / 4) < 1).all()


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 5])
def test_rare_classes_are_in_every_training_part(rows) -> None:
    y = np.repeat([0, 1, 2], [50, 30, rows])
    folds = make_folds(y, n_folds=5)
    tested = [(y[fold.test] == 2).sum() for fold in folds]
    assert sum(tested) == (rows if rows > 1 else 0)
    assert max(tested) <= 1
    for fold in folds:
        assert set(y[fold.train]) == {0, 1, 2}


def test_groups_stay_whole_and_classes_even() -> None:
    rng = np.random.default_rng(0)
    groups = rng.integers(0, 200, 3000)
    y = (rng.random(3000) < 0.02 + 0.1 * (groups % 10 == 0)).astype(int)
    folds = make_folds(y, groups=groups)
    for fold in folds:
        assert_disjoint(fold.train, fold.test, groups=groups)
        assert abs(len(fold.test) - 600) < 30
        assert abs(y[fold.test].sum() - y.sum() / 5) < 5
    split = final_split(y, groups=groups)
    assert_disjoint(split.train, split.test, groups=groups)
    assert abs(len(split.test) - 600) < 30
    assert abs(y[split.test].sum() - y.sum() / 5) < 5
    assert "whole groups" in split.how


def test_a_class_in_one_group_stays_in_training() -> None:
    y = np.array([0, 0, 1, 1] * 5 + [2, 2, 2])
    groups = np.array([0, 1, 2, 3] * 5 + [9, 9, 9])
    for fold in make_folds(y, groups=groups, n_folds=2):
        assert set(y[fold.train]) == {0, 1, 2}
        assert not set(fold.test) & {20, 21, 22}
    assert not set(final_split(y, groups=groups, size=0.5).test) & {20, 21, 22}


def test_two_groups_of_a_class_never_share_a_fold() -> None:
    y = np.array([0] * 30 + [1] * 10)
    groups = np.array([*range(30)] + [30] * 9 + [31])
    for seed in range(20):
        for fold in make_folds(y, groups=groups, n_folds=3, seed=seed):
            assert set(y[fold.train]) == {0, 1}


def test_missing_groups_are_groups_of_their_own() -> None:
    y = [0, 1] * 10
    groups = [None] * 16 + ["a"] * 4
    folds = make_folds(y, groups=groups, n_folds=4)
    assert [len(fold.test) for fold in folds] == [5, 5, 5, 5]
    assert sum(len({16, 17, 18, 19} & set(fold.test)) in (0, 4) for fold in folds) == 4


def test_the_latest_rows_are_the_final_part_and_equal_times_stay_together() -> None:
    rng = np.random.default_rng(1)
    time = rng.integers(0, 50, 1000)
    y = rng.integers(0, 2, 1000)
    split = final_split(y, time=time)
    assert time[split.train].max() < time[split.test].min()
    assert abs(len(split.test) - 200) <= 20
    assert split.how.endswith("the latest rows")
    dates = pd.Timestamp("2020-01-01") + pd.to_timedelta(time, unit="D")
    assert np.array_equal(final_split(y, time=dates).test, split.test)


def test_folds_in_order_of_time_grow() -> None:
    rng = np.random.default_rng(2)
    time = rng.permutation(np.repeat(np.arange(100), 10))
    y = rng.integers(0, 2, 1000)
    folds = make_folds(y, time=time, n_folds=4, repeats=3)
    assert len(folds) == 4
    assert [len(fold.train) for fold in folds] == [200, 400, 600, 800]
    assert [len(fold.test) for fold in folds] == [200] * 4
    for fold in folds:
        assert_disjoint(fold.train, fold.test, time=time)


def test_the_first_training_part_waits_for_the_rare_class() -> None:
    y = np.zeros(1000, dtype=int)
    y[[350, 380, 500, 600, 700, 800, 900]] = 1
    folds = make_folds(y, time=np.arange(1000), n_folds=4)
    assert folds[0].train.max() == 380
    assert all(set(y[fold.train]) == {0, 1} for fold in folds)


def test_rows_of_a_class_nobody_has_seen_are_left_out() -> None:
    y = np.array([0, 1] * 45 + [0, 1, 2, 2, 0, 1, 0, 1, 2, 0])
    split = final_split(y, time=np.arange(100), size=0.1)
    assert split.left_out.tolist() == [92, 93, 98]
    assert "3 rows left out" in split.how
    for fold in make_folds(y, time=np.arange(100), n_folds=4):
        assert set(y[fold.test]) <= set(y[fold.train])


def test_groups_and_time_together() -> None:
    rng = np.random.default_rng(3)
    group = rng.integers(0, 300, 2000)
    time = group * 3 + rng.integers(0, 200, 2000)  # customers come and go
    y = rng.integers(0, 2, 2000)
    split = final_split(y, groups=group, time=time)
    assert_disjoint(split.train, split.test, groups=group, time=time)
    assert len(split.train) + len(split.test) + len(split.left_out) == 2000
    assert 0 < len(split.left_out) < 300
    assert "no group on both sides" in split.how
    for fold in make_folds(y, groups=group, time=time):
        assert_disjoint(fold.train, fold.test, groups=group, time=time)
    walkers = np.repeat(np.arange(10), 200)
    with pytest.raises(TooFewSamples, match="the test part .* would hold 0 rows of 0 classes"):
        final_split(y, groups=walkers, time=np.tile(np.arange(200), 10))


def test_equal_rows_can_be_kept_together() -> None:
    rng = np.random.default_rng(4)
    frame = pd.DataFrame(rng.integers(0, 3, (400, 4)))
    y = rng.integers(0, 2, 400)
    with pytest.raises(LeakError, match="equal rows"):
        first = make_folds(y)[0]
        assert_disjoint(first.train, first.test, frame=frame)
    for fold in make_folds(y, groups=duplicate_groups(frame)):
        assert_disjoint(fold.train, fold.test, frame=frame)


@pytest.mark.parametrize(
    "make",
    [
        lambda y: y.astype("int8"),
        lambda y: y.astype(float),
        lambda y: y.astype(bool),
        lambda y: y.astype(str),
        lambda y: np.array(["no", "yes"])[y],
        lambda y: np.array(["no", "yes"], dtype=object)[y],
        lambda y: pd.Series(y, index=range(5000, 5000 + len(y))),
        lambda y: pd.Series(np.array(["b", "a"])[y]).astype("category"),
        lambda y: pd.Series(y, dtype="Int64"),
        list,
    ],
)
def test_the_dtype_of_labels_changes_nothing(make) -> None:
    rng = np.random.default_rng(5)
    y = (rng.random(300) < 0.1).astype(int)
    groups = rng.integers(0, 60, 300)
    named = np.array([f"g{g:03d}" for g in groups])
    for grouping in (
        {},
        {"groups": groups},
        {"groups": named},
        {"groups": pd.Series(groups).astype("float32")},
    ):
        wanted = {"groups": groups} if grouping else {}
        for mine, other in zip(make_folds(make(y), **grouping), make_folds(y, **wanted), strict=True):
            assert np.array_equal(mine.test, other.test)
        assert np.array_equal(final_split(make(y), **grouping).test, final_split(y, **wanted).test)


def test_seeds_decide_and_nothing_else() -> None:
    assert np.array_equal(final_split(RARE, seed=1).test, final_split(RARE, seed=1).test)
    assert not np.array_equal(final_split(RARE, seed=1).test, final_split(RARE, seed=2).test)
    # fixed for ever, so that an unfinished run can be resumed by a later version
    assert [fold.test.tolist() for fold in make_folds([0, 1] * 5, n_folds=2, seed=7)] == [
        PINNED[0],
        PINNED[1],
    ]
    assert final_split([0, 1] * 5, seed=7).test.tolist() == PINNED[2]


def test_groups_come_out_at_least_as_even_as_scikit_learn_makes_them() -> None:
    for seed in range(6):
        rng = np.random.default_rng(seed)
        groups = rng.zipf(1.6, 2000) % 150 if seed < 3 else rng.integers(0, 150, 2000)
        y = (rng.random(2000) < 0.05 + 0.2 * (groups % 7 == 0)).astype(int)
        theirs = StratifiedGroupKFold(5, shuffle=True, random_state=seed).split(y, y, groups)
        assert _unevenness(y, [fold.test for fold in make_folds(y, groups=groups, seed=seed)]) <= _unevenness(
            y, [test for _, test in theirs]
        )


def _unevenness(y, tests) -> float:
    """The largest deviation from equal parts, of rows plus of positives, in rows."""
    rows = max(abs(len(test) - len(y) / len(tests)) for test in tests)
    return round(rows + max(abs(y[test].sum() - y.sum() / len(tests)) for test in tests), 6)


def test_large_tables_are_split_quickly() -> None:
    rng = np.random.default_rng(6)
    y = rng.choice(23, p=np.array([0.5] + [0.5 / 22] * 22), size=200_000)
    start = clock.process_time()
    make_folds(y)
    make_folds(y % 3, groups=rng.integers(0, 140_000, 200_000))
    assert clock.process_time() - start < 5


@settings(max_examples=100)
@given(st.data())
def test_no_draw_breaks_the_policy(data) -> None:
    n = data.draw(st.integers(8, 60))
    y = np.array(data.draw(st.lists(st.integers(0, 3), min_size=n, max_size=n)))
    grouped = data.draw(st.booleans())
    ordered = data.draw(st.booleans())
    groups = np.array(data.draw(st.lists(st.integers(0, 12), min_size=n, max_size=n))) if grouped else None
    time = np.array(data.draw(st.lists(st.integers(0, 30), min_size=n, max_size=n))) if ordered else None
    n_folds = data.draw(st.integers(2, 5))
    seed = data.draw(st.integers(0, 99))
    parts = []
    with suppress(TooFewSamples):
        parts += make_folds(y, n_folds=n_folds, groups=groups, time=time, seed=seed)
    with suppress(TooFewSamples):
        parts += [final_split(y, groups=groups, time=time, size=data.draw(st.floats(0.1, 0.6)), seed=seed)]
    for part in parts:
        assert len(part.test)
        assert_disjoint(part.train, part.test, groups=groups, time=time)
        assert set(y[part.test]) <= set(y[part.train])
        if time is None:
            assert set(y[part.train]) == set(y)
            assert len(part.train) + len(part.test) == n
    if time is None and len(parts) >= n_folds:
        tested = np.concatenate([fold.test for fold in parts[:n_folds]])
        assert len(np.unique(tested)) == len(tested)
        holders = y if groups is None else groups
        alone = [k for k in set(y) if len(set(holders[y == k]) if groups is not None else y[y == k]) == 1]
        assert not set(y[tested]) & set(alone)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: final_split([]), DataError, "y holds no labels"),
        (lambda: final_split([0, None, 1]), DataError, "the label is missing in 1 rows"),
        (lambda: final_split([0, 1], size=1), UsageError, "size is 1"),
        (lambda: final_split([0, 0, 0]), TooFewSamples, "1 classes, two are needed"),
        (lambda: final_split([0] * 50 + [1, 1]), TooFewSamples, "test part .* 1 classes"),
        (lambda: final_split(RARE, groups=[1]), DataError, "1000 labels came with 1 groups"),
        (lambda: final_split(RARE, groups=np.zeros(1000)), TooFewSamples, "two are needed"),
        (lambda: final_split(RARE, time=np.zeros(1000)), TooFewSamples, "same time"),
        (lambda: final_split(RARE, time=np.arange(1000)), TooFewSamples, "training part .* 1 classes"),
        (lambda: final_split(RARE, time=[1]), DataError, "1000 rows came with 1 times"),
        (
            lambda: final_split(RARE, time=["2020"] * 1000),
            DataError,
            "holds '2020' .*expected numbers or dates",
        ),
        (lambda: final_split(RARE, time=[np.nan] * 1000), DataError, "missing in 1000 of 1000 rows"),
        (lambda: make_folds(RARE, n_folds=1), UsageError, "n_folds is 1"),
        (lambda: make_folds(RARE, repeats=0), UsageError, "repeats 0"),
        (lambda: make_folds([0] * 50 + [1]), TooFewSamples, "only 1 of 2 classes lie in two rows"),
        (lambda: make_folds([0, 0, 1, 1]), TooFewSamples, "4 rows cannot fill 5 folds"),
        (
            lambda: make_folds(RARE, groups=np.repeat([0, 1], 500)),
            TooFewSamples,
            "1 of 2 classes lie in two groups",
        ),
        (lambda: make_folds([0, 1] * 9, groups=[0, 1, 2] * 6), TooFewSamples, "3 groups cannot fill 5 folds"),
        (
            lambda: make_folds([0, 1] * 9, time=[0, 1, 2] * 6),
            TooFewSamples,
            "5 folds in order of time need 5",
        ),
        (
            lambda: make_folds([0] * 9 + [1], time=range(10)),
            TooFewSamples,
            "fewer than two classes have two rows",
        ),
    ],
)
def test_what_cannot_be_split(call, error, message) -> None:
    with pytest.raises(error, match=message):
        call()


def test_resampled_rows_cannot_be_split() -> None:
    made = Provenance.of_rows([0, 1, 2, 3]).then(
        Provenance(np.array([0, 1, 2, 3, -1]), np.vstack([np.eye(4), [[0.5, 0, 0.5, 0]]]))
    )
    for split in (final_split, make_folds):
        with pytest.raises(LeakError, match="1 of 5 rows .*made by a resampler; split first"):
            split([0, 0, 1, 1, 1], provenance=made)
        with pytest.raises(LeakError, match="2 of 6 rows .*repeat an original row"):
            split([0, 0, 1, 1, 1, 1], provenance=Provenance.of_rows([0, 1, 2, 3, 3, 3]))
    assert final_split(RARE, provenance=Provenance.of_rows(np.arange(1000))).left_out.tolist() == []
