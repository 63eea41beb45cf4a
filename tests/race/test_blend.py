from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from steelyard.race.blend import learn_shares


def _two_models(n: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    truth = rng.random(n)
    y = rng.random(n) < truth
    given = [np.clip(truth + rng.normal(0, spread, n), 0.02, 0.98) for spread in (0.15, 0.3)]
    return np.column_stack([np.where(y, p, 1 - p) for p in given]), y


def test_the_shares_are_those_of_highest_likelihood() -> None:
    right, _ = _two_models()
    best = minimize_scalar(lambda s: -np.log(right @ [s, 1 - s]).sum(), bounds=(0, 1), method="bounded").x
    assert learn_shares(right)[0] == pytest.approx(best, abs=0.02)


def test_a_model_that_is_always_worse_gets_nothing_and_equal_ones_share() -> None:
    right, _ = _two_models()
    shares = learn_shares(np.column_stack([right[:, 0], right[:, 0], right.min(axis=1) / 2]))
    assert shares[0] == pytest.approx(shares[1])
    assert shares[2] < 0.01


def test_weights_count_rows_several_times() -> None:
    right, _ = _two_models(60)
    weight = np.random.default_rng(1).integers(0, 4, 60)
    assert np.allclose(learn_shares(right, weight), learn_shares(np.repeat(right, weight, axis=0)))


def test_without_rows_the_shares_are_equal() -> None:
    assert learn_shares(np.zeros((0, 4))).tolist() == [0.25] * 4
