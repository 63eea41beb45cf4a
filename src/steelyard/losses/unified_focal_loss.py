"""Unified focal loss: focal cross-entropy and focal Tversky with common parameters."""

from __future__ import annotations

import torch
from torch import Tensor

from steelyard.core import UsageError
from steelyard.losses.base import IGNORED, Loss, check_classes
from steelyard.losses.label_loss import power
from steelyard.losses.reduction import Reduction
from steelyard.losses.region_loss import overlap_parts

__all__ = ["UnifiedFocalLoss"]


class UnifiedFocalLoss(Loss):
    r"""A pixel loss and an overlap loss that favour the foreground in the same way.

    When to use it: segmentation of rare foreground (classes 1 and up) on a large background (class 0).

    :math:`\lambda\,\mathrm{maF} + (1-\lambda)\,\mathrm{maFT}`. Pixels: the background costs
    :math:`(1-\delta)(1-p)^\gamma(-\log p)`, the foreground :math:`\delta(-\log p)`. Overlap, with
    :math:`\mathrm{TI} = TP/(TP + \delta FN + (1-\delta) FP)`: background :math:`1 - \mathrm{TI}`, foreground
    :math:`(1-\mathrm{TI})^{1-\gamma}`, averaged over classes. With `symmetric` both are focused for all classes.

    Args:
        weight: :math:`\lambda`.
        delta: :math:`\delta`, above 0.5 favours the foreground.
        gamma: :math:`\gamma`, from 0 to below 1.
        symmetric: treat background as foreground in the focusing.
        reduction: see `Loss`.

    Returns:
        Of scores (n, K, …) and class positions (n, …): the loss. Scores are logits: the softmax is taken inside.

    Raises:
        UsageError: parameters out of range.
        TargetError: scores and target do not fit each other.

    >>> z = torch.tensor([[[0.0, 0.0], [0.0, 0.0]]])  # one image of two pixels, two classes, p = 1/2
    >>> loss = UnifiedFocalLoss(weight=1.0, gamma=0.0)  # pixels only: 0.4 and 0.6 times log 2
    >>> round(loss(z, torch.tensor([[0, 1]])).item(), 4)
    0.3466

    Source: Yeung, Sala, Schönlieb, Rundo (2022), Unified Focal Loss: Generalising Dice and Cross Entropy-Based Losses
    to Handle Class Imbalanced Medical Image Segmentation.
    """

    def __init__(
        self,
        *,
        weight: float = 0.5,
        delta: float = 0.6,
        gamma: float = 0.5,
        symmetric: bool = False,
        reduction: Reduction = "mean",
    ) -> None:
        super().__init__(reduction=reduction)
        if not (0 <= weight <= 1 and 0 <= delta <= 1 and 0 <= gamma < 1):
            raise UsageError(
                f"weight={weight}, delta={delta}, gamma={gamma} came; expected the first two in [0, 1], gamma in [0, 1)"
            )
        self.weight, self.delta, self.gamma = float(weight), float(delta), float(gamma)
        self.symmetric = symmetric

    def values(self, scores: Tensor, target: Tensor) -> Tensor:
        """One value an image."""
        check_classes(scores, target, self.n_classes)
        p, truth = overlap_parts(scores, target)
        return self.weight * self._pixels(scores, p, truth, target) + (1 - self.weight) * self._overlap(
            p, truth
        )

    def _pixels(self, scores: Tensor, p: Tensor, truth: Tensor, target: Tensor) -> Tensor:
        log_p = torch.where(truth > 0, scores.flatten(2).log_softmax(1), 0.0)
        focus = power(1 - p, self.gamma)
        back = (1 - self.delta) * focus[:, :1] * log_p[:, :1]
        fore = self.delta * (focus[:, 1:] if self.symmetric else 1.0) * log_p[:, 1:]
        pixels = (target != IGNORED).flatten(1).sum(1).clamp(min=1)
        return -(back.sum((1, 2)) + fore.sum((1, 2))) / pixels

    def _overlap(self, p: Tensor, truth: Tensor) -> Tensor:
        tp = (p * truth).sum(2)
        fn, fp = truth.sum(2) - tp, p.sum(2) - tp
        wrong = self.delta * fn + (1 - self.delta) * fp
        missed = wrong / (tp + wrong).clamp(min=1e-8)
        raised = power(missed, 1 - self.gamma)
        first = raised[:, :1] if self.symmetric else missed[:, :1]
        return torch.cat([first, raised[:, 1:]], 1).mean(1)


CARD = {
    "lever": "losses",
    "name": "UnifiedFocalLoss",
    "title": "Unified focal loss (segmentation)",
    "seeds": ["066"],
    "needs": ["torch"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Yeung et al. (2022), Unified Focal Loss",
    "facts": {"takes": "maps", "across_rows": True},
}
