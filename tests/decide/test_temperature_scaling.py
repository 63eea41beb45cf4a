from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brute
from scipy.special import log_softmax, softmax

from steelyard.checks import check_adjustment
from steelyard.core import DataError, TooFewSamples, UsageError
from steelyard.decide import PriorCorrection, TemperatureScaling
from steelyard.metrics import log_loss


def drawn(n: int = 3000, k: int = 4, *, sharp: float = 1.0, seed: int = 0):
    """Probabilities that are right, and the same sharpened."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(n, k)) * 1.5 + np.log([8, 4, 2, 1][:k])
    right = softmax(z, axis=1)
    y = (rng.random(n)[:, None] > right.cumsum(axis=1)).sum(axis=1)
    return softmax(sharp * z, axis=1), y, right


def test_a_temperature_undoes_overconfidence_and_changes_no_decision() -> None:
    p, y, right = drawn(sharp=3.0)
    scaling = TemperatureScaling().fit(p, y)
    assert scaling.temperature_ == pytest.approx(3.0, rel=0.08)
    assert scaling.shift_ == 0
    found = scaling(p)
    assert (found.argmax(1) == p.argmax(1)).all()
    assert log_loss(y, found) == pytest.approx(log_loss(y, right), abs=0.01)


def test_the_optimum_is_the_one_a_search_of_the_grid_finds() -> None:
    p, y, _ = drawn(400, 3, sharp=2.0, seed=5)
    prior = np.array([0.7, 0.2, 0.1])
    scaling = TemperatureScaling(prior).fit(p, y)

    def loss(at) -> float:
        return -log_softmax(at[0] * np.log(p) + at[1] * np.log(prior), axis=1)[np.arange(len(y)), y].mean()

    best = brute(loss, ((0.05, 3), (-2, 2)), Ns=40)
    assert 1 / scaling.temperature_ == pytest.approx(best[0], abs=1e-3)
    assert scaling.shift_ == pytest.approx(best[1], abs=2e-3)


def test_the_shift_takes_back_another_prior() -> None:
    _, y, right = drawn(20_000)
    prior = np.bincount(y) / len(y)
    flat = PriorCorrection(prior, np.full(4, 0.25))(right)
    scaling = TemperatureScaling(prior).fit(flat, y)
    assert scaling.shift_ == pytest.approx(1.0, abs=0.05)
    assert scaling.temperature_ == pytest.approx(1.0, abs=0.05)
    assert np.abs(scaling(flat) - right).mean() < 0.01
    assert TemperatureScaling(prior).fit(right, y).shift_ == pytest.approx(0.0, abs=0.05)


def test_certain_rows_leave_the_temperature_finite() -> None:
    p = np.array([[0.9, 0.1], [0.1, 0.9]])
    scaling = TemperatureScaling().fit(p, [0, 1])
    assert 0.04 < scaling.temperature_ < 0.2
    assert np.isfinite(TemperatureScaling().fit(np.eye(2), [0, 0])(np.eye(2))).all()


def test_both_numbers_can_be_given_and_classes_may_be_absent() -> None:
    p = [[0.5, 0.3, 0.2]]
    scaling = TemperatureScaling([0.5, 0.5, 0.0]).set(2.0, 1.0)
    expected = np.sqrt(p) * [[0.5, 0.5, 1.0]]
    assert scaling(p) == pytest.approx(expected / expected.sum())


def test_the_protocol_with_a_prior() -> None:
    check_adjustment(TemperatureScaling([0.9, 0.1]))
    check_adjustment(TemperatureScaling([0.7, 0.2, 0.1]), n_classes=3)


def test_what_does_not_fit() -> None:
    with pytest.raises(TooFewSamples, match="no rows"):
        TemperatureScaling().fit(np.zeros((0, 2)), [])
    with pytest.raises(DataError, match="the prior has 2"):
        TemperatureScaling([0.5, 0.5]).set(1, 0)([[0.2, 0.3, 0.5]])
    with pytest.raises(UsageError, match="prior"):
        TemperatureScaling([-1, 2])
