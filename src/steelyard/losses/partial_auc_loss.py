"""A surrogate of the left part of the area under the ROC curve."""

from __future__ import annotations

import torch
from torch import Tensor

from steelyard.losses.pairwise_auc_loss import PairwiseAUCLoss, check_share
from steelyard.losses.reduction import Reduction

__all__ = ["PartialAUCLoss"]


class PartialAUCLoss(PairwiseAUCLoss):
    r"""`PairwiseAUCLoss` over the negatives that score highest.

    When to use it: only few false alarms can be afforded, so only the ranking against the hardest negatives counts.

    :math:`\frac{1}{n_+ \alpha n_-} \sum_{i: y_i = 1} \sum_{j \in \mathrm{top}} \ell(s_i - s_j)` over the
    :math:`\alpha n_-` highest negatives, the last of them counted in part.

    Args:
        max_fpr: :math:`\alpha`, the false positive rate up to which the curve counts.
        surrogate: "logistic", "squared_hinge", "hinge" or "square".
        reduction: see `Loss`.

    Returns:
        Of scores (n,) and indicators (n,): the loss.

    Raises:
        UsageError: an unknown surrogate, or a rate outside (0, 1].
        TargetError: scores or indicators that are not (n,).

    >>> loss = PartialAUCLoss(max_fpr=0.5, surrogate="hinge")
    >>> loss(torch.tensor([2.0, 1.5, -3.0]), torch.tensor([1, 0, 0])).item()  # only the negative at 1.5 counts
    0.5

    Source: Zhu, Li, Wang, Wu, Yang (2022), When AUC Meets DRO: Optimizing Partial AUC for Deep Learning with
    Non-Convex Convergence Guarantee.
    """

    def __init__(
        self, *, max_fpr: float = 0.3, surrogate: str = "logistic", reduction: Reduction = "mean"
    ) -> None:
        super().__init__(surrogate=surrogate, reduction=reduction)
        self.max_fpr = check_share(max_fpr, "max_fpr")

    def shares(self, scores: Tensor, negative: Tensor) -> Tensor:
        """The highest negatives, by their rank."""
        low = torch.finfo(scores.dtype).min
        order = scores.detach().masked_fill(~negative, low).argsort(descending=True)
        rank = torch.empty_like(order).scatter(0, order, torch.arange(len(order), device=order.device))
        wanted = self.max_fpr * negative.sum()
        taken = (wanted - rank).clamp(0, 1) * negative
        return (taken / torch.where(wanted > 0, wanted, 1.0)).to(scores.dtype)


CARD = {
    "lever": "losses",
    "name": "PartialAUCLoss",
    "title": "Pairwise surrogate of the partial area under the ROC curve",
    "seeds": ["016"],
    "needs": ["torch"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Zhu et al. (2022), When AUC Meets DRO",
    "facts": {"takes": "binary", "across_rows": True},
}
