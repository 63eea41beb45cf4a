"""A loss times a weight for the class of the row."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from steelyard.core import UsageError
from steelyard.losses.base import ClassLoss, precise
from steelyard.losses.counts import buffer
from steelyard.losses.reduction import Reduction, reduce
from steelyard.losses.transformed_loss import TransformedLoss

__all__ = ["ClassWeightedLoss"]


class ClassWeightedLoss(ClassLoss):
    r"""Any class loss with a weight for every class.

    When to use it: class weights, at once or from some epoch on (deferred re-weighting: `loss.weight` may be replaced
    between epochs). Weights of `weights.inverse()(prior)`, `weights.effective_number()(prior)` and so on.

    :math:`w_{y_i} l_i`, averaged so that the weights in the batch sum to one, as `torch.nn.CrossEntropyLoss` does.

    Args:
        weight: class weights (K,), at least 0.
        loss: the loss of each row; None for cross-entropy. Its own reduction is not used.
        reduction: see `Loss`.

    Returns:
        Of scores (n, K) or (n, K, …) and class positions (n,) or (n, …): the loss.

    Raises:
        UsageError: weights that are negative, not finite, or not one a class.

    >>> loss = ClassWeightedLoss([1.0, 3.0], reduction="none")
    >>> loss(torch.zeros(2, 2), torch.tensor([0, 1])).tolist()  # log 2 once and three times
    [0.6931..., 2.0794...]

    Source: King, Zeng (2001), Logistic Regression in Rare Events Data.
    """

    weight: Tensor

    def __init__(
        self, weight: ArrayLike, loss: ClassLoss | None = None, *, reduction: Reduction = "weighted_mean"
    ) -> None:
        super().__init__(reduction=reduction)
        values = np.asarray(weight, dtype=np.float64)
        if values.ndim != 1 or not np.isfinite(values).all() or (values < 0).any():
            raise UsageError(
                f"class weights are {values.tolist()}, expected one number of at least 0 a class"
            )
        self.loss = loss if loss is not None else TransformedLoss()
        self.n_classes = len(values)
        if self.loss.n_classes not in {None, self.n_classes}:
            raise UsageError(
                f"{self.n_classes} class weights came for a loss of {self.loss.n_classes} classes; they must agree"
            )
        buffer(self, "weight", values)

    def rows(self, scores: Tensor, target: Tensor) -> Tensor:
        """Weighted cost of each row."""
        return self.loss.rows(scores, target) * self.weight.to(scores.dtype)[target]

    def forward(self, scores: Tensor, target: Tensor, /, *, weight: Tensor | None = None) -> Tensor:
        """The reduced loss; a weighted mean divides by what the class weights of the batch sum to."""
        if self.reduction != "weighted_mean":
            return super().forward(scores, target, weight=weight)
        known = target.clamp(min=0)
        share = self.weight[known] if weight is None else weight * self.weight[known]
        with torch.autocast(scores.device.type, enabled=False):
            values = self.loss.values(precise(scores), target)
            return reduce(values, share, self.counted(scores, target), "weighted_mean")


CARD = {
    "lever": "losses",
    "name": "ClassWeightedLoss",
    "title": "Class-weighted loss around any other",
    "seeds": ["009", "011", "022", "071", "079"],
    "needs": ["torch"],
    "example": {"weight": [0.1, 1.0, 5.0]},
    "since": "0.1",
    "status": "claimed",
    "source": "King, Zeng (2001), Logistic Regression in Rare Events Data",
    "facts": {"takes": "classes"},
}
