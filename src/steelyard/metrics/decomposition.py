"""AUROC and average precision on one footing: both are one minus a mean over the positives."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.core import Floats, TooFewSamples
from steelyard.metrics.rows import binary_scored

__all__ = ["Decomposition", "au_log_roc", "auprc_decomposition", "auroc_decomposition"]


class Decomposition(NamedTuple):
    """An area as one minus the mean of what every positive costs.

    Attributes:
        value: the area.
        terms: what each positive takes away (n₊,), 0 where no negative is scored as high.
        rows: the positives' positions in the input (n₊,).
    """

    value: float
    terms: Floats
    rows: NDArray[np.int64]


def auroc_decomposition(y: ArrayLike, scores: ArrayLike) -> Decomposition:
    r"""AUROC by what each positive costs: the false positive rate at its score.

    When to use it: to see which positives a ranking loses; beside `auprc_decomposition`, whose terms are these
    divided by how many rows are flagged.

    .. math:: \mathrm{AUROC} = 1 - E_{p_+}[\mathrm{FPR}(p_+)]

    with FPR(t) the share of negatives scored at least t. A negative tied with the positive counts half, so that
    the value is AUROC with ties too.

    Args:
        y: 0 and 1 (n,).
        scores: (n,), or (n, 2) of which the second column counts.

    Raises:
        TooFewSamples: one class only.

    >>> value, terms, rows = auroc_decomposition([1, 0, 1, 0], [0.9, 0.6, 0.4, 0.2])
    >>> value, terms.tolist(), rows.tolist()
    (0.75, [0.0, 0.5], [0, 2])

    Source: McDermott et al. (2024), A closer look at AUROC and AUPRC under class imbalance, theorem 1.
    """
    positive, negative, rows = _sides(y, scores)
    at_least = _share_above(negative, positive, "left")
    terms = (at_least + _share_above(negative, positive, "right")) / 2
    return Decomposition(float(1 - terms.mean()), terms, rows)


def auprc_decomposition(y: ArrayLike, scores: ArrayLike) -> Decomposition:
    r"""Average precision by what each positive costs: its false positive rate over the share flagged.

    When to use it: to see why average precision cares most for mistakes at the top: the same false positive
    rate costs more where few rows are flagged.

    .. math:: \mathrm{AP} = 1 - P(y = 0)\, E_{p_+}\!\left[\frac{\mathrm{FPR}(p_+)}{\mathrm{rate}(p_+)}\right]

    with rate(t) the share of all rows scored at least t. It holds with ties, which enter together.

    Args:
        y: 0 and 1 (n,).
        scores: (n,), or (n, 2) of which the second column counts.

    Raises:
        TooFewSamples: one class only.

    >>> value, terms, _ = auprc_decomposition([1, 0, 1, 0], [0.9, 0.6, 0.4, 0.2])
    >>> round(value, 4), terms.round(4).tolist()
    (0.8333, [0.0, 0.3333])

    Source: McDermott et al. (2024), A closer look at AUROC and AUPRC under class imbalance, theorem 1.
    """
    positive, negative, rows = _sides(y, scores)
    rate = _share_above(np.concatenate([positive, negative]), positive, "left")
    prevalence = len(positive) / (len(positive) + len(negative))
    terms = (1 - prevalence) * _share_above(negative, positive, "left") / rate
    return Decomposition(float(1 - terms.mean()), terms, rows)


def au_log_roc(y: ArrayLike, scores: ArrayLike) -> float:
    r"""The area under the curve of ln TPR against FPR: what average precision measures where negatives are rare.

    When to use it: to understand average precision at high prevalence, where
    :math:`\mathrm{AP} \approx 1 + \frac{P(y=0)}{P(y=1)} \int \ln \mathrm{TPR}\, d\mathrm{FPR}`.

    Every negative adds ln TPR at its score over their number. A negative above every positive makes it −∞, the
    value of that integral; tied positives count half.

    Args:
        y: 0 and 1 (n,).
        scores: (n,), or (n, 2) of which the second column counts.

    Raises:
        TooFewSamples: one class only.

    >>> round(au_log_roc([1, 0, 1, 0], [0.9, 0.6, 0.4, 0.2]), 4)
    -0.3466

    Source: McDermott et al. (2024), A closer look at AUROC and AUPRC under class imbalance.
    """
    positive, negative, _ = _sides(y, scores)
    tpr = (_share_above(positive, negative, "left") + _share_above(positive, negative, "right")) / 2
    return float(np.log(tpr).mean()) if tpr.all() else float("-inf")


def _sides(y: ArrayLike, scores: ArrayLike) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Scores of positives and negatives, and where the positives stood."""
    rows = binary_scored(y, scores, None)
    at = np.flatnonzero(rows.y == 1)
    if not 0 < len(at) < len(rows.y):
        raise TooFewSamples(f"{len(at)} of {len(rows.y)} rows are positive; pass rows of both classes")
    return rows.values[at], rows.values[rows.y == 0], at


def _share_above(among: Floats, of: Floats, side: str) -> Floats:
    """For each value the share of `among` that is at least as large ("left") or larger ("right")."""
    below = np.searchsorted(np.sort(among), of, side=side)  # type: ignore[call-overload]  # one of its literals
    return np.asarray(1 - below / len(among))
