"""How far an observed share could be off."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from steelyard.core import Floats, UsageError

__all__ = ["wilson_interval"]


def wilson_interval(hits: ArrayLike, trials: ArrayLike, *, confidence: float = 0.95) -> tuple[Floats, Floats]:
    r"""The score interval of a share.

    When to use it: for recalls, precisions and observed frequencies, also of few rows, where the normal
    interval leaves the range from 0 to 1 or has no width.

    With :math:`\hat p = h/n` and the normal quantile z: centre :math:`(\hat p + z^2/2n)/(1 + z^2/n)`, half width
    :math:`z\sqrt{\hat p(1-\hat p)/n + z^2/4n^2}\,/\,(1 + z^2/n)`.

    Args:
        hits: how often it happened, any shape.
        trials: out of how many, of the same shape.
        confidence: of the interval.

    Returns:
        The low and high ends; 0 and 1 where there were no trials.

    Raises:
        UsageError: a confidence that is no share, or more hits than trials.

    >>> low, high = wilson_interval(0, 20)
    >>> float(low), round(float(high), 3)
    (0.0, 0.161)

    Source: Wilson (1927), Probable Inference, the Law of Succession, and Statistical Inference.
    """
    if not 0 < confidence < 1:
        raise UsageError(f"confidence is {confidence}, expected a share between 0 and 1, such as 0.95")
    h, n = np.asarray(hits, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    if (h < 0).any() or (h > n).any():
        raise UsageError(
            f"{h.tolist()} hits came out of {n.tolist()} trials; hits lie between 0 and the trials"
        )
    z = float(stats.norm.ppf(0.5 + confidence / 2))
    some = np.maximum(n, 1)
    share = h / some
    centre = (share + z * z / (2 * some)) / (1 + z * z / some)
    half = z * np.sqrt(share * (1 - share) / some + z * z / (4 * some * some)) / (1 + z * z / some)
    low = np.where((n > 0) & (h > 0), np.maximum(centre - half, 0), 0.0)
    high = np.where((n > 0) & (h < n), np.minimum(centre + half, 1), 1.0)
    return low, high
