"""Images repeated for the sake of their rarest label."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import Floats, UsageError
from steelyard.samplers.stream import Positions, Stream

__all__ = ["RepeatFactor"]


class RepeatFactor(Stream[int]):
    r"""Every row comes at least once an epoch; rows with a rare label come oftener.

    When to use it: detection and multi-label data on a long tail, where a row cannot be drawn for one label alone.

    Label k with a share :math:`f_k` of the rows has :math:`r_k = \max(1, \sqrt{t / f_k})`; a row has the largest
    of its labels' factors. Its whole part is repeated, the rest by chance, anew each epoch.

    Args:
        Y: indicators (n, L).
        threshold: t, the share from which labels are no longer repeated.
        seed, rank, world_size: see `Stream`.

    Raises:
        UsageError: indicators that are not (n, L), or a threshold that is not positive.

    >>> Y = np.zeros((100, 2), dtype=int)
    >>> Y[:, 0] = 1
    >>> Y[:4, 1] = 1  # a label in 4 % of the rows
    >>> RepeatFactor(Y, threshold=0.16).factors[[0, 99]].tolist()
    [2.0, 1.0]

    Source: Gupta, Dollár, Girshick (2019), LVIS: A Dataset for Large Vocabulary Instance Segmentation.
    """

    def __init__(
        self, Y: ArrayLike, *, threshold: float = 1e-3, seed: int = 0, rank: int = 0, world_size: int = 1
    ) -> None:
        super().__init__(seed=seed, rank=rank, world_size=world_size)
        matrix = np.asarray(Y) > 0
        if matrix.ndim != 2 or not len(matrix):
            raise UsageError(f"indicators have shape {matrix.shape}, expected rows × labels")
        if not threshold > 0:
            raise UsageError(f"threshold is {threshold}, expected a positive share of the rows")
        share = matrix.mean(axis=0)
        label = np.maximum(1.0, np.sqrt(threshold / np.where(share > 0, share, np.inf)))
        self.factors: Floats = np.where(matrix, label, 1.0).max(axis=1, initial=1.0)
        # the length is fixed, so that all epochs and processes agree: chance decides which rows, not how many
        self.per_epoch = int(np.floor(self.factors).sum() + round(float((self.factors % 1).sum())))

    def epoch_of(self, rng: np.random.Generator) -> Positions:
        """Whole parts, and a systematic draw of the fractions."""
        order = rng.permutation(len(self.factors))
        whole, rest = np.floor(self.factors[order]), self.factors[order] % 1
        extra = self.per_epoch - int(whole.sum())
        ends = np.cumsum(rest) * (extra / rest.sum() if rest.any() else 0.0)
        ends[-1] = extra  # exactly, whatever the rounding
        times = whole + np.diff(np.floor(ends + rng.random()), prepend=0.0)
        rows = np.repeat(order, times.astype(np.int64))
        rng.shuffle(rows)
        return rows


CARD = {
    "lever": "samplers",
    "name": "RepeatFactor",
    "title": "Repeat-factor sampling",
    "seeds": ["059"],
    "needs": [],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Gupta, Dollár, Girshick (2019), LVIS",
    "facts": {"makes": "rows", "takes": "indicators"},
}
