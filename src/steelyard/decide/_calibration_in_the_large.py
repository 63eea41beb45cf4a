"""Is the mean prediction right?"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from steelyard.decide.rows import class_positions, class_scores, class_totals, row_weights

__all__ = ["calibration_in_the_large"]


def calibration_in_the_large(p: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
    """Mean predicted probability divided by the observed share; 1 is right, 10 promises ten times too many.

    When to use it: first of all, after every remedy that touched the prior.

    Args:
        p: probabilities (n, K), or (n,) of the positive class.
        y: class positions (n,).
        sample_weight: (n,) or None.

    Returns:
        For two classes the ratio of the positive class, for more the ratio farthest from 1 (by its logarithm)
        among classes that occur; NaN when the positive class, or every class, does not occur.

    >>> calibration_in_the_large([0.2, 0.4, 0.6, 0.8], [0, 0, 0, 1])
    2.0

    Source: Steyerberg (2019), Clinical Prediction Models, chapter 15.
    """
    scores = class_scores(p)
    n, n_classes = scores.shape
    weight = row_weights(sample_weight, n)
    observed = class_totals(class_positions(y, n, n_classes), weight, n_classes)
    ratio = np.divide(weight @ scores, observed, out=np.full(n_classes, np.nan), where=observed > 0)
    if n_classes == 2:
        return float(ratio[1])
    known = ratio[~np.isnan(ratio)]
    if not len(known):
        return float("nan")
    with np.errstate(divide="ignore"):
        return float(known[np.abs(np.log(known)).argmax()])
