"""What a user may ask of training on pictures, checked in one place."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch

from steelyard.core import UsageError
from steelyard.data import named_profile
from steelyard.decide import Goal
from steelyard.metrics import named
from steelyard.tasks.image import AUGMENTATIONS

__all__ = ["ImageOptions"]

LEAST_EPOCHS = 3


@dataclass(frozen=True, kw_only=True)
class ImageOptions:
    """The settings of a training on pictures; all of them decide its answer but `device`.

    Attributes:
        metric: what to reach; balanced accuracy serves every class alike.
        backbone: "small", "resnet32", "timm:NAME" or "torchvision:NAME".
        pretrained: start from published weights.
        size: pixels of a side, or None for the pictures' own.
        augment: "none", "crop" (shifts) or "flip" (shifts and mirror images).
        remedies: names of arms or losses, ("none",) for doing nothing alone, None for the defaults.
        epochs: passes over the training pictures, or None to be set by the budget.
        seeds: trainings of each arm, or None: one, or as many as the budget gives, up to three.
        budget: minutes of wall clock, or None.
        imbalance: cut the training pictures to a profile such as "exponential:100", or None.
        drop_rare: leave out classes with fewer than three different pictures instead of refusing them.
        test_size, validation_size: shares to draw where the source has no such part.
        batch_size, lr: of the optimiser.
        seed: decides every random choice.
        device: where to train, or None for an accelerator if there is one.
    """

    metric: str = "balanced_accuracy"
    backbone: str = "small"
    pretrained: bool = False
    size: int | None = None
    augment: str = "crop"
    remedies: tuple[str, ...] | None = None
    epochs: int | None = None
    seeds: int | None = None
    budget: float | None = None
    imbalance: str | None = None
    drop_rare: bool = False
    test_size: float = 0.2
    validation_size: float = 0.2
    batch_size: int = 64
    lr: float = 0.05
    seed: int = 0
    device: str | None = None

    def __post_init__(self) -> None:
        """Check every range once."""
        named(self.metric)
        if self.imbalance is not None:
            named_profile(self.imbalance)
        if self.pretrained and ":" not in self.backbone:
            raise UsageError(
                f"pretrained came with backbone {self.backbone!r}, which has no published weights; take timm:NAME or "
                "torchvision:NAME"
            )
        for name, value, low, high in (
            ("epochs", self.epochs, 1, 100_000),
            ("seeds", self.seeds, 1, 100),
            ("batch size", self.batch_size, 2, 65_536),
            ("seed", self.seed, 0, 2**32 - 1),
        ):
            if value is not None and not low <= value <= high:
                raise UsageError(f"{name} is {value}, expected a whole number from {low} to {high}")
        if self.budget is not None and not 0 < self.budget < 60 * 24 * 30:
            raise UsageError(f"budget is {self.budget} minutes, expected more than 0 and less than a month")
        if self.budget is not None and self.epochs is not None:
            raise UsageError("a budget and epochs were both given; give one, as the other would not hold")
        if not 0 < self.lr < 100:
            raise UsageError(f"lr is {self.lr}, expected a positive learning rate such as 0.05")
        if self.augment not in AUGMENTATIONS:
            raise UsageError(f"augment is {self.augment!r}, expected one of {', '.join(AUGMENTATIONS)}")
        _check_share("test size", self.test_size)
        _check_share("validation size", self.validation_size)
        _check_device(self.device)

    @property
    def goal(self) -> Goal:
        """The goal without the number of classes."""
        return Goal.of(self.metric)

    def deciding(self) -> dict[str, Any]:
        """The settings a resumed run must share."""
        settings = asdict(self)
        settings.pop("device")
        return settings


def _check_share(name: str, share: float) -> None:
    if not 0.01 <= share <= 0.8:
        raise UsageError(f"{name} is {share}, expected a share from 0.01 to 0.8")


def _check_device(device: str | None) -> None:
    """Refuse a device that is none, or not here."""
    if device is None:
        return
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, ValueError, NotImplementedError) as error:
        raise UsageError(
            f"device is {device!r}, which cannot be used here; give cpu or leave it out"
        ) from error
