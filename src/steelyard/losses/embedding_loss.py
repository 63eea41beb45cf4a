"""The base of losses of embeddings: rows are compared with one another."""

from __future__ import annotations

from abc import abstractmethod

import torch
from torch import Tensor
from torch.nn.functional import normalize

from steelyard.core import TargetError
from steelyard.losses.base import Loss

__all__ = ["EmbeddingLoss"]


class EmbeddingLoss(Loss):
    """The base of losses of embeddings (n, d) and their class positions (n,): one value a row.

    When to use it: to write a contrastive loss of your own; override `anchors(features, labels) -> values (n,)`.
    A batch without rows costs 0 with the graph alive.

    Raises:
        TargetError: embeddings and labels do not fit each other.

    >>> class Spread(EmbeddingLoss):
    ...     def anchors(self, features, labels):
    ...         return (features @ features.T).mean(1)
    >>> Spread()(torch.eye(4), torch.arange(4)).item()
    0.25
    """

    @abstractmethod
    def anchors(self, features: Tensor, labels: Tensor) -> Tensor:
        """What each row costs."""

    def values(self, scores: Tensor, target: Tensor) -> Tensor:
        """One value a row; `scores` are embeddings here."""
        if scores.dim() != 2 or target.shape != scores.shape[:1]:
            raise TargetError(
                f"embeddings have shape {tuple(scores.shape)} and labels {tuple(target.shape)}; "
                "expected (n, d) and (n,)"
            )
        return self.anchors(scores, target) if len(scores) else scores.sum(1)


def unit(features: Tensor) -> Tensor:
    """Rows of length one; a row of zeros stays one."""
    return normalize(features, dim=1, eps=1e-12)


def same_class(labels: Tensor, others: Tensor) -> Tensor:
    """Whether rows (n,) and others (m,) share the class, (n, m)."""
    return labels[:, None] == others[None]


def without_self(n: int, m: int, device: torch.device) -> Tensor:
    """A mask (n, m) that is False where a row meets itself; the first n of m keys are the rows."""
    return ~torch.eye(n, m, dtype=torch.bool, device=device)


def log_sum(values: Tensor, kept: Tensor) -> Tensor:
    """The log of the sum of exponentials over the kept entries of each row; very low where none is kept."""
    low = torch.finfo(values.dtype).min / 4
    return torch.logsumexp(values.masked_fill(~kept, low), dim=1)
