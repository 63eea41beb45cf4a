"""Label-distribution-aware margins."""

from __future__ import annotations

from steelyard.losses.counts import PriorLike, counts_of
from steelyard.losses.logit_transform import LogitTransform
from steelyard.losses.reduction import Reduction
from steelyard.losses.transformed_loss import TransformedLoss

__all__ = ["LDAMLoss", "label_aware_margin"]


def label_aware_margin(prior: PriorLike, margin: float = 0.5, scale: float = 30.0) -> LogitTransform:
    r"""Take :math:`\Delta_k \propto n_k^{-1/4}` from the logit of the right class, then scale.

    When to use it: on cosine logits inside a loss; the rarest class gets the whole `margin`.

    >>> label_aware_margin([1000, 100, 10]).margin.tolist()
    [0.158113..., 0.281170..., 0.5]
    """
    counts = counts_of(prior)
    return LogitTransform(margin=margin * (counts / counts.min()) ** -0.25, scale=scale)


class LDAMLoss(TransformedLoss):
    r"""Cross-entropy with margins that grow as classes get rarer.

    When to use it: with a cosine head (`nets.CosineHead(scale=1)`, logits within -1 and 1); most useful when class
    weights come in late (`ClassWeightedLoss` after most epochs). Keep learning rate times `scale` moderate: small
    networks want a scale of 10.

    :math:`l = -\log \mathrm{softmax}(s\,(z - \Delta_y e_y))_y`, :math:`\Delta_k = C n_k^{-1/4}` with the largest
    margin :math:`m`.

    Args:
        prior: a `Prior` of the training rows, or counts (K,).
        margin: m, the margin of the rarest class in cosine units.
        scale: s.
        reduction: see `Loss`.

    Returns:
        Of cosines (n, K) or (n, K, …) and class positions (n,) or (n, …): the loss.

    Raises:
        TooFewSamples: a class without rows.
        TargetError: scores and target do not fit each other or the prior.

    >>> import torch
    >>> loss = LDAMLoss([1000, 100, 10])
    >>> round(loss(torch.tensor([[0.6, 0.2, -0.1]]), torch.tensor([2])).item(), 4)  # 30 · (0.6 + 0.1 + 0.5)
    36.0

    Source: Cao, Wei, Gaidon, Arechiga, Ma (2019), Learning Imbalanced Datasets with Label-Distribution-Aware Margin
    Loss.
    """

    def __init__(
        self, prior: PriorLike, *, margin: float = 0.5, scale: float = 30.0, reduction: Reduction = "mean"
    ) -> None:
        super().__init__(label_aware_margin(prior, margin, scale), reduction=reduction)


CARD = {
    "lever": "losses",
    "name": "LDAMLoss",
    "title": "Label-distribution-aware margin loss",
    "seeds": ["011", "013", "022", "071", "079", "084"],
    "needs": ["torch"],
    "example": {"prior": [900, 90, 10]},
    "since": "0.1",
    "status": "claimed",
    "source": "Cao et al. (2019), Learning Imbalanced Datasets with Label-Distribution-Aware Margin Loss",
    "facts": {"takes": "classes"},
}
