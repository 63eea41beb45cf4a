"""A running average of a network."""

from __future__ import annotations

from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from steelyard.core import UsageError

__all__ = ["ema"]


def ema(model: nn.Module, decay: float = 0.9997) -> AveragedModel:
    r"""A copy of a network that follows it slowly; evaluate the copy.

    When to use it: call `update_parameters(model)` after every step. Buffers such as running statistics are
    averaged too.

    :math:`\bar w \leftarrow d\,\bar w + (1 - d)\,w`; the first update copies.

    Args:
        model: the network.
        decay: d; the average spans about :math:`1/(1-d)` steps.

    Returns:
        torch's `AveragedModel`.

    Raises:
        UsageError: a decay outside [0, 1).

    >>> import torch
    >>> net = nn.Linear(1, 1, bias=False)
    >>> average = ema(net, decay=0.75)
    >>> for weight in (4.0, 0.0):
    ...     _ = net.weight.data.fill_(weight)
    ...     average.update_parameters(net)
    >>> average.module.weight.item()
    3.0

    Source: Polyak, Juditsky (1992), Acceleration of Stochastic Approximation by Averaging.
    """
    if not 0 <= decay < 1:
        raise UsageError(f"decay is {decay}, expected a number from 0 up to but not including 1")
    average = get_ema_multi_avg_fn(decay)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    return AveragedModel(model, multi_avg_fn=average, use_buffers=True)


CARD = {
    "lever": "optim",
    "name": "ema",
    "title": "Exponential moving average of a network",
    "seeds": ["055"],
    "needs": ["torch"],
    "example": {"decay": 0.9},
    "since": "0.1",
    "status": "claimed",
    "source": "Polyak, Juditsky (1992), Acceleration of Stochastic Approximation by Averaging",
    "facts": {"closure": "none"},
}
