from __future__ import annotations

import numpy as np
import pytest

from steelyard.core import TooFewSamples, UsageError
from steelyard.data import label_noise, shift_prior

Y = np.repeat([0, 1, 2], [600, 300, 100])


def test_exactly_the_asked_share_of_each_class_flips() -> None:
    rows, labels = label_noise(Y, 0.1)
    assert np.bincount(Y[rows]).tolist() == [60, 30, 10]
    assert (labels != Y[rows]).all()
    assert (np.diff(rows) > 0).all()
    noisy = Y.copy()
    noisy[rows] = labels
    assert (noisy != Y).sum() == 100
    assert len(set(labels[Y[rows] == 0])) == 2


def test_noise_on_one_class_in_one_direction() -> None:
    towards = [[0, 1, 0], [1, 0, 0], [0, 1, 0]]
    rows, labels = label_noise(Y, {2: 0.5, 0: 0.1}, towards=towards)
    assert np.bincount(Y[rows], minlength=3).tolist() == [60, 0, 50]
    assert set(labels) == {1}


def test_no_noise_and_text_labels() -> None:
    rows, labels = label_noise(np.array(["a", "bb"] * 5), 0)
    assert len(rows) == len(labels) == 0
    rows, labels = label_noise(np.array(["a", "bb"] * 5), 1)
    assert rows.tolist() == list(range(10))
    assert labels.tolist() == ["bb", "a"] * 5


def test_the_prior_is_shifted_as_far_as_rows_allow() -> None:
    assert np.bincount(Y[shift_prior(Y, [1, 1, 1])]).tolist() == [100, 100, 100]
    assert np.bincount(Y[shift_prior(Y, {2: 0.5, 0: 0.5})], minlength=3).tolist() == [100, 0, 100]
    assert np.bincount(Y[shift_prior(Y, [0.1, 0.1, 0.8], size=100)]).tolist() == [10, 10, 80]
    assert np.bincount(Y[shift_prior(Y, [1, 1, 1], size=100)]).sum() == 100
    rows = shift_prior(Y, [1, 1, 1], seed=3)
    assert np.array_equal(rows, shift_prior(Y, [1, 1, 1], seed=3))
    assert len(np.unique(rows)) == len(rows)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: label_noise(Y, 1.5), UsageError),
        (lambda: label_noise(Y, {7: 0.1}), UsageError),
        (lambda: label_noise(Y, 0.1, towards=[[1]]), UsageError),
        (lambda: label_noise(Y, 0.1, towards=np.zeros((3, 3))), UsageError),
        (lambda: shift_prior(Y, [1, 1]), UsageError),
        (lambda: shift_prior(Y, [0, 0, 0]), UsageError),
        (lambda: shift_prior(Y, [-1, 1, 1]), UsageError),
        (lambda: shift_prior(Y, {9: 1}), UsageError),
        (lambda: shift_prior(Y, [0, 0, 1], size=101), TooFewSamples),
    ],
)
def test_what_cannot_be_done(call, error) -> None:
    with pytest.raises(error):
        call()
