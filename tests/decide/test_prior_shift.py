from __future__ import annotations

import numpy as np
import pytest

from steelyard.core import DataError, Prior, UsageError
from steelyard.decide import estimate_prior


def world(seed: int, n: int, share: np.ndarray, at: np.ndarray, gap: float = 2.0, drift: float = 0.0):
    """Labels drawn at `share`, and the true posterior at prior `at` of one feature."""
    rng = np.random.default_rng(seed)
    y = rng.choice(len(share), size=n, p=share)
    x = rng.normal(size=n) + gap * y + drift
    p = np.exp(-((x[:, None] - gap * np.arange(len(share))) ** 2) / 2) * at
    return p / p.sum(axis=1, keepdims=True), y


TRAIN = np.array([0.9, 0.1])


@pytest.mark.parametrize("target", [0.01, 0.1, 0.5])
@pytest.mark.parametrize("method", ["em", "bbse"])
def test_recovers_a_shifted_prior(method: str, target: float) -> None:
    share = np.array([1 - target, target])
    p, _ = world(0, 20_000, share, TRAIN)
    known = world(1, 20_000, TRAIN, TRAIN)
    estimate = estimate_prior(p, TRAIN, method, known=known)
    assert estimate.p == pytest.approx(share, abs=0.01)
    assert abs(estimate.p[1] - target) < 4 * estimate.standard_error[1] + 0.002
    assert estimate.p.sum() == pytest.approx(1)
    assert (estimate.reliable, estimate.reason) == (True, "")


@pytest.mark.parametrize("method", ["em", "bbse"])
def test_recovers_three_classes(method: str) -> None:
    train, share = np.array([0.7, 0.2, 0.1]), np.array([0.2, 0.3, 0.5])
    p, _ = world(0, 20_000, share, train)
    estimate = estimate_prior(
        p, Prior(tuple("abc"), 100 * train), method, known=world(1, 20_000, train, train)
    )
    assert estimate.p == pytest.approx(share, abs=0.03)
    assert estimate.reliable


def test_em_is_the_maximum_of_the_likelihood() -> None:
    p, _ = world(3, 500, np.array([0.6, 0.4]), TRAIN, gap=1.0)
    grid = np.linspace(0.001, 0.999, 9999)
    likelihood = [np.log(p[:, 0] / 0.9 * (1 - q) + p[:, 1] / 0.1 * q).sum() for q in grid]
    assert estimate_prior(p, TRAIN).p[1] == pytest.approx(grid[int(np.argmax(likelihood))], abs=1e-4)


def test_em_is_a_fixed_point_even_when_classes_overlap_badly() -> None:
    p, _ = world(0, 5000, np.array([0.7, 0.3]), TRAIN, gap=0.4)
    q = estimate_prior(p, TRAIN).p
    ratio = p / TRAIN * q
    assert (ratio / ratio.sum(axis=1, keepdims=True)).mean(axis=0) == pytest.approx(q, abs=1e-6)


def test_bbse_is_exact_on_exact_means() -> None:
    # two kinds of rows only: the mixture 0.25 / 0.75 of the known class means, to the last digit
    known = np.array([[0.8, 0.2], [0.3, 0.7]]), np.array([0, 1])
    new = np.array([[0.8, 0.2], [0.3, 0.7], [0.3, 0.7], [0.3, 0.7]])
    assert estimate_prior(new, [0.5, 0.5], "bbse", known=known).p == pytest.approx([0.25, 0.75], abs=1e-12)


def test_standard_errors_are_of_the_right_size() -> None:
    share = np.array([0.8, 0.2])
    for method, known in (("em", None), ("bbse", world(99, 20_000, TRAIN, TRAIN))):
        found = [
            estimate_prior(world(s, 500, share, TRAIN)[0], TRAIN, method, known=known) for s in range(60)
        ]
        spread = np.std([one.p[1] for one in found])
        assert np.mean([one.standard_error[1] for one in found]) == pytest.approx(spread, rel=0.3)


def test_few_rows_are_called_unreliable() -> None:
    p, _ = world(0, 15, np.array([0.95, 0.05]), TRAIN)
    estimate = estimate_prior(p, TRAIN)
    assert not estimate.reliable
    assert "more rows are needed" in estimate.reason


@pytest.mark.parametrize("method", ["em", "bbse"])
def test_another_kind_of_drift_is_called_unreliable(method: str) -> None:
    p, _ = world(0, 5000, TRAIN, TRAIN, drift=1.0)
    estimate = estimate_prior(p, TRAIN, method, known=world(1, 5000, TRAIN, TRAIN))
    assert not estimate.reliable
    assert "more than the class shares has changed" in estimate.reason


def test_scores_without_information_are_called_unreliable() -> None:
    rng = np.random.default_rng(0)
    positive = 0.1 + 1e-5 * rng.random(400)
    p = np.column_stack([1 - positive, positive])
    known = p, (rng.random(400) < 0.1).astype(int)
    assert "hard to tell apart" in estimate_prior(p, TRAIN, "bbse", known=known).reason
    assert not estimate_prior(p, TRAIN, "em").reliable


def test_weights_count_as_rows() -> None:
    p, _ = world(0, 300, np.array([0.6, 0.4]), TRAIN)
    times = np.arange(300) % 3
    weighted = estimate_prior(p, TRAIN, sample_weight=times.astype(float))
    assert weighted.p == pytest.approx(estimate_prior(np.repeat(p, times, axis=0), TRAIN).p, abs=1e-6)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: estimate_prior([0.5], TRAIN, "guess"), UsageError, "'guess', expected 'em' or 'bbse'"),
        (lambda: estimate_prior([0.5], TRAIN, "bbse"), UsageError, "needs known rows"),
        (lambda: estimate_prior([0.5], [1, 0]), UsageError, "share above 0"),
        (lambda: estimate_prior([0.5], [0.5, 0.3, 0.2]), UsageError, "2 classes"),
        (lambda: estimate_prior([0.5], TRAIN, sample_weight=[0]), DataError, "positive weight"),
        (lambda: estimate_prior([0.5], TRAIN, "bbse", known=([0.5], [1])), DataError, "none of class"),
        (lambda: estimate_prior([0.5], TRAIN, "bbse", known=(np.eye(3), [0, 1, 2])), DataError, "3 classes"),
    ],
)
def test_errors(call, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call()
