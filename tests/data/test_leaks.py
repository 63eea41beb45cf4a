"""Try to cheat: every way of letting test rows into training is caught."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling import SMOTE, RandomOverSampler
from scipy import sparse
from sklearn.dummy import DummyClassifier
from sklearn.preprocessing import StandardScaler

from steelyard.core import DataError, LeakError, UsageError
from steelyard.data import (
    Provenance,
    TrainOnly,
    assert_disjoint,
    duplicate_groups,
    final_split,
    make_folds,
)


@pytest.fixture
def table() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(300, 4)), columns=list("abcd"))
    return frame.assign(y=(rng.random(300) < 0.1).astype(int))


class Silent:
    """A resampler that says nothing about where its rows come from."""

    def fit_resample(self, X, y):
        made = X[y == 1].mean(axis=0, keepdims=True) + 1e-3 * np.arange(5)[:, None]
        return np.vstack([X, made]), np.append(y, [1] * 5)


def test_cheat_resample_then_split(table) -> None:
    X, y = table[["a", "b", "c", "d"]].to_numpy(), table["y"].to_numpy()
    for resampler in (SMOTE(random_state=0), RandomOverSampler(random_state=0), Silent()):
        guarded = TrainOnly(resampler, evaluation=[])
        _, y_more = guarded.fit_resample(X, y, rows=np.arange(300))
        with pytest.raises(LeakError, match="split first, then resample the training part alone"):
            final_split(y_more, provenance=guarded.provenance_)
        with pytest.raises(LeakError, match="split first"):
            make_folds(y_more, provenance=guarded.provenance_)
        # and the same when the split was made without telling
        split = final_split(y_more)
        with pytest.raises(LeakError):
            assert_disjoint(split.train, split.test, provenance=guarded.provenance_)


def test_cheat_fit_on_everything(table) -> None:
    split = final_split(table["y"])
    X = table[["a", "b", "c", "d"]]
    for step, name in ((StandardScaler(), "fit"), (SMOTE(), "fit_resample"), (DummyClassifier(), "fit")):
        guarded = TrainOnly(step, evaluation=split.test)
        with pytest.raises(LeakError, match="on 60 evaluation rows"):
            getattr(guarded, name)(X, table["y"])
        getattr(guarded, name)(X.iloc[split.train], table["y"].iloc[split.train])
    scaler = TrainOnly(StandardScaler(), evaluation=split.test)
    with pytest.raises(LeakError, match="StandardScaler was to fit and transform on 60 evaluation rows"):
        scaler.fit_transform(X)
    assert scaler.fit_transform(X.iloc[split.train]).shape == (240, 4)
    assert scaler.transform(X).shape == (300, 4)  # applying to test rows is what they are for
    assert scaler.fit(X.iloc[split.train]) is scaler
    assert scaler.mean_.shape == (4,)


def test_cheat_one_test_row_among_training_rows(table) -> None:
    split = final_split(table["y"])
    guarded = TrainOnly(DummyClassifier(), evaluation=split.test)
    rows = np.append(split.train, split.test[0])
    with pytest.raises(LeakError, match=f"on 1 evaluation rows .row {split.test[0]} "):
        guarded.fit(np.zeros((len(rows), 1)), np.zeros(len(rows)), rows=rows)


def test_cheat_through_made_rows(table) -> None:
    """Rows made from test rows are refused by the next step, though none of them is a test row."""
    X, y = table[["a", "b", "c", "d"]].to_numpy(), table["y"].to_numpy()
    split = final_split(y)
    early = TrainOnly(SMOTE(random_state=0), evaluation=[])
    X_more, y_more = early.fit_resample(X, y, rows=np.arange(300))
    made = np.flatnonzero(early.provenance_.synthetic)
    learner = TrainOnly(DummyClassifier(), evaluation=split.test)
    with pytest.raises(LeakError, match="evaluation rows"):
        learner.fit(X_more[made], y_more[made], rows=early.provenance_.take(made))
    honest = TrainOnly(SMOTE(random_state=0), evaluation=split.test)
    X_more, y_more = honest.fit_resample(X[split.train], y[split.train], rows=split.train)
    learner.fit(X_more, y_more, rows=honest.provenance_)


def test_cheat_group_straddles() -> None:
    groups = np.repeat(["a", "b", "c"], 4)
    with pytest.raises(LeakError, match=r"1 groups .*'b' in training row 4 and test row 6"):
        assert_disjoint([0, 1, 2, 3, 4, 5], range(6, 12), groups=groups)
    assert_disjoint(range(8), range(8, 12), groups=groups)
    assert_disjoint([0], [1], groups=[None, None])


def test_cheat_future_rows() -> None:
    day = pd.to_datetime(["2020-01-01", "2020-01-02", "2020-01-02", "2020-01-03"])
    assert_disjoint([0], [1, 2, 3], time=day)
    with pytest.raises(LeakError, match=r"1 training rows are not earlier .*row 2 is the latest"):
        assert_disjoint([0, 2], [1, 3], time=day)
    with pytest.raises(LeakError, match="1 training rows are not earlier"):
        assert_disjoint([0, 3], [2], time=day)


def test_cheat_copies_of_test_rows() -> None:
    frame = pd.DataFrame({"x": [1.0, 2.0, 1.0, np.nan, np.nan], "w": ["a", "b", "a", None, None]})
    with pytest.raises(LeakError, match=r"1 equal rows .*training row 0 and test row 2"):
        assert_disjoint([0, 1], [2], frame=frame)
    with pytest.raises(LeakError, match="training row 3 and test row 4"):
        assert_disjoint([3], [4], frame=frame)
    assert_disjoint([0, 2], [1, 3], frame=frame)


def test_cheat_same_row_twice() -> None:
    with pytest.raises(LeakError, match="1 rows are in training and in test .row 2 for one"):
        assert_disjoint([0, 2], [1, 2])


def test_cheat_parents_in_the_test_part() -> None:
    parents = sparse.csr_array(np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.5, 0, 0.5]]))
    account = Provenance(np.array([0, 1, 2, -1]), parents)
    with pytest.raises(LeakError, match="made from, 1 original rows of the test part .row 2 for one"):
        assert_disjoint([0, 1, 3], [2], provenance=account)
    assert_disjoint([0, 2, 3], [1], provenance=account)
    with pytest.raises(LeakError, match="1 of 1 rows .* made by a resampler"):
        assert_disjoint([0, 1, 2], [3], provenance=account)


def test_duplicates_and_groups_hang_together() -> None:
    frame = pd.DataFrame({"x": [1, 2, 1, 3, 2, 4], "w": list("abacbd")})
    assert duplicate_groups(frame).tolist() == [0, 1, 0, 2, 1, 3]
    assert duplicate_groups(frame[["w"]], groups=["p", "q", "q", "r", "s", None]).tolist() == [
        0,
        0,
        0,
        1,
        0,
        2,
    ]
    assert duplicate_groups(frame, groups=[None] * 6).tolist() == [0, 1, 0, 2, 1, 3]
    with pytest.raises(DataError, match="6 rows came with 1 groups"):
        duplicate_groups(frame, groups=["p"])


def test_nothing_says_which_rows_these_are() -> None:
    guarded = TrainOnly(DummyClassifier(), evaluation=[0])
    with pytest.raises(UsageError, match="nothing says which rows these are"):
        guarded.fit([[0]], [0])
    with pytest.raises(UsageError, match="1 rows came with 2 positions"):
        guarded.fit([[0]], [0], rows=[1, 2])
    with pytest.raises(UsageError, match="none negative"):
        guarded.fit([[0]], [0], rows=[-1])
