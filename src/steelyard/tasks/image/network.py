"""Networks for pictures by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import torch
from torch import nn

from steelyard.core import UsageError, derive
from steelyard.nets import CosineHead, ResNet32, backbone

__all__ = ["NetworkSpec", "make_network"]

OWN = {"small": 1, "resnet32": 5}
"""Networks for small pictures, by their blocks a stage."""
HEADS: dict[str, Callable[[int, int], nn.Module]] = {"linear": nn.Linear, "cosine": CosineHead}


@dataclass(frozen=True)
class NetworkSpec:
    """What a network is, so that its weights alone need to be stored.

    Attributes:
        name: "small", "resnet32", "timm:NAME" or "torchvision:NAME".
        n_classes: K.
        channels: of the pictures.
        head: "linear" or "cosine".
    """

    name: str
    n_classes: int
    channels: int
    head: str = "linear"

    def __post_init__(self) -> None:
        """Refuse unknown names before anything is read."""
        source, _, what = self.name.partition(":")
        if self.name not in OWN and not (source in {"timm", "torchvision"} and what):
            raise UsageError(
                f"backbone is {self.name!r}, expected {', '.join(OWN)}, timm:NAME or torchvision:NAME"
            )

    @property
    def own(self) -> bool:
        """Whether it is one of ours, which takes any size and number of channels."""
        return self.name in OWN

    @property
    def repeat(self) -> int:
        """How often a grey channel must be repeated for it."""
        return 3 if not self.own and self.channels == 1 else 1

    def to_json(self) -> dict[str, Any]:
        """JSON-safe."""
        return asdict(self)


def make_network(spec: NetworkSpec, *, seed: int = 0, pretrained: bool = False) -> nn.Module:
    """The network with weights that depend on the seed only, or with published ones.

    Raises:
        MissingExtra: its library is not installed.

    >>> sum(p.numel() for p in make_network(NetworkSpec("small", 10, 1)).parameters())
    75002
    """
    head = HEADS[spec.head]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive(seed, "network"))
        if not spec.own:
            return backbone(spec.name, spec.n_classes, pretrained=pretrained, head=head)
        make = partial(ResNet32, spec.n_classes, channels=spec.channels, blocks=OWN[spec.name])
        plain = make()
        return plain if spec.head == "linear" else make(head=head(plain.dim, spec.n_classes))
