"""Average precision above what prevalence alone gives."""

from __future__ import annotations

from numpy.typing import ArrayLike

from steelyard.core import Prior
from steelyard.metrics._average_precision import area
from steelyard.metrics.ranking import Ranking, rank_classes
from steelyard.metrics.rows import scored

__all__ = ["normalised_average_precision"]


def normalised_average_precision(
    y: ArrayLike, scores: ArrayLike, *, sample_weight: ArrayLike | None = None
) -> float:
    r"""Average precision rescaled so that a random order is 0 and a perfect one is 1.

    When to use it: beside average precision when prevalences differ. It moves the zero point only; the value
    of a given ranking still falls as the class gets rarer.

    .. math:: (\mathrm{AP} - \pi) / (1 - \pi)

    Args:
        y: class positions (n,).
        scores: (n,) for the positive class, or (n, K); with K > 2 the macro mean over classes in `y`.
        sample_weight: (n,) or None.

    Returns:
        At most 1, negative when worse than a random order; NaN when `y` holds one class only.

    >>> round(normalised_average_precision([1, 0, 1, 0], [0.9, 0.6, 0.4, 0.2]), 4)
    0.6667

    Source: McDermott et al. (2024), A closer look at AUROC and AUPRC under class imbalance.
    """
    return rank_classes(above_prevalence, scored(y, scores, sample_weight))


def above_prevalence(ranking: Ranking) -> float:
    """The rescaled average precision of one class."""
    if not ranking.negatives:
        return float("nan")
    return (area(ranking) - ranking.prevalence) / (1 - ranking.prevalence)


def no_skill(prior: Prior) -> float:  # noqa: ARG001 - every metric's closed form takes the prior
    """Zero by construction."""
    return 0.0


CARD = {
    "lever": "metrics",
    "name": "normalised_average_precision",
    "title": "Average precision normalised by prevalence",
    "seeds": ["012", "016"],
    "since": "0.1",
    "status": "claimed",
    "source": "McDermott et al. (2024), A closer look at AUROC and AUPRC under class imbalance",
    "facts": {
        "label": "normalised average precision",
        "aliases": ["normalized_average_precision", "nap"],
        "takes": "scores",
        "direction": "max",
        "prior_sensitive": True,
        "range": [-1.0, 1.0],
        "binary_only": False,
    },
}
