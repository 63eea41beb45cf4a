from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from imblearn.metrics import geometric_mean_score
from sklearn.metrics import balanced_accuracy_score

from steelyard.core import Adjustment, DataError, Prior, UsageError
from steelyard.decide import LogitAdjust, PriorCorrection

share = st.floats(0.01, 0.99)


def test_one_half_at_one_half_is_one_tenth_at_one_tenth() -> None:
    assert PriorCorrection([0.5, 0.5], [0.9, 0.1])([0.5]) == pytest.approx(0.1, abs=1e-15)


@given(p=st.lists(st.floats(0, 1), min_size=1, max_size=9), a=share, b=share)
def test_there_and_back_and_order_kept(p: list[float], a: float, b: float) -> None:
    there = PriorCorrection([1 - a, a], [1 - b, b])
    back = PriorCorrection([1 - b, b], [1 - a, a])
    assert np.allclose(back(there(p)), p)
    assert (np.diff(there(np.sort(p))) >= -1e-15).all()


def test_undoes_resampling_of_a_known_posterior() -> None:
    x = np.linspace(-3, 5, 100)
    negative, positive = np.exp(-(x**2) / 2), np.exp(-((x - 2) ** 2) / 2)
    at = {pi: pi * positive / (pi * positive + (1 - pi) * negative) for pi in (0.5, 0.02)}
    assert np.allclose(PriorCorrection([0.5, 0.5], [0.98, 0.02])(at[0.5]), at[0.02], atol=1e-15)


def test_many_classes_priors_and_counts() -> None:
    p = np.array([[0.2, 0.3, 0.5]])
    moved = PriorCorrection(Prior.of([0, 1, 2]), [8, 1, 1])(p)
    expected = np.array([0.2 * 8, 0.3, 0.5])
    assert np.allclose(moved, expected / expected.sum())
    assert np.allclose(PriorCorrection([1, 1, 1], [1, 1, 0])(p), [[0.4, 0.6, 0]])


def test_a_row_certain_of_an_excluded_class_falls_back_on_the_target() -> None:
    assert PriorCorrection([0.5, 0.5], [1, 0])([[0.0, 1.0]]).tolist() == [[1, 0]]


def test_logit_adjustment_is_a_correction_to_the_uniform_prior() -> None:
    prior, p = np.array([0.7, 0.2, 0.1]), np.random.default_rng(0).dirichlet(np.ones(3), 50)
    assert np.allclose(LogitAdjust(prior)(p), PriorCorrection(prior, np.ones(3))(p))
    assert np.allclose(LogitAdjust(prior, tau=0)(p), p)
    for tau in (0.5, 1, 2):
        z = LogitAdjust(prior, tau=tau).logits(np.log(p))
        assert np.allclose(z, np.log(p) - tau * np.log(prior))
        softmax = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        assert np.allclose(LogitAdjust(prior, tau=tau)(p), softmax)


def test_logit_adjustment_serves_the_tail() -> None:
    rng = np.random.default_rng(0)
    prior = np.array([0.85, 0.12, 0.03])
    y = rng.choice(3, size=20_000, p=prior)
    x = rng.normal(size=20_000) + 1.5 * y
    likelihood = np.exp(-((x[:, None] - 1.5 * np.arange(3)) ** 2) / 2)
    p = likelihood * prior
    p /= p.sum(axis=1, keepdims=True)
    plain, adjusted = p.argmax(axis=1), LogitAdjust(Prior.of(y))(p).argmax(axis=1)
    assert balanced_accuracy_score(y, adjusted) > balanced_accuracy_score(y, plain) + 0.1
    assert geometric_mean_score(y, adjusted) > geometric_mean_score(y, plain) + 0.1


def test_both_are_adjustments() -> None:
    for adjust in (PriorCorrection([0.5, 0.5], [0.9, 0.1]), LogitAdjust([0.9, 0.1])):
        assert isinstance(adjust, Adjustment)
        assert adjust.fit([0.5], [1]) is adjust


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: PriorCorrection([0.5, 0.5], [1, 1, 1]), UsageError, "2 classes and the target 3"),
        (lambda: PriorCorrection([1, 0], [0.5, 0.5]), UsageError, "must have had some rows"),
        (lambda: PriorCorrection([0.5, 0.5], [0.5, -0.5]), UsageError, "target prior is"),
        (lambda: PriorCorrection([0.5, 0.5], [0.9, 0.1])([[1, 0, 0]]), DataError, "3 classes came"),
        (lambda: LogitAdjust([1, 0]), UsageError, "must have had some rows"),
        (lambda: LogitAdjust([0.9, 0.1]).logits([1.0]), DataError, "one column a class"),
    ],
)
def test_errors(call, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call()
