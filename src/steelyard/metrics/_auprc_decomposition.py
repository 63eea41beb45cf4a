"""Average precision by what every positive costs."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from steelyard.metrics.decomposition import Decomposition, share_above, sides

__all__ = ["auprc_decomposition"]


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
    positive, negative, rows = sides(y, scores)
    rate = share_above(np.concatenate([positive, negative]), positive, "left")
    prevalence = len(positive) / (len(positive) + len(negative))
    terms = (1 - prevalence) * share_above(negative, positive, "left") / rate
    return Decomposition(float(1 - terms.mean()), terms, rows)


CARD = {
    "lever": "metrics",
    "name": "auprc_decomposition",
    "title": "Average precision as one minus a mean over the positives",
    "seeds": ["016"],
    "since": "0.1",
    "status": "verified",
    "source": "McDermott et al. (2024), A closer look at AUROC and AUPRC under class imbalance",
    "facts": {"label": "average precision by positives", "takes": "scores", "gives": "terms"},
}
