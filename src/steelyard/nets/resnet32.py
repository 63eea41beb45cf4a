"""The small residual network of the long-tailed literature."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.functional import pad, relu

__all__ = ["ResNet32"]


class ResNet32(nn.Module):
    """A residual network for small images: three stages of five blocks, 64 features.

    When to use it: long-tailed CIFAR and other images of 28 to 64 pixels, to compare with published results.
    `features` gives what the head sees.

    Args:
        n_classes: K, for a linear head; ignored with `head`.
        channels: of the images, 3 or 1.
        width: channels of the first stage; the features have four times as many.
        blocks: blocks a stage: 3 is ResNet-20, 5 ResNet-32, 9 ResNet-56.
        head: a module from features to logits; None for a linear one.

    Returns:
        Of images (n, channels, h, w): logits (n, K), or whatever the head gives.

    >>> sum(p.numel() for p in ResNet32(10).parameters())
    464154

    Source: He, Zhang, Ren, Sun (2016), Deep Residual Learning for Image Recognition (its network for CIFAR, with
    shortcuts without parameters).
    """

    def __init__(
        self,
        n_classes: int,
        *,
        channels: int = 3,
        width: int = 16,
        blocks: int = 5,
        head: nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, width, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(width)
        stages = [stage(width, width, blocks, 1), stage(width, 2 * width, blocks, 2)]
        self.stages = nn.Sequential(*stages, stage(2 * width, 4 * width, blocks, 2))
        self.dim = 4 * width
        self.head = head if head is not None else nn.Linear(self.dim, n_classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight)

    def features(self, images: Tensor) -> Tensor:
        """What the head sees, (n, 4 · width)."""
        made: Tensor = self.stages(relu(self.norm(self.first(images))))
        return made.mean((2, 3))

    def forward(self, images: Tensor) -> Tensor:
        """The head's answer."""
        made: Tensor = self.head(self.features(images))
        return made


class Block(nn.Module):
    """Two convolutions beside a shortcut that strides and pads with zeros where sizes change."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.one = nn.Conv2d(before, after, 3, stride=stride, padding=1, bias=False)
        self.norm_one = nn.BatchNorm2d(after)
        self.two = nn.Conv2d(after, after, 3, padding=1, bias=False)
        self.norm_two = nn.BatchNorm2d(after)
        self.stride, self.extra = stride, (after - before) // 2

    def forward(self, x: Tensor) -> Tensor:
        """The sum of both ways."""
        y: Tensor = self.norm_two(self.two(relu(self.norm_one(self.one(x)))))
        if self.stride > 1 or self.extra:
            x = pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, self.extra, self.extra))
        return relu(y + x)


def stage(before: int, after: int, blocks: int, stride: int) -> nn.Sequential:
    """Blocks of one size; the first changes it."""
    return nn.Sequential(Block(before, after, stride), *(Block(after, after, 1) for _ in range(blocks - 1)))


CARD = {
    "lever": "nets",
    "name": "ResNet32",
    "title": "ResNet-32 for small images",
    "seeds": ["003", "011", "022", "054", "079", "084"],
    "needs": ["torch"],
    "example": {"n_classes": 3, "blocks": 1, "width": 4},
    "since": "0.1",
    "status": "claimed",
    "source": "He, Zhang, Ren, Sun (2016), Deep Residual Learning for Image Recognition",
    "facts": {"makes": "logits_of_images"},
}
