from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit

from steelyard.core import DataError
from steelyard.decide import calibration_in_the_large, choose_calibration


def truth(seed: int, n: int, share: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    """The true posterior of a score and labels drawn from it."""
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < share).astype(int)
    x = rng.normal(size=n) + 1.5 * y
    return expit(1.5 * x - 1.125 + logit(share)), y


def folds(n: int) -> np.ndarray:
    return np.arange(n) % 5


@pytest.mark.parametrize("seed", range(3))
def test_right_probabilities_are_left_alone(seed: int) -> None:
    p, y = truth(seed, 4000)
    name, calibration, losses = choose_calibration(p, y, folds(4000))
    assert name == "none"
    assert calibration(p).tolist() == p.tolist()
    assert set(losses) == {"none", "sigmoid", "beta", "isotonic", "venn_abers"}


def test_stretched_probabilities_get_a_sigmoid() -> None:
    p, y = truth(0, 4000)
    name, calibration, losses = choose_calibration(expit(2 * logit(p) + 1), y, folds(4000))
    assert name == "sigmoid"
    assert losses["sigmoid"] < losses["none"]
    assert np.abs(calibration(expit(2 * logit(p) + 1)) - p).max() < 0.1


def test_a_shape_no_line_follows_gets_a_step_function() -> None:
    p, y = truth(0, 6000, share=0.3)
    bent = np.where(p < 0.3, p / 3, 0.1 + 0.89 * (p > 0.6) + 0.01 * p)
    name, calibration, losses = choose_calibration(bent, y, folds(6000))
    assert name in {"isotonic", "venn_abers"}
    assert losses[name] < min(losses["sigmoid"], losses["beta"]) - 0.01
    assert "ties" in calibration.note_


def test_losses_are_cross_fitted_log_loss_by_hand() -> None:
    from steelyard.decide import SigmoidCalibration

    p, y = truth(1, 500)
    fold, weight = folds(500), np.random.default_rng(0).uniform(0, 2, 500)
    _, _, losses = choose_calibration(p, y, fold, sample_weight=weight)
    rows = np.empty(500)
    for k in range(5):
        held = fold == k
        q = SigmoidCalibration().fit(p[~held], y[~held], weight[~held])(p[held])
        rows[held] = -np.log(np.where(y[held] == 1, q, 1 - q))
    assert losses["sigmoid"] == pytest.approx(np.average(rows, weights=weight))
    plain = -np.log(np.where(y == 1, p, 1 - p))
    assert losses["none"] == pytest.approx(np.average(plain, weights=weight))


def test_few_positives_decline_step_functions_with_a_reason() -> None:
    p, y = truth(0, 1000, share=0.03)
    _, calibration, losses = choose_calibration(p, y, folds(1000))
    assert set(losses) == {"none", "sigmoid", "beta"}
    assert f"isotonic was not tried: the rarest class has {y.sum()} rows" in calibration.note_
    assert "venn_abers was not tried" in calibration.note_


def test_none_gives_way_when_it_is_wrong_on_average() -> None:
    # so few positives that no difference in log loss is significant, yet four times too much is promised
    y = np.zeros(300, dtype=int)
    y[[7, 100, 201, 250]] = 1
    p = np.full(300, 4 * 4 / 300) * np.random.default_rng(0).uniform(0.5, 1.5, 300)
    name, calibration, losses = choose_calibration(p, y, folds(300))
    assert name == "sigmoid"
    assert calibration_in_the_large(calibration(p), y) == pytest.approx(1, abs=1e-6)
    assert set(losses) == {"none", "sigmoid", "beta"}


@pytest.mark.parametrize("positives", [0, 1])
def test_without_positives_to_learn_from_nothing_is_changed(positives: int) -> None:
    y = np.zeros(50, dtype=int)
    y[:positives] = 1
    p = np.linspace(0.01, 0.2, 50)
    name, calibration, losses = choose_calibration(p, y, folds(50))
    assert name == "none"
    assert list(losses) == ["none"]
    assert "sigmoid was not tried: calibration needs rows of both classes" in calibration.note_


def test_many_classes() -> None:
    rng = np.random.default_rng(0)
    y = rng.choice(3, size=3000, p=[0.8, 0.15, 0.05])
    z = rng.normal(size=(3000, 3))
    z[np.arange(3000), y] += 1
    p = np.exp(2 * z)
    p /= p.sum(axis=1, keepdims=True)
    name, calibration, losses = choose_calibration(p, y, folds(3000))
    assert name == "sigmoid"
    assert losses["sigmoid"] < losses["none"] - 0.1
    assert 0.8 < calibration_in_the_large(calibration(p), y) < 1.25


def test_dealt_folds_depend_on_the_seed_alone() -> None:
    p, y = truth(0, 300)
    first, again = choose_calibration(p, y, seed=1)[2], choose_calibration(p, y, seed=1)[2]
    assert first == again
    assert first != choose_calibration(p, y, seed=2)[2]


def test_one_fold_is_refused() -> None:
    with pytest.raises(DataError, match="at least two folds"):
        choose_calibration([0.1, 0.9], [0, 1], [0, 0])
