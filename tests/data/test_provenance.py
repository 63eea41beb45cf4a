from __future__ import annotations

import copy

import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling import SMOTE, RandomOverSampler
from imblearn.under_sampling import RandomUnderSampler
from scipy import sparse
from sklearn.dummy import DummyClassifier

from steelyard.core import DataError, LeakError
from steelyard.data import Provenance, TrainOnly

X = np.random.default_rng(0).normal(size=(40, 3))
Y = np.repeat([0, 1], [30, 10])
ROWS = np.arange(100, 140)


def account(step, X=X, y=Y, rows=ROWS) -> tuple[Provenance, np.ndarray]:
    guarded = TrainOnly(step, evaluation=[0])
    X_out, _ = guarded.fit_resample(X, y, rows=rows)
    return guarded.provenance_, X_out


def test_chosen_rows_keep_their_numbers() -> None:
    found, X_out = account(RandomUnderSampler(random_state=0))
    assert len(found) == 20
    assert not found.synthetic.any()
    assert np.array_equal(X_out, X[found.origin - 100])
    assert found.ancestors([0]).tolist() == [found.origin[0]]


def test_repeated_rows_are_known() -> None:
    found, _ = account(RandomOverSampler(random_state=0))
    assert len(found) == 60
    assert not found.synthetic.any()
    with pytest.raises(LeakError, match="20 of 60 rows .*repeat"):
        found.refuse_evaluation()
    found.refuse_evaluation(np.arange(40))


def test_shaken_copies_are_made_rows_of_one_parent() -> None:
    found, X_out = account(RandomOverSampler(random_state=0, shrinkage=0.1))
    changed = ~np.isin(X_out[:, 0], X[:, 0])
    assert np.array_equal(found.synthetic, changed)
    assert changed.any()
    assert (np.diff(found.parents.indptr) == 1).all()


def test_rows_of_unknown_origin_may_come_from_anywhere() -> None:
    found, _ = account(SMOTE(random_state=0))
    assert found.synthetic.sum() == 20
    assert np.array_equal(found.origin[:40], ROWS)
    assert np.array_equal(found.ancestors([45]), ROWS)
    assert found.take([45]).ancestors().tolist() == ROWS.tolist()
    with pytest.raises(LeakError, match="20 of 60 rows"):
        found.refuse_evaluation()


def test_frames_and_sparse_rows() -> None:
    frame = pd.DataFrame(X, index=ROWS)
    guarded = TrainOnly(SMOTE(random_state=0), evaluation=[0])
    guarded.fit_resample(frame, Y)
    assert guarded.provenance_.synthetic.sum() == 20
    found, _ = account(SMOTE(random_state=0), X=sparse.csr_array(X))
    assert found.synthetic.sum() == 20


class Told:
    """A sampler that gives a full account, as steelyard's do."""

    def fit_resample(self, X, y):
        self.origin_ = np.array([0, 1, -1])
        self.parents_ = sparse.csr_array(np.array([[1, 0, 0], [0, 1, 0], [0.25, 0.75, 0]]))
        return np.zeros((3, 1)), [0, 1, 1]


def test_an_account_is_taken_at_its_word_and_chains() -> None:
    found, _ = account(Told(), X=np.zeros((3, 1)), y=[0, 1, 1], rows=[5, 7, 9])
    assert found.origin.tolist() == [5, 7, -1]
    assert found.ancestors([2]).tolist() == [5, 7]
    again = TrainOnly(Told(), evaluation=[0])
    again.fit_resample(np.zeros((3, 1)), [0, 1, 1], rows=found)
    assert again.provenance_.origin.tolist() == [5, 7, -1]
    refused = TrainOnly(Told(), evaluation=[7])
    with pytest.raises(LeakError, match="Told was to fit and resample on 1 evaluation rows .row 7"):
        refused.fit_resample(np.zeros((3, 1)), [0, 1, 1], rows=found)


def test_a_wrong_account_is_refused() -> None:
    with pytest.raises(DataError, match="speaks of 3 rows, there were 2"):
        Provenance.of_rows([1, 2]).then(Provenance.of_rows([0, 2]))


def test_everything_else_passes_through() -> None:
    guarded = TrainOnly(DummyClassifier(strategy="prior"), evaluation=[])
    assert guarded.get_params()["strategy"] == "prior"
    assert not hasattr(guarded, "transform")
    assert not hasattr(guarded, "fit_resample")
    guarded.fit(X, Y, rows=ROWS, sample_weight=np.ones(40))
    assert guarded.class_prior_.tolist() == [0.75, 0.25]
    assert copy.deepcopy(guarded).predict(X).shape == (40,)
