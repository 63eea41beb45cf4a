"""Surrogates of the mean area under the ROC curves of many labels."""

from __future__ import annotations

import torch
from torch import Tensor

from steelyard.core import UsageError
from steelyard.losses.label_loss import LabelLoss
from steelyard.losses.reduction import Reduction
from steelyard.losses.surrogates import SURROGATES, check_surrogate, mean_where

__all__ = ["MacroAUCLoss"]

KINDS = ("pairwise", "reweighted", "plain")


class MacroAUCLoss(LabelLoss):
    r"""Ranking of rows within each label, averaged over labels.

    When to use it: multi-label data judged by macro AUC. The plain loss suffers most from rare labels, the other two
    less.

    With :math:`f_{ik}` the score and :math:`y = \pm 1`: "plain" :math:`\frac{1}{nL} \sum_{ik} \ell(y_{ik} f_{ik})`;
    "reweighted" :math:`\frac{1}{L} \sum_k [\mathrm{mean}_{y_{ik}=1} \ell(f_{ik}) + \mathrm{mean}_{y_{ik}=-1}
    \ell(-f_{ik})]`; "pairwise" :math:`\frac{1}{L} \sum_k \mathrm{mean}_{i+, j-} \ell(f_{ik} - f_{jk})`. Positives
    and negatives are those of the batch; a label with one side only costs 0 in the pairwise form.

    Args:
        kind: "pairwise", "reweighted" or "plain".
        surrogate: "logistic", "squared_hinge", "hinge" or "square".
        reduction: see `Loss`; "mean" gives the formulas.

    Returns:
        Of scores and indicators (n, L): the loss. The pairwise form needs :math:`n^2 L` numbers.

    Raises:
        UsageError: an unknown kind or surrogate.
        TargetError: shapes that differ.

    >>> loss = MacroAUCLoss(kind="reweighted")
    >>> round(loss(torch.zeros(3, 1), torch.tensor([[1], [0], [0]])).item(), 4)  # log 2 twice
    1.3863

    Source: Wu, Zhang, Li, Zhu (2023), Towards Understanding Generalization of Macro-AUC in Multi-label Learning.
    """

    def __init__(
        self, *, kind: str = "pairwise", surrogate: str = "logistic", reduction: Reduction = "mean"
    ) -> None:
        super().__init__(reduction=reduction)
        if kind not in KINDS:
            raise UsageError(f"kind is {kind!r}, expected one of {', '.join(KINDS)}")
        self.kind, self.surrogate = kind, check_surrogate(surrogate)

    def entries(self, scores: Tensor, target: Tensor) -> Tensor:
        """Cost of each entry; a mean over them gives the formula."""
        positive = target > 0
        if self.kind == "plain":
            return SURROGATES[self.surrogate](scores * (2 * target - 1))
        held = torch.where(positive, positive.sum(0), (~positive).sum(0)).clamp(min=1)
        if self.kind == "reweighted":
            return SURROGATES[self.surrogate](scores * (2 * target - 1)) * (len(scores) / held)
        lead = scores.T[:, :, None] - scores.T[:, None, :]
        costs = mean_where(SURROGATES[self.surrogate](lead), ~positive.T[:, None, :], 2).T
        return torch.where(positive, costs, 0.0) * (len(scores) / held)


CARD = {
    "lever": "losses",
    "name": "MacroAUCLoss",
    "title": "Surrogates of macro AUC (multi-label)",
    "seeds": ["074"],
    "needs": ["torch"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Wu et al. (2023), Towards Understanding Generalization of Macro-AUC in Multi-label Learning",
    "facts": {"takes": "labels", "across_rows": True},
}
