"""What all losses share: values one by one inside, one reducer outside."""

from __future__ import annotations

from abc import ABC, abstractmethod
from math import log

import torch
from torch import Tensor, nn

from steelyard.core import TargetError, UsageError
from steelyard.losses.blocks import Sloped, by_blocks, worthwhile
from steelyard.losses.reduction import Reduction, reduce

__all__ = ["ClassLoss", "Loss"]

IGNORED = -100
"""The class position of rows that do not count, as in `torch.nn.functional.cross_entropy`."""


class Loss(nn.Module, ABC):
    """The base of all losses: subclasses say what each row costs, this class weighs, averages and keeps precision.

    When to use it: to write a loss of your own; override `values`, or `rows` of `ClassLoss`.

    Args:
        reduction: "mean" (of the rows that count), "sum", "none", "weighted_mean" (divided by the sum of the
            weights, as class weights of `torch.nn.CrossEntropyLoss` do), or a callable `(values, weight) ->
            scalar` such as `CVaR`.

    Raises:
        UsageError: an unknown reduction.

    >>> import torch
    >>> class Distance(Loss):
    ...     def values(self, scores, target):
    ...         return (scores - target).abs()
    >>> Distance(reduction="sum")(torch.tensor([1.0, 2.0]), torch.tensor([0.0, 4.0])).item()
    3.0
    """

    n_classes: int | None = None
    sloped: Sloped | None = None
    """Values and slopes in closed form, for speed (`blocks`); None where a loss has none."""

    def __init__(self, *, reduction: Reduction = "mean") -> None:
        super().__init__()
        if not callable(reduction) and reduction not in {"mean", "sum", "none", "weighted_mean"}:
            raise UsageError(
                f"reduction is {reduction!r}, expected mean, sum, none, weighted_mean or a callable such as CVaR(0.5)"
            )
        self.reduction = reduction

    @abstractmethod
    def values(self, scores: Tensor, target: Tensor) -> Tensor:
        """What each row costs, nothing reduced."""

    def counted(self, scores: Tensor, target: Tensor) -> Tensor | None:  # noqa: ARG002 - for subclasses
        """A mask shaped like the values of what a mean runs over; None for all."""
        return None

    def forward(self, scores: Tensor, target: Tensor, /, *, weight: Tensor | None = None) -> Tensor:
        """The reduced loss, computed in float32 at least; `weight` multiplies the values."""
        with torch.autocast(scores.device.type, enabled=False):
            wide = precise(scores)
            return reduce(self.values(wide, target), weight, self.counted(wide, target), self.reduction)

    def extra_repr(self) -> str:
        """Shown by print."""
        return f"reduction={self.reduction!r}"


class ClassLoss(Loss):
    """The base of losses of scores (n, K) or (n, K, …) against class positions (n,) or (n, …).

    When to use it: to write a loss of your own for one class a row; override `rows(scores, target) -> values`, which
    sees scores (m, K) and positions (m,). Rows of position -100 cost nothing and do not count.

    Raises:
        TargetError: scores and target do not fit each other or the prior.

    >>> import torch
    >>> class ErrorRate(ClassLoss):
    ...     def rows(self, scores, target):
    ...         return 1 - scores.softmax(1).gather(1, target[:, None])[:, 0]
    >>> ErrorRate()(torch.zeros(3, 2), torch.tensor([0, 1, -100])).item()
    0.5
    """

    def rows(self, scores: Tensor, target: Tensor) -> Tensor:
        """What each row of scores (m, K) costs when its class is target (m,)."""
        raise NotImplementedError  # not abstract: a loss that looks across rows overrides `values` instead

    def values(self, scores: Tensor, target: Tensor) -> Tensor:
        """One value for each entry of `target`."""
        rows, known, kept = self._in_rows(scores, target)
        if self.sloped is None or not worthwhile(rows):
            costs = self.rows(rows, known)
        else:
            costs = by_blocks(self.rows, self.sloped, rows, known)
        return torch.where(kept, costs, 0.0).reshape(target.shape)

    def forward(self, scores: Tensor, target: Tensor, /, *, weight: Tensor | None = None) -> Tensor:
        """The reduced loss; of a mean or sum, blocks give the gradient itself."""
        own = type(self).values is not ClassLoss.values  # a subclass has its own way to values
        simple = weight is None and self.reduction in ("mean", "sum")
        if self.sloped is None or own or not simple or not worthwhile(scores):
            return super().forward(scores, target, weight=weight)
        with torch.autocast(scores.device.type, enabled=False):
            rows, known, kept = self._in_rows(precise(scores), target)
            share = kept.to(rows.dtype)
            if self.reduction == "mean":
                share /= share.sum().clamp(min=1)
            return by_blocks(self.rows, self.sloped, rows, known, share)

    def _in_rows(self, scores: Tensor, target: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Scores (m, K), positions (m,) with 0 in place of unknown ones, and which are known."""
        check_classes(scores, target, self.n_classes)
        rows = scores.movedim(1, -1).flatten(0, -2) if scores.dim() > 2 else scores
        flat = target.flatten()
        kept = flat != IGNORED
        return rows, torch.where(kept, flat, 0), kept

    def counted(self, scores: Tensor, target: Tensor) -> Tensor | None:  # noqa: ARG002 - as in the base
        """Rows whose class is known."""
        return target != IGNORED


def precise(scores: Tensor) -> Tensor:
    """Half precision becomes float32; everything else stays."""
    return scores.float() if scores.dtype in {torch.float16, torch.bfloat16} else scores


def check_classes(scores: Tensor, target: Tensor, n_classes: int | None) -> None:
    """Scores (n, K, …), positions (n, …), and as many columns as the prior knows."""
    if scores.dim() < 2 or target.shape != scores.shape[:1] + scores.shape[2:]:
        raise TargetError(
            f"scores have shape {tuple(scores.shape)} and the target {tuple(target.shape)}; "
            "expected scores (n, K, …) and class positions (n, …)"
        )
    if target.is_floating_point() or target.dtype == torch.bool:
        raise TargetError(
            f"the target has dtype {target.dtype}, expected class positions; pass target.long()"
        )
    if n_classes is not None and scores.shape[1] != n_classes:
        raise TargetError(
            f"scores have {scores.shape[1]} columns, the prior knows {n_classes} classes; give one column a class"
        )


def log_likelihood(scores: Tensor, target: Tensor) -> Tensor:
    """The log-probability (m,) that the softmax of scores (m, K) gives to class positions (m,)."""
    return -nn.functional.cross_entropy(scores, target, reduction="none")


def likelihood_sloped(scores: Tensor, target: Tensor, slopes: Tensor) -> Tensor:
    """Minus the log-likelihood (m,) and, into `slopes` (which may hold the scores), its derivative."""
    at = target[:, None]
    own = scores.gather(1, at)
    top = relative_likelihood(scores, slopes)
    return normalised(slopes, at).add_(top).sub_(own)[:, 0]


def relative_likelihood(scores: Tensor, out: Tensor) -> Tensor:
    """Likelihoods (m, K) as multiples of each row's highest into `out` (which may hold the scores); the highest scores.

    Powers of two cost less than half of what powers of e do. Below 2^-100 all is the same, which spares the processor
    its slow smallest numbers.
    """
    top = scores.amax(1, keepdim=True)
    torch.sub(scores, top, out=out).mul_(1 / log(2)).clamp_(min=-100).exp2_()
    return top


def normalised(likelihood: Tensor, at: Tensor) -> Tensor:
    """Turn likelihoods (m, K) into what cross-entropy's derivative is, where they lie; the logarithms of their sums."""
    total = likelihood.sum(1, keepdim=True)
    likelihood.div_(total).scatter_add_(1, at, likelihood.new_full((len(at), 1), -1.0))
    return total.log_()
