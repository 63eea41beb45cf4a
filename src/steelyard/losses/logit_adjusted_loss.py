"""Logit adjustment inside the loss, with a strength."""

from __future__ import annotations

import numpy as np

from steelyard.losses.counts import PriorLike, counts_of
from steelyard.losses.logit_transform import LogitTransform
from steelyard.losses.reduction import Reduction
from steelyard.losses.transformed_loss import TransformedLoss

__all__ = ["LogitAdjustedLoss", "logit_adjustment"]


def logit_adjustment(prior: PriorLike, tau: float = 1.0) -> LogitTransform:
    r"""Add a share of the log prior to logits: :math:`z_k + \tau \log \pi_k`.

    When to use it: with positive tau inside a loss; with negative tau after plain training, on finished logits (or
    `decide.LogitAdjust` on probabilities).

    >>> logit_adjustment([75, 25], tau=-1.0).add.exp().tolist()
    [1.333..., 4.0]
    """
    counts = counts_of(prior)
    return LogitTransform(add=tau * np.log(counts / counts.sum()))


class LogitAdjustedLoss(TransformedLoss):
    r"""Cross-entropy with a share of the log prior added to the logits.

    When to use it: as `BalancedSoftmaxLoss` (which is tau 1), when the strength shall be tuned: above 1 favours rare
    classes more, 0 is plain cross-entropy.

    :math:`l = -\log \mathrm{softmax}(z + \tau \log \pi)_y`.

    Args:
        prior: a `Prior` of the training rows, or counts (K,).
        tau: strength, usually 0.5 to 2.
        reduction: see `Loss`.

    Returns:
        Of scores (n, K) or (n, K, …) and class positions (n,) or (n, …): the loss.

    Raises:
        TooFewSamples: a class without rows.
        TargetError: scores and target do not fit each other or the prior.

    >>> import torch
    >>> loss = LogitAdjustedLoss([75, 25], tau=2.0)
    >>> round(loss(torch.zeros(1, 2), torch.tensor([1])).item(), 4)  # -log(1/16 : (9/16 + 1/16))
    2.3026

    Source: Menon, Jayasumana, Rawat, Jain, Veit, Kumar (2021), Long-Tail Learning via Logit Adjustment.
    """

    def __init__(self, prior: PriorLike, *, tau: float = 1.0, reduction: Reduction = "mean") -> None:
        super().__init__(logit_adjustment(prior, tau), reduction=reduction)


CARD = {
    "lever": "losses",
    "name": "LogitAdjustedLoss",
    "title": "Logit-adjusted cross-entropy",
    "seeds": ["011", "071", "095", "099"],
    "needs": ["torch"],
    "example": {"prior": [900, 90, 10], "tau": 1.5},
    "since": "0.1",
    "status": "claimed",
    "source": "Menon et al. (2021), Long-Tail Learning via Logit Adjustment",
    "facts": {"takes": "classes"},
}
