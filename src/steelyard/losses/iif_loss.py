"""Inverse image frequency: logits times how surprising their class is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from steelyard.core import Floats, UsageError
from steelyard.losses.counts import PriorLike, counts_of
from steelyard.losses.logit_transform import LogitTransform
from steelyard.losses.reduction import Reduction
from steelyard.losses.transformed_loss import TransformedLoss

__all__ = ["IIFLoss", "inverse_image_frequency"]


def _normit(counts: Floats) -> Floats:
    from scipy.special import ndtri

    return np.asarray(-ndtri(counts / counts.sum()))


VARIANTS: dict[str, Callable[[Floats], Floats]] = {
    "raw": lambda n: np.log(n.sum() / n),
    "smooth": lambda n: np.log((n.sum() + 1) / (n + 1)) + 1,
    "relative": lambda n: np.log((n.sum() - n) / n),
    "normit": _normit,
    "gombit": lambda n: -np.log(-np.log1p(-n / n.sum())),
    "base2": lambda n: np.log2(n.sum() / n),
    "base10": lambda n: np.log10(n.sum() / n),
}


def inverse_image_frequency(
    prior: PriorLike, variant: str = "smooth", norm: float | None = None
) -> LogitTransform:
    r"""Multiply logits by the inverse frequency of their class, as inverse document frequency does with words.

    When to use it: on cosine logits, in the loss and after training alike. On the logits of a plain linear head it
    does harm: a negative logit of a rare class becomes more negative.

    "raw" is :math:`\log(N/n_k)`, "smooth" :math:`\log((N+1)/(n_k+1)) + 1`, "relative" :math:`\log((N-n_k)/n_k)`,
    "normit" :math:`-\Phi^{-1}(\pi_k)`, "gombit" :math:`-\log(-\log(1-\pi_k))`, "base2" and "base10" are raw with
    other logarithms. `norm` p divides the factors by their p-norm.

    >>> inverse_image_frequency([90, 10], "raw").mult.tolist()
    [0.105360..., 2.302585...]
    """
    if variant not in VARIANTS:
        raise UsageError(f"variant is {variant!r}, expected one of {', '.join(VARIANTS)}")
    factors = VARIANTS[variant](counts_of(prior))
    if norm is not None:
        factors = factors / np.linalg.norm(factors, norm)
    return LogitTransform(mult=factors)


class IIFLoss(TransformedLoss):
    r"""Cross-entropy of logits multiplied by inverse image frequencies.

    When to use it: to train the classifier on frozen features, with a cosine head; apply `loss.transform` to
    logits at inference too. Against the additive `LogitAdjustedLoss` no advantage has been shown on small data.

    :math:`l = -\log \mathrm{softmax}(w \cdot z)_y` with factors of `inverse_image_frequency`.

    Args:
        prior: a `Prior` of the training rows, or counts (K,).
        variant: "smooth", "raw", "relative", "normit", "gombit", "base2" or "base10".
        reduction: see `Loss`.

    Returns:
        Of cosine logits (n, K) or (n, K, …) and class positions (n,) or (n, …): the loss.

    Raises:
        UsageError: an unknown variant.
        TooFewSamples: a class without rows.
        TargetError: scores and target do not fit each other or the prior.

    >>> import torch
    >>> loss = IIFLoss([90, 10], variant="raw")
    >>> loss.transform(torch.tensor([[1.0, -1.0]])).tolist()  # a negative logit of the rare class sinks
    [[0.10536..., -2.302585...]]

    Source: Alexandridis, Luo, Nguyen, Deng, Zafeiriou (2023), Inverse Image Frequency for Long-Tailed Image
    Recognition.
    """

    def __init__(self, prior: PriorLike, *, variant: str = "smooth", reduction: Reduction = "mean") -> None:
        super().__init__(inverse_image_frequency(prior, variant), reduction=reduction)


CARD = {
    "lever": "losses",
    "name": "IIFLoss",
    "title": "Inverse image frequency cross-entropy",
    "seeds": ["111"],
    "needs": ["torch"],
    "example": {"prior": [900, 90, 10]},
    "since": "0.1",
    "status": "claimed",
    "source": "Alexandridis et al. (2023), Inverse Image Frequency for Long-Tailed Image Recognition",
    "facts": {"takes": "classes"},
}
