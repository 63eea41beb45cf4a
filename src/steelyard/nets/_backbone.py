"""Networks of other libraries, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from steelyard.core import UsageError, require

__all__ = ["Backbone", "backbone"]


class Backbone(nn.Module):
    """A network that gives features (n, dim), with a head on top.

    When to use it: made by `backbone`; `features` gives what the head sees.
    """

    def __init__(self, body: nn.Module, dim: int, head: nn.Module) -> None:
        super().__init__()
        self.body, self.dim, self.head = body, dim, head

    def features(self, batch: Any) -> Tensor:
        """What the head sees."""
        made: Tensor = self.body(batch)
        return made

    def forward(self, batch: Any) -> Tensor:
        """The head's answer."""
        made: Tensor = self.head(self.features(batch))
        return made


def backbone(
    name: str,
    n_classes: int,
    *,
    pretrained: bool = True,
    head: Callable[[int, int], nn.Module] = nn.Linear,
    **options: Any,
) -> Backbone:
    """A network of timm, torchvision or transformers with a head of yours.

    When to use it: `backbone("timm:resnet50", 100, head=CosineHead)`. Without a prefix timm is asked. Weights are
    fetched by the library itself when `pretrained`.

    Args:
        name: "timm:…", "torchvision:…" or "transformers:…", with that library's name of the network.
        n_classes: K.
        pretrained: start from published weights.
        head: called with the number of features and K.
        **options: handed to the library.

    Returns:
        A `Backbone`; those of transformers take a dictionary of tensors and give the first token's features.

    Raises:
        UsageError: an unknown library or network, or a network whose features cannot be read off.
        MissingExtra: the library is not installed.

    >>> backbone("keras:resnet", 10)
    Traceback (most recent call last):
    steelyard.core.errors.UsageError: 'keras' is no source of networks; expected timm, torchvision or transformers
    """
    source, _, network = name.rpartition(":")
    source = source or "timm"
    if source not in SOURCES:
        raise UsageError(f"{source!r} is no source of networks; expected timm, torchvision or transformers")
    body, dim = SOURCES[source](network, pretrained, options)
    return Backbone(body, dim, head(dim, n_classes))


def _timm(name: str, pretrained: bool, options: dict[str, Any]) -> tuple[nn.Module, int]:
    timm = require("timm", extra="timm")
    if not timm.is_model(name):
        raise UsageError(f"timm knows no network {name!r}; `timm.list_models()` names those it has")
    body = timm.create_model(name, pretrained=pretrained, num_classes=0, **options)
    # networks with a layer between pooling and classifier end in more features than they pool
    return body, int(getattr(body, "head_hidden_size", None) or body.num_features)


def _torchvision(name: str, pretrained: bool, options: dict[str, Any]) -> tuple[nn.Module, int]:
    models = require("torchvision.models", extra="vision")
    if name not in models.list_models(module=models):
        raise UsageError(
            f"torchvision knows no classifier {name!r}; `torchvision.models.list_models()` names its own"
        )
    body = models.get_model(name, weights="DEFAULT" if pretrained else None, **options)
    for helper in ("aux1", "aux2", "AuxLogits"):  # heads that answer beside the last one in training
        if getattr(body, helper, None) is not None:
            setattr(body, helper, None)
            body.aux_logits = False
    ends = [
        (place, layer)
        for place, layer in body.named_modules()
        if place.partition(".")[0] in {"fc", "classifier", "heads", "head"}
        and isinstance(layer, nn.Linear | nn.Conv2d)
    ]
    if not ends:
        raise UsageError(f"torchvision's {name!r} has no classifier that can be taken off; use timm's")
    place, last = ends[-1]
    parent, _, leaf = place.rpartition(".")
    setattr(body.get_submodule(parent), leaf, nn.Identity())
    return body, last.in_features if isinstance(last, nn.Linear) else last.in_channels


def _transformers(name: str, pretrained: bool, options: dict[str, Any]) -> tuple[nn.Module, int]:
    library = require("transformers", extra="transformers")
    if pretrained:
        body = library.AutoModel.from_pretrained(name, **options)
    else:
        body = library.AutoModel.from_config(library.AutoConfig.from_pretrained(name, **options))
    return FirstToken(body), int(body.config.hidden_size)


class FirstToken(nn.Module):
    """The first token's last hidden state."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, batch: dict[str, Tensor]) -> Tensor:
        """Features (n, hidden size)."""
        hidden: Tensor = self.model(**batch).last_hidden_state
        return torch.select(hidden, 1, 0)


SOURCES: dict[str, Callable[[str, bool, dict[str, Any]], tuple[nn.Module, int]]] = {
    "timm": _timm,
    "torchvision": _torchvision,
    "transformers": _transformers,
}


CARD = {
    "lever": "nets",
    "name": "backbone",
    "title": "Networks of timm, torchvision and transformers by name",
    "seeds": [],
    "needs": ["torch"],
    "example": {},
    "since": "0.1",
    "status": "experimental",
    "source": "Wightman (2019), PyTorch Image Models",
    "facts": {"makes": "change"},
}
