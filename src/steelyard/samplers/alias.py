"""Draw classes by their shares in constant time each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from steelyard.core import Floats


class AliasTable:
    """Walker's method: every column holds at most two classes, so one number decides.

    The draws are worked off in pieces that fit the processor's cache.
    """

    def __init__(self, shares: Floats) -> None:
        k = len(shares)
        self.keep = np.asarray(shares / shares.sum() * k)
        self.other = np.arange(k)
        small = np.flatnonzero(self.keep < 1).tolist()
        large = np.flatnonzero(self.keep >= 1).tolist()
        while small and large:
            low, high = small.pop(), large[-1]
            self.other[low] = high
            self.keep[high] -= 1 - self.keep[low]
            if self.keep[high] < 1:
                small.append(large.pop())
        self.keep[[*small, *large]] = 1.0  # what rounding left over

    def draw(self, n: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """`n` classes, independent of each other."""
        u = rng.random(n)
        u *= len(self.keep)
        column = u.astype(np.int64)
        u -= column
        return np.where(u < self.keep[column], column, self.other[column])
