"""Noisy twins of features."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["feature_noise"]


def feature_noise(
    features: Tensor, target: Tensor, *, generator: torch.Generator | None = None
) -> tuple[Tensor, Tensor]:
    r"""Add a noisy twin of every row of features.

    When to use it: a head on frozen features and little data; twice as many rows come out.

    :math:`h + u\,\varepsilon`, :math:`\varepsilon \sim N(0, s^2 I)` with :math:`u, s` uniform in [0, 1] for each row.

    Args:
        features: (n, d).
        target: (n,) or (n, L).
        generator: torch's generator on the CPU; None for the global one.

    Returns:
        Features (2n, d), the rows first, and their targets.

    >>> feature_noise(torch.zeros(3, 2), torch.arange(3))[1].tolist()
    [0, 1, 2, 0, 1, 2]

    Source: Krubha, Lin, Hu and others (2025), Robust AI-Generated Face Detection with Imbalanced Data.
    """
    u, s = torch.rand(2, len(features), 1, generator=generator)
    noise = torch.randn(features.shape, generator=generator)
    twins = features + (u * s * noise).to(features)
    return torch.cat([features, twins]), torch.cat([target, target])


CARD = {
    "lever": "augment",
    "name": "feature_noise",
    "title": "Noisy twins in feature space",
    "seeds": ["029"],
    "needs": ["torch"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Robust AI-Generated Face Detection with Imbalanced Data (2025)",
    "facts": {"rows": "vectors"},
}
