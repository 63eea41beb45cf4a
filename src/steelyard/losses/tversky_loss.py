"""Tversky loss: overlap with prices for misses and for false alarms."""

from __future__ import annotations

from numpy.typing import ArrayLike
from torch import Tensor

from steelyard.core import UsageError
from steelyard.losses.label_loss import power
from steelyard.losses.reduction import Reduction
from steelyard.losses.region_loss import RegionLoss

__all__ = ["TverskyLoss"]


class TverskyLoss(RegionLoss):
    r"""One minus the Tversky index, with an exponent.

    When to use it: segmentation where a missed pixel of a rare class costs more than a false one. It buys recall with
    precision; report both.

    :math:`(1 - \mathrm{TI})^\gamma`, :math:`\mathrm{TI} = \frac{TP + \epsilon}{TP + a\,FP + b\,FN + \epsilon}`,
    averaged over classes.

    Args:
        false_positives, false_negatives: a and b; 0.5 and 0.5 is Dice, 1 and 1 is Jaccard.
        gamma: the exponent; 1 for plain Tversky, 0.75 or 4/3 for the focal forms.
        eps: :math:`\epsilon`.
        over, absent, class_weight: see `RegionLoss`.
        reduction: see `Loss`.

    Returns:
        Of scores (n, K, …) and class positions (n, …): the loss. Scores are logits: the softmax is taken inside.

    Raises:
        UsageError: negative prices, or a gamma that is not positive.
        TargetError: scores and target do not fit each other.

    >>> import torch
    >>> z = torch.tensor([[[0.0, 0.0], [0.0, 0.0]]])  # one image of two pixels, two classes, p = 1/2
    >>> round(TverskyLoss(false_positives=1, false_negatives=1)(z, torch.tensor([[0, 1]])).item(), 4)
    0.6667

    Source: Salehi, Erdogmus, Gholipour (2017), Tversky Loss Function for Image Segmentation; Abraham, Khan (2019), A
    Novel Focal Tversky Loss Function.
    """

    def __init__(
        self,
        *,
        false_positives: float = 0.3,
        false_negatives: float = 0.7,
        gamma: float = 1.0,
        eps: float = 1e-8,
        over: str = "image",
        absent: str = "skip",
        class_weight: ArrayLike | None = None,
        reduction: Reduction = "mean",
    ) -> None:
        super().__init__(over=over, absent=absent, class_weight=class_weight, reduction=reduction)
        if false_positives < 0 or false_negatives < 0 or not gamma > 0:
            raise UsageError(
                f"false_positives={false_positives}, false_negatives={false_negatives}, gamma={gamma} came; "
                "prices must not be negative and gamma must be positive"
            )
        self.false_positives, self.false_negatives = float(false_positives), float(false_negatives)
        self.gamma, self.eps = float(gamma), float(eps)

    def costs(self, tp: Tensor, fp: Tensor, fn: Tensor) -> Tensor:
        """One minus the index."""
        wrong = self.false_positives * fp + self.false_negatives * fn
        return power(wrong / (tp + wrong + self.eps), self.gamma)


CARD = {
    "lever": "losses",
    "name": "TverskyLoss",
    "title": "Tversky and focal Tversky loss",
    "seeds": ["066", "078", "112"],
    "needs": ["torch"],
    "example": {"gamma": 0.75},
    "since": "0.1",
    "status": "claimed",
    "source": "Salehi, Erdogmus, Gholipour (2017), Tversky Loss Function for Image Segmentation",
    "facts": {"takes": "maps", "across_rows": True},
}
