"""A rectangle of one image pasted into another."""

from __future__ import annotations

import torch
from torch import Tensor

from steelyard.augment._mixup import Mixed, beta

__all__ = ["cutmix"]


def cutmix(
    images: Tensor, target: Tensor, *, alpha: float = 1.0, generator: torch.Generator | None = None
) -> Mixed:
    r"""Paste the same rectangle of another image of the batch into every image.

    When to use it: images, where blends look unnatural. Shares are those of the pixels.

    The rectangle has :math:`1 - \lambda` of the area, :math:`\lambda \sim \mathrm{Beta}(\alpha, \alpha)`, its centre
    anywhere; what sticks out is cut off and the share corrected.

    Args:
        images: (n, channels, h, w).
        target: class positions (n,) or indicators (n, L).
        alpha: 0 pastes nothing.
        generator: torch's generator on the CPU; None for the global one.

    Raises:
        UsageError: a negative alpha.

    >>> images = torch.arange(2.0)[:, None, None, None].expand(2, 1, 8, 8)
    >>> mixed = cutmix(images, torch.tensor([0, 1]), generator=torch.Generator().manual_seed(1))
    >>> bool(torch.isclose(mixed.rows[1].mean(), mixed.share[0]) | (mixed.first == mixed.second).all())
    True

    Source: Yun, Han, Oh, Chun, Choe, Yoo (2019), CutMix: Regularization Strategy to Train Strong Classifiers with
    Localizable Features.
    """
    share = beta(alpha, generator)
    other = torch.randperm(len(images), generator=generator).to(images.device)
    height, width = images.shape[-2:]
    at = torch.rand(2, generator=generator).tolist()
    top, bottom = edges(at[0], height, share)
    left, right = edges(at[1], width, share)
    mixed = images.clone()
    mixed[..., top:bottom, left:right] = images[other][..., top:bottom, left:right]
    kept = 1 - (bottom - top) * (right - left) / (height * width)
    return Mixed(mixed, target, target[other], torch.full((len(images),), kept, device=images.device))


def edges(centre: float, size: int, share: float) -> tuple[int, int]:
    """Where a side of the rectangle begins and ends."""
    half = round(size * (1 - share) ** 0.5) / 2
    middle = int(centre * size)
    return max(0, int(middle - half)), min(size, int(middle + half))


CARD = {
    "lever": "augment",
    "name": "cutmix",
    "title": "CutMix",
    "seeds": ["071"],
    "needs": ["torch"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Yun et al. (2019), CutMix",
    "facts": {"rows": "images"},
}
