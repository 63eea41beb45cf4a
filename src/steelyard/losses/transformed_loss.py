"""Cross-entropy of transformed logits."""

from __future__ import annotations

from torch import Tensor

from steelyard.losses.base import ClassLoss, likelihood_sloped, log_likelihood
from steelyard.losses.logit_transform import LogitTransform
from steelyard.losses.reduction import Reduction

__all__ = ["TransformedLoss"]


class TransformedLoss(ClassLoss):
    r"""Cross-entropy after a `LogitTransform`.

    When to use it: with a transform of your own; without one it is plain cross-entropy, the baseline of every
    comparison, with the reductions and weights all losses here have.

    :math:`l = -\log \mathrm{softmax}(z')_y`, :math:`z'` the transformed logits.

    Args:
        transform: what happens to the logits; None for nothing.
        reduction: see `Loss`.

    Returns:
        Of scores (n, K) or (n, K, …) and class positions (n,) or (n, …): the loss.

    Raises:
        TargetError: scores and target do not fit each other or the transform.

    >>> import torch
    >>> loss = TransformedLoss(LogitTransform(margin=[0.0, 1.0]))
    >>> round(loss(torch.tensor([[1.0, 2.0]]), torch.tensor([1])).item(), 4)  # logits 1 and 2 - 1
    0.6931

    Source: Kini et al. (2021), Label-Imbalanced and Group-Sensitive Classification under Overparameterization.
    """

    def __init__(self, transform: LogitTransform | None = None, *, reduction: Reduction = "mean") -> None:
        super().__init__(reduction=reduction)
        self.transform = transform if transform is not None else LogitTransform()
        self.n_classes = self.transform.n_classes

    def rows(self, scores: Tensor, target: Tensor) -> Tensor:
        """Cross-entropy of each row."""
        return -log_likelihood(self.transform(scores, target), target)

    def sloped(self, scores: Tensor, target: Tensor, slopes: Tensor) -> Tensor:
        """The same with its derivative."""
        costs = likelihood_sloped(self.transform(scores, target, out=slopes), target, slopes)
        if (factor := self.transform.factor) is not None:
            slopes.mul_(factor)
        return costs


CARD = {
    "lever": "losses",
    "name": "TransformedLoss",
    "title": "Cross-entropy of transformed logits",
    "seeds": ["011", "071"],
    "needs": ["torch"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Kini et al. (2021), Label-Imbalanced and Group-Sensitive Classification under Overparameterization",
    "facts": {"takes": "classes"},
}
