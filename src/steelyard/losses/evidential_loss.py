"""Evidence for every class, and a pull to no evidence for the wrong ones."""

from __future__ import annotations

from math import lgamma, log, pi

import torch
from torch import Tensor

from steelyard.core import UsageError
from steelyard.losses.base import ClassLoss, log_likelihood
from steelyard.losses.logit_transform import LogitTransform
from steelyard.losses.reduction import Reduction

__all__ = ["EvidentialLoss", "dirichlet_kl"]

LARGE = 1000.0


class EvidentialLoss(ClassLoss):
    r"""Likelihood of a Dirichlet's mean, and the divergence of its wrong classes from knowing nothing.

    When to use it: a classifier that shall say how little it knows of a row (`nets.Evidence` reads it off). Raise
    `strength` slowly over the epochs; it may be set between them.

    With :math:`\alpha' = e^{z'}` of transformed logits: :math:`l = -\log(\alpha'_y / \sum_k \alpha'_k) +
    t\,\mathrm{KL}(\mathrm{Dir}(\tilde\alpha)\,\|\,\mathrm{Dir}(1))`, where :math:`\tilde\alpha` is 1 for the right
    class and :math:`\alpha'_k + 1` for the others.

    Args:
        strength: t; published runs end near 0.015.
        transform: what happens to the logits first, such as `label_aware_margin(prior)`; None for nothing.
        reduction: see `Loss`.

    Returns:
        Of scores (n, K) or (n, K, …) and class positions (n,) or (n, …): the loss. Logits up to about 80 are exact;
        the divergence is computed in float64.

    Raises:
        UsageError: a negative strength.
        TargetError: scores and target do not fit each other.

    >>> loss = EvidentialLoss(strength=1.0)
    >>> round(loss(torch.tensor([[0.0, -20.0]]), torch.tensor([0])).item(), 4)  # right, and nothing said of the other
    0.0

    Source: Li, Han, Li, Fu, Zhang (2022), Trustworthy Long-Tailed Classification.
    """

    def __init__(
        self,
        *,
        strength: float = 0.015,
        transform: LogitTransform | None = None,
        reduction: Reduction = "mean",
    ) -> None:
        super().__init__(reduction=reduction)
        if not strength >= 0:
            raise UsageError(f"strength is {strength}, expected a number of at least 0")
        self.strength = float(strength)
        self.transform = transform if transform is not None else LogitTransform()
        self.n_classes = self.transform.n_classes

    def rows(self, scores: Tensor, target: Tensor) -> Tensor:
        """Evidential loss of each row."""
        z = self.transform(scores, target)
        cost = -log_likelihood(z, target)
        if not self.strength:
            return cost
        evidence = z.double().clamp(max=80.0).exp().scatter(1, target[:, None], 0.0)
        return cost + self.strength * dirichlet_kl(evidence + 1).to(cost.dtype)


def dirichlet_kl(alpha: Tensor) -> Tensor:
    r"""How far Dirichlet distributions are from the uniform one.

    :math:`\mathrm{KL}(\mathrm{Dir}(\alpha)\,\|\,\mathrm{Dir}(1))`.

    When to use it: to keep evidence small where it is not needed.

    Args:
        alpha: parameters (…, K), positive; float64 keeps large ones exact.

    >>> dirichlet_kl(torch.tensor([1.0, 1.0])).item()
    0.0
    """
    k = alpha.shape[-1]
    return _entropy_part(alpha.sum(-1), k) - _entropy_part(alpha, 1).sum(-1) - lgamma(k)


def _entropy_part(x: Tensor, shift: int) -> Tensor:
    r""":math:`\log\Gamma(x) + x - (x - m)\psi(x)`, by its series where the terms would cancel."""
    small, large = x.clamp(max=LARGE), x.clamp(min=LARGE)
    direct = torch.lgamma(small) + small - (small - shift) * torch.digamma(small)
    series = (shift - 0.5) * large.log() + 0.5 * log(2 * pi) + 1 / (12 * large)
    series = series + (large - shift) * (1 / (2 * large) + 1 / (12 * large.square()))
    return torch.where(x < LARGE, direct, series)


CARD = {
    "lever": "losses",
    "name": "EvidentialLoss",
    "title": "Evidential (Dirichlet) loss",
    "seeds": ["079"],
    "needs": ["torch"],
    "example": {"strength": 0.1},
    "since": "0.1",
    "status": "claimed",
    "source": "Li et al. (2022), Trustworthy Long-Tailed Classification",
    "facts": {"takes": "classes"},
}
