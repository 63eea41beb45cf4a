"""Scores whose expected AUROC and prevalence are known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from steelyard.core import Floats, Seed, UsageError, generator

__all__ = ["sample_at_auroc"]


def sample_at_auroc(
    n: int, auroc: float, prevalence: float, *, seed: Seed = None
) -> tuple[NDArray[np.int64], Floats]:
    r"""Draw labels and scores from a ranking of a given skill.

    When to use it: to study a metric where the truth is known, without a data set or a model.

    :math:`n_+ = \mathrm{round}(\pi n)` positives are uniform on (0, 1) and cut it into n₊ + 1 windows. Each
    negative falls into the window above w positives, w binomial with n₊ trials and chance 1 − AUROC, uniformly.
    The expected AUROC is exact, whatever n.

    Args:
        n: rows.
        auroc: expected area under the ROC curve, in [0, 1].
        prevalence: share of positives.
        seed: an int, Generator or RandomState.

    Returns:
        Labels 0 and 1 (n,), the positives first, and scores in (0, 1) (n,).

    Raises:
        UsageError: no room for both classes, or an area outside [0, 1].

    >>> y, scores = sample_at_auroc(1000, 0.85, 0.05, seed=0)
    >>> int(y.sum()), bool(scores[y == 1].mean() > scores[y == 0].mean())
    (50, True)

    Source: McDermott et al. (2024), A closer look at AUROC and AUPRC under class imbalance.
    """
    positives = round(prevalence * n)
    if not 0 <= auroc <= 1:
        raise UsageError(f"auroc={auroc} came, expected a number from 0 to 1")
    if not 0 < positives < n:
        raise UsageError(
            f"a prevalence of {prevalence:g} makes {positives} of {n} rows positive; ask for at least one of each"
        )
    rng = generator(seed)
    high = np.sort(rng.random(positives))
    edges = np.concatenate([[0.0], high, [1.0]])
    window = rng.binomial(positives, 1 - auroc, n - positives)
    low = rng.uniform(edges[window], edges[window + 1])
    return np.repeat([1, 0], [positives, n - positives]), np.concatenate([high, low])
