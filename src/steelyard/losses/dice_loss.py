"""Dice and Jaccard losses."""

from __future__ import annotations

from numpy.typing import ArrayLike

from steelyard.losses.reduction import Reduction
from steelyard.losses.tversky_loss import TverskyLoss

__all__ = ["DiceLoss"]


class DiceLoss(TverskyLoss):
    r"""One minus the Dice overlap, or the Jaccard overlap.

    When to use it: segmentation of small regions, together with a cross-entropy, whose gradient it lacks where
    nothing overlaps yet. Unweighted it does not rescue very rare classes; weigh classes or use `TverskyLoss`.

    :math:`1 - \frac{2 TP + \epsilon}{2 TP + FP + FN + \epsilon}` averaged over classes; with `jaccard`
    :math:`1 - \frac{TP + \epsilon}{TP + FP + FN + \epsilon}`.

    Args:
        jaccard: intersection over union instead.
        over, absent, class_weight: see `RegionLoss`.
        reduction: see `Loss`.

    Returns:
        Of scores (n, K, …) and class positions (n, …): the loss. Scores are logits: the softmax is taken inside.

    Raises:
        TargetError: scores and target do not fit each other.

    >>> import torch
    >>> z = torch.tensor([[[0.0, 0.0], [0.0, 0.0]]])  # one image of two pixels, two classes, p = 1/2
    >>> round(DiceLoss()(z, torch.tensor([[0, 1]])).item(), 4)
    0.5

    Source: Milletari, Navab, Ahmadi (2016), V-Net: Fully Convolutional Neural Networks for Volumetric Medical Image
    Segmentation.
    """

    def __init__(
        self,
        *,
        jaccard: bool = False,
        over: str = "image",
        absent: str = "skip",
        class_weight: ArrayLike | None = None,
        reduction: Reduction = "mean",
    ) -> None:
        price = 1.0 if jaccard else 0.5
        super().__init__(
            false_positives=price,
            false_negatives=price,
            over=over,
            absent=absent,
            class_weight=class_weight,
            reduction=reduction,
        )


CARD = {
    "lever": "losses",
    "name": "DiceLoss",
    "title": "Dice and Jaccard loss",
    "seeds": ["066", "078", "112"],
    "needs": ["torch"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Milletari, Navab, Ahmadi (2016), V-Net",
    "facts": {"takes": "maps", "across_rows": True},
}
