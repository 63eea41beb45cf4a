"""What all losses share: values one by one inside, one reducer outside."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from steelyard.core import TargetError, UsageError
from steelyard.losses.blocks import Sloped, by_blocks, worthwhile
from steelyard.losses.reduction import Reduction, reduce

__all__ = ["ClassLoss", "Loss"]

IGNORED = -100
"""The class position of rows that do not count, as in `torch.nn.functional.cross_entropy`."""


class Loss(nn.Module):
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

    def values(self, scores: Tensor, target: Tensor) -> Tensor:
        """What each row costs, nothing reduced."""
        raise NotImplementedError

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
        raise NotImplementedError

    def values(self, scores: Tensor, target: Tensor) -> Tensor:
        """One value for each entry of `target`."""
        check_classes(scores, target, self.n_classes)
        last = scores.movedim(1, -1).flatten(0, -2) if scores.dim() > 2 else scores
        flat = target.flatten()
        kept = flat != IGNORED
        known = torch.where(kept, flat, 0)
        if self.sloped is None or not worthwhile(last):
            costs = self.rows(last, known)
        else:
            costs = by_blocks(self.rows, self.sloped, last, known)
        return torch.where(kept, costs, 0.0).reshape(target.shape)

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
    lead = scores.amax(1) - scores.gather(1, target[:, None])[:, 0]
    p = torch.softmax(scores, 1, out=slopes)
    # the largest probability never vanishes, so it holds the log of the sum exactly
    cost = lead - p.amax(1).log_()
    p.scatter_add_(1, target[:, None], p.new_full((len(p), 1), -1.0))
    return cost
