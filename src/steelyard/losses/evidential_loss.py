"""Evidence for every class, and a pull to no evidence for the wrong ones."""

from __future__ import annotations

from collections.abc import Sequence
from math import lgamma, log, pi

import numpy as np
import torch
from numpy.polynomial import Chebyshev, Polynomial
from scipy.special import gammaln, polygamma, psi
from torch import Tensor

from steelyard.core import UsageError
from steelyard.losses.base import ClassLoss, likelihood_sloped, log_likelihood
from steelyard.losses.logit_transform import LogitTransform
from steelyard.losses.reduction import Reduction

__all__ = ["EvidentialLoss", "dirichlet_kl"]

LARGE, MOST = 1000.0, 80.0
DEGREES = 5, 6
"""Of the polynomials for the entropy (to 2e-7) and its slope (to 7e-7)."""


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
        Of scores (n, K) or (n, K, …) and class positions (n,) or (n, …): the loss. Logits up to about 80 are exact:
        the divergence is computed in float64, or by series that single precision does not harm.

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
        evidence = z.clamp(max=MOST).exp().scatter(1, target[:, None], 0.0)
        exact = z.dtype == torch.float64
        surplus = dirichlet_kl(evidence + 1) if exact else divergence(evidence, 1 / (evidence + 1))
        return cost + self.strength * surplus

    def sloped(self, scores: Tensor, target: Tensor, slopes: Tensor) -> Tensor | None:
        """The same with its derivative, in single precision."""
        if not self.strength or scores.dtype != torch.float32:
            return None
        z = self.transform(scores, target)
        if z.amax() > MOST:
            return None
        cost = likelihood_sloped(z, target, slopes)
        evidence = torch.mul(z, 1 / log(2)).exp2_().scatter_(1, target[:, None], 0.0)
        costs, change = divergence_sloped(evidence)
        slopes.add_(change, alpha=self.strength)
        if (factor := self.transform.factor) is not None:
            slopes.mul_(factor)
        return cost.add_(costs, alpha=self.strength)


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


def divergence(evidence: Tensor, t: Tensor) -> Tensor:
    r"""How far :math:`\mathrm{Dir}(e + 1)` of evidence (n, K) is from the uniform one (n,), in single precision.

    With :math:`t = 1 / (e + 1)` its parts are, to 1e-6, polynomials in t beside a logarithm; and :math:`e t = 1 - t`,
    so that nothing large has to cancel.
    """
    k = evidence.shape[1]
    own = evidence.log1p().sum(1) / 2 + _horner(t, ENTROPY).sum(1)
    whole = _entropy_part(evidence.sum(1).double() + k, k) - lgamma(k) - k
    return (whole - own).to(evidence.dtype)


def divergence_sloped(evidence: Tensor) -> tuple[Tensor, Tensor]:
    """The divergence (n,), and its derivative by the logarithm of the evidence (n, K)."""
    k = evidence.shape[1]
    t = evidence.add(1).reciprocal_()
    found = divergence(evidence, t)
    change = _horner(t, CURVATURE).mul_(t.sub_(1))
    curvature = _curvature(evidence.sum(1).double(), k)[:, None].to(evidence.dtype)
    return found, change.addcmul_(evidence, curvature)


def _horner(t: Tensor, coefficients: Sequence[float]) -> Tensor:
    value = t * coefficients[0]
    for coefficient in coefficients[1:-1]:
        value.add_(coefficient)  # which no gradient minds
        value = value * t if t.requires_grad else value.mul_(t)
    return value.add_(coefficients[-1])


def _curvature(total: Tensor, k: int) -> Tensor:
    r""":math:`1 - E \psi'(E + K)` of total evidence E, by its series where the terms would cancel."""
    x = total + k
    small, large = x.clamp(max=LARGE), x.clamp(min=LARGE)
    direct = 1 - (small - k) * torch.polygamma(1, small)
    series = (k - 0.5) / large + (k / 2 - 1 / 6) / large.square() + k / 6 / large.pow(3)
    return torch.where(x < LARGE, direct, series)


def _polynomials() -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Coefficients, highest power first, of the entropy without its logarithm and of the curvature over t."""
    t = (1 - np.cos(np.pi * (np.arange(400) + 0.5) / 400)) / 2
    x = 1 / t
    entropy = gammaln(x) + x - 1 - (x - 1) * psi(x) - 0.5 * np.log(x)
    slope = (1 - (x - 1) * polygamma(1, x)) / t
    fits = [
        Chebyshev.fit(t, values, degree, domain=[0, 1])
        for values, degree in zip((entropy, slope), DEGREES, strict=True)
    ]
    both = [tuple(fit.convert(kind=Polynomial).coef[::-1].tolist()) for fit in fits]
    return both[0], both[1]


ENTROPY, CURVATURE = _polynomials()


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
