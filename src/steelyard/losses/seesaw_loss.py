"""Seesaw loss: punish rare classes less, confident mistakes more."""

from __future__ import annotations

from math import log

import numpy as np
import torch
from torch import Tensor

from steelyard.core import UsageError
from steelyard.losses.base import ClassLoss, log_likelihood, normalised, relative_likelihood
from steelyard.losses.counts import PriorLike, buffer, counts_of
from steelyard.losses.reduction import Reduction

__all__ = ["SeesawLoss"]

FAR = 30.0
"""The largest logarithm of a factor that single precision holds with room to spare."""


class SeesawLoss(ClassLoss):
    r"""Cross-entropy in which rows of common classes press less on the logits of rarer ones.

    When to use it: long-tailed detection and recognition, where most of what a rare class learns is "not this". The
    published runs count classes while they train; here the counts of the prior are used from the start.

    :math:`l = -\log \frac{e^{z_y}}{e^{z_y} + \sum_{j \neq y} S_{yj} e^{z_j}}` with
    :math:`S_{yj} = \min(1, n_j / n_y)^p \max(1, \sigma_j / \sigma_y)^q`, :math:`\sigma` the softmax without gradient.

    Args:
        prior: a `Prior` of the training rows, or counts (K,).
        p: mitigation, 0 to 1; 0 turns it off.
        q: compensation of mistakes, at least 0; 0 turns it off.
        eps: the smallest :math:`\sigma_y` to divide by.
        reduction: see `Loss`.

    Returns:
        Of scores (n, K) or (n, K, …) and class positions (n,) or (n, …): the loss.

    Raises:
        UsageError: a negative p or q.
        TooFewSamples: a class without rows.
        TargetError: scores and target do not fit each other or the prior.

    >>> import torch
    >>> loss = SeesawLoss([100, 25], p=0.5, q=0.0)
    >>> round(loss(torch.zeros(1, 2), torch.tensor([0])).item(), 4)  # log(1 + sqrt(25 / 100))
    0.4055

    Source: Wang, Zhang, Zang, Cao, Pang, Gong, Chen, Liu, Loy, Lin (2021), Seesaw Loss for Long-Tailed Instance
    Segmentation.
    """

    log_counts: Tensor

    def __init__(
        self,
        prior: PriorLike,
        *,
        p: float = 0.8,
        q: float = 2.0,
        eps: float = 0.01,
        reduction: Reduction = "mean",
    ) -> None:
        super().__init__(reduction=reduction)
        if p < 0 or q < 0 or eps <= 0:
            raise UsageError(f"p={p}, q={q}, eps={eps} came, expected p and q of at least 0 and eps above 0")
        counts = counts_of(prior)
        self.p, self.q, self.eps, self.n_classes = float(p), float(q), float(eps), len(counts)
        buffer(self, "log_counts", np.log(counts))

    def rows(self, scores: Tensor, target: Tensor) -> Tensor:
        """Seesaw loss of each row; the right class has factor one by itself."""
        z = scores
        if self.p:
            n = self.log_counts.to(z.dtype)
            z = z + self.p * (n - n[target, None]).clamp(max=0)
        if self.q:
            logp = scores.detach().log_softmax(1)
            own = logp.gather(1, target[:, None]).clamp(min=float(np.log(self.eps)))
            # where the right class lies below eps its own ratio is below one, so the clamp leaves it at factor one
            z = z + self.q * (logp - own).clamp(min=0)
        return -log_likelihood(z, target)

    def sloped(self, scores: Tensor, target: Tensor, slopes: Tensor) -> Tensor | None:
        """The same with its derivative; what is the same for all classes of a row is left out of the factors."""
        if self.q * -log(self.eps) > FAR:
            return None
        at = target[:, None]
        own = scores.gather(1, at)
        lead = relative_likelihood(scores, slopes).sub_(own)
        if self.q:
            least = torch.maximum(slopes.gather(1, at), slopes.sum(1, keepdim=True).mul_(self.eps))
            slopes.mul_(torch.maximum(slopes, least).pow_(self.q))
            lead.sub_(least.log_(), alpha=self.q)
        if self.p:
            n = self.log_counts.to(scores.dtype).sub(self.log_counts.max()).mul_(self.p)
            share = n.exp()
            slopes.mul_(torch.minimum(share, share[at]))
            lead.sub_(n[at])
        return normalised(slopes, at).add_(lead)[:, 0]


CARD = {
    "lever": "losses",
    "name": "SeesawLoss",
    "title": "Seesaw loss",
    "seeds": ["059"],
    "needs": ["torch"],
    "example": {"prior": [900, 90, 10]},
    "since": "0.1",
    "status": "claimed",
    "source": "Wang et al. (2021), Seesaw Loss for Long-Tailed Instance Segmentation",
    "facts": {"takes": "classes", "constant_part": True},
}
