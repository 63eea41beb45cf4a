"""The area under the curve of ln TPR against FPR."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from steelyard.metrics.decomposition import share_above, sides

__all__ = ["au_log_roc"]


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
    positive, negative, _ = sides(y, scores)
    tpr = (share_above(positive, negative, "left") + share_above(positive, negative, "right")) / 2
    return float(np.log(tpr).mean()) if tpr.all() else float("-inf")


CARD = {
    "lever": "metrics",
    "name": "au_log_roc",
    "title": "Area under the logarithmic ROC curve",
    "seeds": ["016"],
    "since": "0.1",
    "status": "verified",
    "source": "McDermott et al. (2024), A closer look at AUROC and AUPRC under class imbalance",
    "facts": {"label": "log-ROC area", "takes": "scores", "gives": "area"},
}
