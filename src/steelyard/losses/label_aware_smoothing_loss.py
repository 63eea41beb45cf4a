"""Label smoothing that is strong for common classes and weak for rare ones."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from steelyard.core import UsageError
from steelyard.losses.asymmetric_loss_softmax import check_smoothing
from steelyard.losses.base import ClassLoss, likelihood_sloped
from steelyard.losses.counts import PriorLike, buffer, counts_of
from steelyard.losses.reduction import Reduction

__all__ = ["LabelAwareSmoothingLoss"]

SHAPES = {
    "concave": lambda x: np.sin(np.pi / 2 * x),
    "linear": lambda x: x,
    "convex": lambda x: 1 - np.cos(np.pi / 2 * x),
}
"""From 0 at the rarest class to 1 at the commonest."""


class LabelAwareSmoothingLoss(ClassLoss):
    r"""Cross-entropy against targets smoothed the more the commoner their class is.

    When to use it: the second stage of decoupled training, to cure the over-confidence of common classes.

    :math:`l = -(1 - \epsilon_y) \log p_y - \frac{\epsilon_y}{K-1} \sum_{k \neq y} \log p_k`, with
    :math:`\epsilon_y` going from `tail` at the rarest class to `head` at the commonest.

    Args:
        prior: a `Prior` of the training rows, or counts (K,).
        head, tail: smoothing of the commonest and the rarest class; published: 0.4 and 0.1 for ten classes, 0.3 and 0
            for long lists.
        shape: "concave", "linear" or "convex".
        reduction: see `Loss`.

    Returns:
        Of scores (n, K) or (n, K, …) and class positions (n,) or (n, …): the loss.

    Raises:
        UsageError: smoothing outside [0, 1), an unknown shape, or fewer than two classes.
        TooFewSamples: a class without rows.
        TargetError: scores and target do not fit each other or the prior.

    >>> LabelAwareSmoothingLoss([100, 55, 10], shape="linear").smoothing.tolist()
    [0.3..., 0.15..., 0.0]

    Source: Zhong, Cui, Liu, Jia (2021), Improving Calibration for Long-Tailed Recognition.
    """

    smoothing: Tensor

    def __init__(
        self,
        prior: PriorLike,
        *,
        head: float = 0.3,
        tail: float = 0.0,
        shape: str = "concave",
        reduction: Reduction = "mean",
    ) -> None:
        super().__init__(reduction=reduction)
        check_smoothing(head)
        check_smoothing(tail)
        if shape not in SHAPES:
            raise UsageError(f"shape is {shape!r}, expected one of {', '.join(SHAPES)}")
        counts = counts_of(prior)
        if len(counts) < 2:
            raise UsageError(
                "the prior has one class; smoothing moves probability to others, so pass at least two"
            )
        self.n_classes = len(counts)
        place = (counts - counts.min()) / max(counts.max() - counts.min(), 1e-300)
        buffer(self, "smoothing", tail + (head - tail) * SHAPES[shape](place))

    def rows(self, scores: Tensor, target: Tensor) -> Tensor:
        """Smoothed cross-entropy of each row."""
        logp = scores.log_softmax(1)
        right = logp.gather(1, target[:, None])[:, 0]
        share = self.smoothing.to(scores.dtype)[target]
        return -(1 - share) * right - share / (scores.shape[1] - 1) * (logp.sum(1) - right)

    def sloped(self, scores: Tensor, target: Tensor, slopes: Tensor) -> Tensor:
        """The same with its derivative."""
        share, right = self.smoothing.to(scores.dtype)[target], scores.gather(1, target[:, None])[:, 0]
        each = share / (scores.shape[1] - 1)
        costs = likelihood_sloped(scores, target, slopes)
        slopes.sub_(each[:, None]).scatter_add_(1, target[:, None], (share + each)[:, None])
        return costs + share * right - each * (scores.sum(1) - right)


CARD = {
    "lever": "losses",
    "name": "LabelAwareSmoothingLoss",
    "title": "Label-aware smoothing",
    "seeds": ["071"],
    "needs": ["torch"],
    "example": {"prior": [900, 90, 10]},
    "since": "0.1",
    "status": "claimed",
    "source": "Zhong et al. (2021), Improving Calibration for Long-Tailed Recognition",
    "facts": {"takes": "classes"},
}
