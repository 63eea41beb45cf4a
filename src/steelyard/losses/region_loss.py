"""The base of overlap losses: true and false positives summed over an image or a batch."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor
from torch.nn.functional import one_hot

from steelyard.core import UsageError
from steelyard.losses.base import IGNORED, Loss, check_classes
from steelyard.losses.counts import buffer
from steelyard.losses.reduction import Reduction

__all__ = ["RegionLoss"]


class RegionLoss(Loss):
    r"""The base of losses made of soft true positives, false positives and false negatives of each class.

    When to use it: to write an overlap loss of your own; override `costs(tp, fp, fn) -> costs`, all (m, K), m images.

    Args:
        over: "image" sums over each image, "batch" over all of them (steadier when classes are rare).
        absent: "skip" averages over the classes that occur in the target, "count" over all.
        class_weight: weights (K,) of the average over classes; None for equal ones.
        reduction: see `Loss`.

    Raises:
        UsageError: unknown options.
        TargetError: scores (n, K, …) and class positions (n, …) do not fit each other.
    """

    class_weight: Tensor | None

    def __init__(
        self,
        *,
        over: str = "image",
        absent: str = "skip",
        class_weight: ArrayLike | None = None,
        reduction: Reduction = "mean",
    ) -> None:
        super().__init__(reduction=reduction)
        if over not in {"image", "batch"} or absent not in {"skip", "count"}:
            raise UsageError(
                f"over={over!r}, absent={absent!r} came; expected image or batch, and skip or count"
            )
        self.over, self.absent = over, absent
        weight = None if class_weight is None else np.asarray(class_weight, dtype=np.float64)
        if weight is not None and (weight.ndim != 1 or not (weight >= 0).all() or not weight.any()):
            raise UsageError(
                f"class weights are {weight.tolist()}, expected one number of at least 0 a class"
            )
        buffer(self, "class_weight", weight)
        self.n_classes = None if weight is None else len(weight)

    @abstractmethod
    def costs(self, tp: Tensor, fp: Tensor, fn: Tensor) -> Tensor:
        """What each class of each image costs."""

    def values(self, scores: Tensor, target: Tensor) -> Tensor:
        """One value an image, or one for the batch."""
        check_classes(scores, target, self.n_classes)
        tp, predicted, actual = overlap_sums(scores, target)
        if self.over == "batch":
            tp, predicted, actual = (part.sum(0, keepdim=True) for part in (tp, predicted, actual))
        costs = self.costs(tp, predicted - tp, actual - tp)
        share = torch.ones_like(costs) if self.class_weight is None else self.class_weight.expand_as(costs)
        if self.absent == "skip":
            share = share * (actual > 0)
        total = share.sum(1)
        return (costs * share).sum(1) / torch.where(total > 0, total, 1.0)


def overlap_parts(scores: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Probabilities and one-hot truth (n, K, pixels); ignored pixels are zero in both."""
    n_classes = scores.shape[1]
    kept = (target != IGNORED).flatten(1)[:, None]
    truth = one_hot(target.flatten(1).clamp(min=0), n_classes).movedim(2, 1)
    p = scores.reshape(len(scores), n_classes, -1) if len(scores) else scores.flatten(2)
    return torch.where(kept, p.softmax(1), 0.0), torch.where(kept, truth, 0).to(scores.dtype)


def overlap_sums(scores: Tensor, target: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Soft true positives, predictions and truth of each class (n, K); ignored pixels count nowhere."""
    n, k = scores.shape[:2]
    flat = target.flatten(1)
    kept, y = (flat != IGNORED).to(scores.dtype), flat.clamp(min=0)
    p = (scores.reshape(n, k, -1) if n else scores.flatten(2)).softmax(1)
    predicted = torch.bmm(p, kept[..., None]).squeeze(2)
    own = p.gather(1, y[:, None])[:, 0] * kept
    empty = p.new_zeros(n, k)
    return empty.scatter_add(1, y, own), predicted, empty.scatter_add(1, y, kept)
