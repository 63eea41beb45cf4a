"""A surrogate of one minus the area under the ROC curve, or of its left part."""

from __future__ import annotations

import torch
from torch import Tensor

from steelyard.core import TargetError, UsageError
from steelyard.losses.base import Loss
from steelyard.losses.reduction import Reduction
from steelyard.losses.surrogates import SURROGATES, check_surrogate

__all__ = ["PairwiseAUCLoss"]


class PairwiseAUCLoss(Loss):
    r"""What it costs, over pairs of a positive and a negative, that the negative is not clearly below.

    When to use it: ranking counts and positives are rare; probabilities are then to be calibrated afterwards. Draw
    batches with enough positives (`samplers.ClassAware`). For a stable start add it to a cross-entropy.

    :math:`\frac{1}{n_+ n_-} \sum_{i: y_i = 1} \sum_{j: y_j = 0} \ell(s_i - s_j)` with :math:`\ell(z) = \log(1 +
    e^{-z})` ("logistic"), :math:`\max(0, 1-z)^2`, :math:`\max(0, 1-z)` or :math:`(1-z)^2`. A batch of one class
    costs 0.

    Args:
        surrogate: "logistic", "squared_hinge", "hinge" or "square".
        reduction: see `Loss`; the mean over rows is the mean over pairs. `weight` weighs positives.

    Returns:
        Of scores (n,) and indicators (n,): the loss. Memory grows with the square of the batch.

    Raises:
        UsageError: an unknown surrogate.
        TargetError: scores or indicators that are not (n,).

    >>> loss = PairwiseAUCLoss()
    >>> round(loss(torch.tensor([1.0, 2.0, 0.0]), torch.tensor([1, 1, 0])).item(), 4)
    0.2201

    Source: Yan, Dodier, Mozer, Wolniewicz (2003), Optimizing Classifier Performance via an Approximation to the
    Wilcoxon-Mann-Whitney Statistic.
    """

    def __init__(self, *, surrogate: str = "logistic", reduction: Reduction = "mean") -> None:
        super().__init__(reduction=reduction)
        self.surrogate = check_surrogate(surrogate)

    def shares(self, scores: Tensor, negative: Tensor) -> Tensor:
        """How much each row counts as a negative, summing to one where there is any."""
        return negative.to(scores.dtype) / negative.sum().clamp(min=1)

    def values(self, scores: Tensor, target: Tensor) -> Tensor:
        """Each positive's mean cost over negatives, scaled so that rows average to pairs; 0 for negatives."""
        if scores.dim() != 1 or target.shape != scores.shape:
            raise TargetError(
                f"scores have shape {tuple(scores.shape)} and indicators {tuple(target.shape)}; both must be (n,)"
            )
        positive = target > 0
        share = self.shares(scores, ~positive)
        costs = (SURROGATES[self.surrogate](scores[:, None] - scores[None]) * share).sum(1)
        return torch.where(positive, costs, 0.0) * (len(scores) / positive.sum().clamp(min=1))


def check_share(share: float, name: str) -> float:
    """A share of the rows, above 0."""
    if not 0 < share <= 1:
        raise UsageError(f"{name} is {share}, expected a rate above 0 and up to 1")
    return float(share)


CARD = {
    "lever": "losses",
    "name": "PairwiseAUCLoss",
    "title": "Pairwise surrogate of the area under the ROC curve",
    "seeds": ["016", "029", "074"],
    "needs": ["torch"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Yan et al. (2003), Optimizing Classifier Performance via the Wilcoxon-Mann-Whitney Statistic",
    "facts": {"takes": "binary", "across_rows": True},
}
