"""Learnt and random policies of torchvision, for batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from steelyard.core import DataError, UsageError, require

__all__ = ["auto_augment"]

POLICIES = {"imagenet": "IMAGENET", "cifar10": "CIFAR10", "svhn": "SVHN"}
OTHERS = {"rand": "RandAugment", "trivial": "TrivialAugmentWide", "augmix": "AugMix"}


def auto_augment(name: str = "trivial", **options: Any) -> Callable[[Tensor], Tensor]:
    """A map of batches of images to batches of changed ones, by a policy of torchvision.

    When to use it: training on images, where published long-tailed results lean on strong augmentation; compare arms
    with the same one. In a training stage: `Supervised(loss, mix=lambda x, y: (change(x), y))`.

    Args:
        name: "imagenet", "cifar10" or "svhn" for AutoAugment as learnt there; "rand", "trivial" or "augmix".
        **options: handed to torchvision, such as `num_ops=2, magnitude=9` for "rand".

    Returns:
        A function of images (n, 1 or 3, h, w), uint8 or floats from 0 to 1, that gives as many of the same kind; every
        image has draws of its own, from torch's global generator.

    Raises:
        UsageError: an unknown name.
        DataError: a batch that holds no images.
        MissingExtra: torchvision is not installed.

    >>> auto_augment("cifar100")
    Traceback (most recent call last):
    steelyard.core.errors.UsageError: 'cifar100' is no policy; expected imagenet, cifar10, svhn, rand, trivial, augmix

    Source: Cubuk, Zoph, Mané, Vasudevan, Le (2019), AutoAugment: Learning Augmentation Strategies from Data.
    """
    if name not in POLICIES | OTHERS:
        raise UsageError(f"{name!r} is no policy; expected {', '.join(POLICIES | OTHERS)}")
    library = require("torchvision.transforms.v2", extra="vision")
    if name in POLICIES:
        change = library.AutoAugment(getattr(library.AutoAugmentPolicy, POLICIES[name]), **options)
    else:
        change = getattr(library, OTHERS[name])(**options)

    def changed(images: Tensor) -> Tensor:
        if images.dim() != 4 or images.shape[1] not in {1, 3}:
            raise DataError(f"a batch of shape {tuple(images.shape)} came, expected images (n, 1 or 3, h, w)")
        # the policies know shades from 0 to 255 only
        shades = (
            images if images.dtype == torch.uint8 else (images * 255).round().clamp(0, 255).to(torch.uint8)
        )
        made = torch.stack([change(image) for image in shades]) if len(shades) else shades
        return made if images.dtype == torch.uint8 else made.to(images.dtype) / 255

    return changed


CARD = {
    "lever": "augment",
    "name": "auto_augment",
    "title": "AutoAugment, RandAugment, TrivialAugment and AugMix by torchvision",
    "seeds": ["055", "111"],
    "needs": ["torch"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Cubuk et al. (2019), AutoAugment: Learning Augmentation Strategies from Data",
}
