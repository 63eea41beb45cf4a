"""LADE: balanced softmax whose logits estimate how much likelier a class makes a row."""

from __future__ import annotations

from math import log

import numpy as np
import torch
from torch import Tensor

from steelyard.core import UsageError
from steelyard.losses.base import IGNORED, ClassLoss, check_classes, log_likelihood
from steelyard.losses.counts import PriorLike, buffer, counts_of
from steelyard.losses.reduction import Reduction

__all__ = ["LADELoss"]


class LADELoss(ClassLoss):
    r"""Balanced softmax with a term that ties the logits to the density ratio they stand for.

    When to use it: the class shares at deployment are known later, or differ from place to place: the bare logits serve
    a uniform prior, and adding the log of another prior re-targets them (`prior_shift(trained=[1] * K, target=…)`).

    :math:`l = \mathrm{CE}(z + \log \pi, y) - \alpha \sum_k \pi_k (T_k - S_k - \lambda S_k^2)`, where :math:`T_k` is
    the mean of :math:`z_k` over the batch's rows of class k (0 without any) and :math:`S_k = \log \frac{1}{n} \sum_i
    e^{z_{ik}} / (K \pi_k)` over all its rows: the Donsker-Varadhan bound of each class's divergence, with a damper.

    Args:
        prior: a `Prior` of the training rows, or counts (K,).
        strength: :math:`\alpha`; 0 leaves balanced softmax.
        damping: :math:`\lambda`.
        reduction: see `Loss`; "mean" gives the formula. The term belongs to the batch, so every row carries it.

    Returns:
        Of scores (n, K) or (n, K, …) and class positions (n,) or (n, …): the loss.

    Raises:
        UsageError: a negative strength or damping.
        TooFewSamples: a class without rows.
        TargetError: scores and target do not fit each other or the prior.

    >>> loss = LADELoss([75, 25], strength=1.0, damping=0.0)
    >>> round(loss(torch.zeros(1, 2), torch.tensor([1])).item(), 4)  # log 4 + 0.75 log(2/3) + 0.25 log 2
    1.2555

    Source: Hong, Han, Choi, Seo, Kim, Chang (2021), Disentangling Label Distribution for Long-Tailed Visual
    Recognition; the ratio is taken class by class, as in the authors' runs.
    """

    log_prior: Tensor

    def __init__(
        self,
        prior: PriorLike,
        *,
        strength: float = 0.1,
        damping: float = 0.1,
        reduction: Reduction = "mean",
    ) -> None:
        super().__init__(reduction=reduction)
        if not (strength >= 0 and damping >= 0):
            raise UsageError(f"strength={strength}, damping={damping} came, expected numbers of at least 0")
        counts = counts_of(prior)
        self.strength, self.damping, self.n_classes = float(strength), float(damping), len(counts)
        buffer(self, "log_prior", np.log(counts / counts.sum()))

    def values(self, scores: Tensor, target: Tensor) -> Tensor:
        """One value for each entry of `target`: its cross-entropy and the batch's term."""
        check_classes(scores, target, self.n_classes)
        z = scores.movedim(1, -1).flatten(0, -2) if scores.dim() > 2 else scores
        kept = target.flatten() != IGNORED
        y = torch.where(kept, target.flatten(), 0)
        costs = -log_likelihood(z + self.log_prior.to(z.dtype), y) + self.strength * self._term(z, y, kept)
        return torch.where(kept, costs, 0.0).reshape(target.shape)

    def _term(self, z: Tensor, y: Tensor, kept: Tensor) -> Tensor:
        """Minus the damped bound, averaged over classes by their prior."""
        log_prior, counted = self.log_prior.to(z.dtype), kept[:, None].to(z.dtype)
        one = torch.zeros_like(z).scatter(1, y[:, None], counted)
        own = (z * one).sum(0) / one.sum(0).clamp(min=1)
        # a last row that does not count keeps the maximum of an empty batch finite
        every = torch.cat(
            [torch.where(kept[:, None], z, -torch.inf), z.new_full((1, z.shape[1]), -torch.inf)]
        )
        top = every.detach().amax(0)
        top = torch.where(top == -torch.inf, 0.0, top)
        total = (every - top).exp().sum(0).clamp(min=torch.finfo(z.dtype).tiny)
        mean = total.log() + top - counted.sum().clamp(min=1).log()
        seen = mean - log_prior - log(z.shape[1])
        return -(log_prior.exp() * (own - seen - self.damping * seen.square())).sum()


CARD = {
    "lever": "losses",
    "name": "LADELoss",
    "title": "Label-distribution disentangling loss (LADE)",
    "seeds": ["071"],
    "needs": ["torch"],
    "example": {"prior": [900, 90, 10]},
    "since": "0.1",
    "status": "claimed",
    "source": "Hong et al. (2021), Disentangling Label Distribution for Long-Tailed Visual Recognition",
    "facts": {"takes": "classes", "across_rows": True},
}
