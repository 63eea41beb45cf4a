"""How many of independent events with different probabilities happen."""

from __future__ import annotations

import numpy as np
from scipy.signal import lfilter

from steelyard.core import Floats

__all__: list[str] = []

NOTHING = 1e-15  # probabilities below this are left out at both ends: FFT noise lies below


def distribution(p: Floats) -> Floats:
    """P(S = s) for s = 0..n of a sum of independent 0/1 with probabilities p (n,), by a tree of FFT products."""
    level = np.column_stack([1 - p, p])
    while len(level) > 1:
        if len(level) % 2:
            level = np.vstack([level, np.eye(1, level.shape[1])])
        size = 2 * level.shape[1] - 1
        left, right = (np.fft.rfft(half, size, axis=1) for half in (level[::2], level[1::2]))
        level = np.maximum(np.fft.irfft(left * right, size, axis=1), 0)
    found = level[0][: len(p) + 1]
    return np.asarray(found / found.sum())


def window(probability: Floats) -> tuple[int, int]:
    """The first and one past the last place that holds more than nothing."""
    inside = np.flatnonzero(probability > NOTHING)
    return int(inside[0]), int(inside[-1]) + 1


def without(probability: Floats, p: float) -> Floats:
    """The distribution with one event of probability p taken out, on the same places (the last one is 0).

    Each value follows from its neighbour; going up for rare events and down for likely ones keeps errors from
    growing.
    """
    if p <= 0.5:
        return np.asarray(lfilter([1 / (1 - p)], [1, p / (1 - p)], probability))
    down = lfilter([1 / p], [1, (1 - p) / p], probability[::-1])[::-1]
    return np.append(down[1:], 0.0)
