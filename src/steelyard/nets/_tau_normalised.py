"""Shorten the weight vectors of a trained classifier."""

from __future__ import annotations

import torch
from torch import nn

from steelyard.core import UsageError

__all__ = ["tau_normalised"]


def tau_normalised(head: nn.Linear, tau: float = 1.0) -> nn.Linear:
    r"""A copy of a linear classifier whose weight vectors are divided by a power of their length, without bias.

    When to use it: after plain training on a long tail. Choose tau between 0 and 1 on validation rows that have the
    prior of the test: 1 is often too much.

    :math:`\tilde w_k = w_k / \|w_k\|^\tau`; 0 keeps the weights and only drops the bias.

    Args:
        head: the trained layer, left as it is.
        tau: usually 0 to 1.

    Returns:
        A new layer.

    Raises:
        UsageError: a negative tau.

    >>> head = nn.Linear(2, 2)
    >>> _ = head.weight.data.copy_(torch.tensor([[4.0, 0.0], [0.0, 1.0]]))
    >>> tau_normalised(head, 0.5).weight.norm(dim=1).tolist()
    [2.0, 1.0]

    Source: Kang, Xie, Rohrbach, Yan, Gordo, Feng, Kalantidis (2020), Decoupling Representation and Classifier for
    Long-Tailed Recognition.
    """
    if not tau >= 0:
        raise UsageError(f"tau is {tau}, expected a number of at least 0")
    weight = head.weight.detach()
    made = nn.Linear(
        head.in_features, head.out_features, bias=False, device=weight.device, dtype=weight.dtype
    )
    length = weight.norm(dim=1, keepdim=True).clamp(min=torch.finfo(weight.dtype).tiny)
    made.weight.data.copy_(weight / length**tau)
    return made


CARD = {
    "lever": "nets",
    "name": "tau_normalised",
    "title": "Tau-normalised classifier",
    "seeds": ["095"],
    "needs": ["torch"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Kang et al. (2020), Decoupling Representation and Classifier for Long-Tailed Recognition",
    "facts": {"makes": "change"},
}
