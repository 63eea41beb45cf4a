"""What can be done about rare classes in training on pictures, doing nothing first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import nn

from steelyard.core import Floats, Prior, UsageError, find
from steelyard.losses import BalancedSoftmaxLoss, ClassBalancedLoss, LDAMLoss
from steelyard.train import deferred

__all__ = ["ARMS", "DEFAULT", "NOTHING", "ImageArm", "chosen_arms"]


@dataclass(frozen=True)
class ImageArm:
    """One way of training.

    Attributes:
        name: what it is asked for by.
        label: what people read.
        rank: how much it meddles; of equals the lowest is chosen.
        loss: prior, epochs -> a loss or a schedule of losses.
        trained: training prior -> the class shares its probabilities stand at.
        head: "linear" or "cosine".
        retrains: only the head is trained again, on the body of doing nothing, with class-balanced batches.
    """

    name: str
    label: str
    rank: float
    loss: Callable[[Prior, int], Any]
    trained: Callable[[Prior], Floats]
    head: str = "linear"
    retrains: bool = False


def _natural(prior: Prior) -> Floats:
    return prior.p


def _uniform(prior: Prior) -> Floats:
    return np.full(prior.n_classes, 1 / prior.n_classes)


def _late(epochs: int) -> int:
    """When deferred weights set in: at four fifths, as its authors have it."""
    return epochs * 4 // 5


def _reweighted(prior: Prior, epochs: int) -> Any:
    return deferred(nn.CrossEntropyLoss(), ClassBalancedLoss(prior), at=_late(epochs))


def _margins(prior: Prior, epochs: int) -> Any:
    margin = LDAMLoss(prior, scale=SCALE)
    return deferred(margin, ClassBalancedLoss(prior, loss=margin), at=_late(epochs))


def _balanced(prior: Prior) -> Floats:
    return prior.reweighted(ClassBalancedLoss(prior).weight.numpy()).p


SCALE = 10.0
"""Of the margins' cosines: the paper's 30 wants more steps than small sets give."""

NOTHING = ImageArm("nothing", "doing nothing", 0.0, lambda _prior, _epochs: nn.CrossEntropyLoss(), _natural)
ARMS: tuple[ImageArm, ...] = (
    NOTHING,
    ImageArm(
        "retrained-head",
        "retrained classifier",
        2.0,
        lambda _prior, _epochs: nn.CrossEntropyLoss(),
        _uniform,
        retrains=True,
    ),
    ImageArm(
        "balanced-softmax", "balanced softmax", 2.5, lambda prior, _: BalancedSoftmaxLoss(prior), _uniform
    ),
    ImageArm("deferred-weights", "deferred re-weighting", 3.0, _reweighted, _balanced),
    ImageArm("LDAM-DRW", "margins with deferred re-weighting", 4.0, _margins, _balanced, head="cosine"),
)
DEFAULT = ("retrained-head", "balanced-softmax", "deferred-weights")


def chosen_arms(names: Sequence[str] | None) -> tuple[ImageArm, ...]:
    """Doing nothing, and the arms that were asked for: by name, or as a loss of `steelyard.losses`.

    Raises:
        UsageError: an unknown name, or a loss that wants more than the prior.

    >>> [arm.name for arm in chosen_arms(["FocalLoss", "balanced-softmax"])]
    ['nothing', 'FocalLoss', 'balanced-softmax']
    """
    wanted = DEFAULT if names is None else tuple(name for name in names if name != NOTHING.name)
    if "none" in wanted:
        if len(wanted) > 1:
            raise UsageError("remedy 'none' came with others; name remedies, or none alone")
        return (NOTHING,)
    known = {arm.name: arm for arm in ARMS}
    return (NOTHING, *(known.get(name) or _of_loss(name) for name in dict.fromkeys(wanted)))


def _of_loss(name: str) -> ImageArm:
    cards = {card.name: card for card in find(lever="losses") if card.facts.get("takes") == "classes"}
    card = cards.get(name)
    options = set(card.example) if card else set()
    if card is None or not options <= {"prior", "beta", "gamma"}:
        shown = ", ".join(arm.name for arm in ARMS[1:])
        raise UsageError(
            f"remedy {name!r} is not known; expected {shown}, or a loss of class positions such as FocalLoss or "
            "VSLoss (`steelyard list --lever losses`)"
        )

    def loss(prior: Prior, _epochs: int) -> Any:
        return card.load()(prior) if "prior" in options else card.load()()

    return ImageArm(
        name, card.title.lower() if card.title[1:2].islower() else card.title, 3.5, loss, _natural
    )
