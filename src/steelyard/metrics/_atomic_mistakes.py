"""Pairs of neighbours in the wrong order, and what AUROC and average precision gain by turning one round."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.core import DataError, Floats
from steelyard.metrics.rows import binary_scored

__all__ = ["Mistakes", "atomic_mistakes"]


class Mistakes(NamedTuple):
    """The atomic mistakes of a ranking, from the top down.

    Attributes:
        negatives, positives: positions of the two rows of each mistake in the input (m,).
        rank: the negative's rank from the top, 1 for the highest score (m,).
        auroc_gain: what AUROC gains by exchanging any one of the pairs.
        ap_gain: what average precision gains by exchanging each pair (m,).
    """

    negatives: NDArray[np.int64]
    positives: NDArray[np.int64]
    rank: NDArray[np.int64]
    auroc_gain: float
    ap_gain: Floats


def atomic_mistakes(y: ArrayLike, scores: ArrayLike) -> Mistakes:
    r"""Find every negative that stands directly above a positive.

    When to use it: to see what a metric rewards. To AUROC all such mistakes are alike, to average precision those
    at the top weigh most.

    Exchanging a pair whose negative has rank r from the top, with k positives down to and including its positive,
    adds :math:`\frac{1}{n_+ n_-}` to AUROC and :math:`\frac{k}{n_+\, r (r + 1)}` to average precision.

    Args:
        y: 0 and 1 (n,).
        scores: (n,), or (n, 2) of which the second column counts; no two equal.

    Raises:
        DataError: two rows have the same score.

    >>> found = atomic_mistakes([1, 0, 1, 0, 1], [0.9, 0.6, 0.4, 0.3, 0.2])
    >>> found.rank.tolist(), round(found.auroc_gain, 4), found.ap_gain.round(4).tolist()
    ([2, 4], 0.1667, [0.1111, 0.05])

    Source: McDermott et al. (2024), A closer look at AUROC and AUPRC under class imbalance.
    """
    rows = binary_scored(y, scores, None)
    order = np.argsort(-rows.values)
    if (np.diff(rows.values[order]) == 0).any():
        raise DataError(
            "two rows have the same score, so which stands above is open; add a small jitter first"
        )
    hit = rows.y[order] == 1
    at = np.flatnonzero(~hit[:-1] & hit[1:])
    n = int(hit.sum())
    rank, k = at + 1, np.cumsum(hit)[at + 1]
    gain = 1 / (n * (len(hit) - n)) if 0 < n < len(hit) else float("nan")
    return Mistakes(order[at], order[at + 1], rank, gain, k / (max(n, 1) * rank * (rank + 1)))


CARD = {
    "lever": "metrics",
    "name": "atomic_mistakes",
    "title": "Adjacent pairs in the wrong order and what metrics gain by fixing them",
    "seeds": ["016"],
    "since": "0.1",
    "status": "verified",
    "source": "McDermott et al. (2024), A closer look at AUROC and AUPRC under class imbalance",
    "facts": {"label": "atomic mistakes", "takes": "scores", "gives": "pairs"},
}
