"""The mean of paired values with an interval that knows how they came about."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

__all__ = ["Comparison", "corrected_interval"]


@dataclass(frozen=True)
class Comparison:
    """A mean over folds with its corrected standard error and interval."""

    mean: float
    se: float
    low: float
    high: float
    p_positive: float
    folds: int


def corrected_interval(values: ArrayLike, *, test_share: float, confidence: float = 0.95) -> Comparison:
    r"""The mean of cross-validated values with the Nadeau–Bengio corrected interval.

    Training parts of different folds overlap, so the naive variance of the mean is too small. With J values
    of variance :math:`s^2` and test parts that are a share :math:`n_2/n_1` of the training parts,

    .. math:: \operatorname{Var}(\bar x) = \Big(\frac 1 J + \frac{n_2}{n_1}\Big) s^2,

    compared with a Student t of J − 1 degrees of freedom.

    Args:
        values: one number a fold, in the metric's unit; for a paired comparison the differences.
        test_share: the share of rows in one test part, 1/folds in k-fold cross-validation.
        confidence: of the interval.

    Returns:
        The comparison; `p_positive` is the one-sided probability mass above zero.

    >>> c = corrected_interval([0.1, 0.2, 0.3], test_share=0.25)
    >>> round(c.mean, 6), round(c.se, 6)
    (0.2, 0.081650)

    Source: Nadeau and Bengio (2003), Inference for the Generalization Error.
    """
    x = np.asarray(values, dtype=float)
    x = x[np.isfinite(x)]
    n = len(x)
    if n == 0:
        return Comparison(np.nan, np.nan, np.nan, np.nan, np.nan, 0)
    mean = float(x.mean())
    if n == 1:
        return Comparison(mean, np.nan, np.nan, np.nan, np.nan, 1)
    ratio = test_share / (1 - test_share)
    se = float(np.sqrt((1 / n + ratio) * x.var(ddof=1)))
    if se == 0:
        return Comparison(mean, 0.0, mean, mean, float(mean > 0) if mean else 0.5, n)
    half = float(stats.t.ppf(0.5 + confidence / 2, n - 1)) * se
    return Comparison(mean, se, mean - half, mean + half, float(stats.t.cdf(mean / se, n - 1)), n)
