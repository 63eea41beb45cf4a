"""Vector scaling: a factor and a summand for every class."""

from __future__ import annotations

import numpy as np

from steelyard.losses.counts import PriorLike, counts_of
from steelyard.losses.logit_transform import LogitTransform
from steelyard.losses.reduction import Reduction
from steelyard.losses.transformed_loss import TransformedLoss

__all__ = ["VSLoss", "vector_scaling"]


def vector_scaling(prior: PriorLike, tau: float = 1.0, gamma: float = 0.3) -> LogitTransform:
    r"""Divide logits by :math:`(n_{\max}/n_k)^\gamma` and add :math:`\tau \log \pi_k`.

    When to use it: inside a loss, where the summand helps early and the divisor late in training.

    >>> vector_scaling([16, 1], tau=0.0, gamma=0.5).mult.tolist()
    [1.0, 0.25]
    """
    counts = counts_of(prior)
    return LogitTransform(mult=(counts / counts.max()) ** gamma, add=tau * np.log(counts / counts.sum()))


class VSLoss(TransformedLoss):
    r"""Vector scaling loss: logits of rare classes are shrunk and shifted before the cross-entropy.

    When to use it: when logit adjustment stops helping as training goes on, as happens to networks that fit every
    training row: the summand alone is outgrown by the logits, the divisor is not.

    :math:`l = -\log \mathrm{softmax}(z / \Delta + \tau \log \pi)_y`, :math:`\Delta_k = (n_{\max} / n_k)^\gamma`.

    Args:
        prior: a `Prior` of the training rows, or counts (K,).
        tau: strength of the summand.
        gamma: strength of the divisor; 0 leaves logit adjustment.
        reduction: see `Loss`.

    Returns:
        Of scores (n, K) or (n, K, …) and class positions (n,) or (n, …): the loss.

    Raises:
        TooFewSamples: a class without rows.
        TargetError: scores and target do not fit each other or the prior.

    >>> import torch
    >>> loss = VSLoss([16, 1], tau=0.0, gamma=0.5)
    >>> round(loss(torch.tensor([[0.0, 4.0]]), torch.tensor([1])).item(), 4)  # logits 0 and 4 / 4
    0.3133

    Source: Kini, Paraskevas, Oymak, Thrampoulidis (2021), Label-Imbalanced and Group-Sensitive Classification under
    Overparameterization.
    """

    def __init__(
        self, prior: PriorLike, *, tau: float = 1.0, gamma: float = 0.3, reduction: Reduction = "mean"
    ) -> None:
        super().__init__(vector_scaling(prior, tau, gamma), reduction=reduction)


CARD = {
    "lever": "losses",
    "name": "VSLoss",
    "title": "Vector scaling cross-entropy",
    "seeds": ["011", "029"],
    "needs": ["torch"],
    "example": {"prior": [900, 90, 10]},
    "since": "0.1",
    "status": "claimed",
    "source": "Kini et al. (2021), Label-Imbalanced and Group-Sensitive Classification under Overparameterization",
    "facts": {"takes": "classes"},
}
