"""Set functions as losses: what a class's rows say together, against what the batch says."""

from __future__ import annotations

from abc import abstractmethod

import torch
from torch import Tensor

from steelyard.core import UsageError
from steelyard.losses.embedding_loss import EmbeddingLoss, same_class, unit
from steelyard.losses.reduction import Reduction

__all__ = ["SetFunctionLoss"]


class SetFunctionLoss(EmbeddingLoss):
    r"""The base of losses made of a set function f of the rows of each class.

    When to use it: to try a set function of your own; override `parts(similarity, same) -> (n,)`, whose sum over
    the rows of a class is f of that class and, with `same` all true, f of the batch.

    Total information :math:`S_f = \sum_k f(A_k)` pulls rows of a class together; total correlation
    :math:`C_f = S_f - f(V)` also pushes classes apart. Similarities are cosines. The values of a batch sum to it.

    Args:
        measure: "correlation" or "information".
        balanced: divide each class's part by its rows, so that classes count alike.
        reduction: see `Loss`; "sum" gives :math:`S_f` or :math:`C_f` itself.

    Raises:
        UsageError: an unknown measure.
        TargetError: embeddings and labels do not fit each other.

    Source: Majee, Kothawade, Killamsetty, Iyer (2024), SCoRe: Submodular Combinatorial Representation Learning.
    """

    def __init__(
        self, *, measure: str = "correlation", balanced: bool = False, reduction: Reduction = "mean"
    ) -> None:
        super().__init__(reduction=reduction)
        if measure not in {"correlation", "information"}:
            raise UsageError(f"measure is {measure!r}, expected 'correlation' or 'information'")
        self.measure, self.balanced = measure, balanced

    @abstractmethod
    def parts(self, similarity: Tensor, same: Tensor) -> Tensor:
        """Each row's share of f of its set, given which rows (n, n) are of one set."""

    def anchors(self, features: Tensor, labels: Tensor) -> Tensor:
        """Each row's share of the measure."""
        h = unit(features)
        similarity, same = h @ h.T, same_class(labels, labels)
        shares = self.parts(similarity, same)
        if self.measure == "correlation":
            shares = shares - self.parts(similarity, torch.ones_like(same)).sum() / len(h)
        return shares / same.sum(1) if self.balanced else shares
