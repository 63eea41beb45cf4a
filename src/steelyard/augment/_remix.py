"""Mixup whose labels lean to the rarer class."""

from __future__ import annotations

import torch
from torch import Tensor

from steelyard.augment._mixup import Mixed, mixup
from steelyard.core import Prior, UsageError

__all__ = ["remix"]


def remix(
    rows: Tensor,
    target: Tensor,
    prior: Prior,
    *,
    alpha: float = 1.0,
    kappa: float = 3.0,
    tau: float = 0.5,
    generator: torch.Generator | None = None,
) -> Mixed:
    r"""Mix rows as `mixup` does, but give the whole label to the much rarer class of a pair.

    When to use it: long tails; the space between a common and a rare class then counts as the rare one.

    The label's share of the first row is 0 where :math:`n_i / n_j \geq \kappa` and :math:`\lambda < \tau`, 1 where
    :math:`n_i / n_j \leq 1/\kappa` and :math:`1 - \lambda < \tau`, else :math:`\lambda`.

    Args:
        rows: (n, …).
        target: class positions (n,).
        prior: of the training rows.
        alpha: of the Beta distribution.
        kappa: how many times commoner a class must be, at least 1.
        tau: up to which share of the rows the label may be given away.
        generator: torch's generator on the CPU; None for the global one.

    Raises:
        UsageError: kappa below 1 or tau outside [0, 1].

    >>> prior = Prior.of([0] * 90 + [1] * 10)
    >>> mixed = remix(torch.zeros(4, 1), torch.tensor([0, 0, 1, 1]), prior, generator=torch.Generator().manual_seed(0))
    >>> mixed.share.shape
    torch.Size([4])

    Source: Chou, Chang, Pan, Wei, Juan (2020), Remix: Rebalanced Mixup.
    """
    if kappa < 1 or not 0 <= tau <= 1:
        raise UsageError(
            f"kappa={kappa}, tau={tau} came; expected kappa of at least 1 and tau between 0 and 1"
        )
    mixed = mixup(rows, target, alpha=alpha, generator=generator)
    counts = torch.as_tensor(prior.counts, dtype=torch.float32).to(rows.device)
    ratio = counts[mixed.first] / counts[mixed.second].clamp(min=1e-30)
    share = torch.where((ratio >= kappa) & (mixed.share < tau), 0.0, mixed.share)
    share = torch.where((ratio <= 1 / kappa) & (1 - mixed.share < tau), 1.0, share)
    return mixed._replace(share=share)


CARD = {
    "lever": "augment",
    "name": "remix",
    "title": "Remix (rebalanced mixup)",
    "seeds": ["071"],
    "needs": ["torch"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Chou et al. (2020), Remix: Rebalanced Mixup",
    "facts": {"rows": "any"},
}
