"""Supervised contrastive loss of non-negative features."""

from __future__ import annotations

from steelyard.losses.keys import KeyProvider
from steelyard.losses.reduction import Reduction
from steelyard.losses.sup_con_loss import SupConLoss

__all__ = ["ReLUSupConLoss"]


class ReLUSupConLoss(SupConLoss):
    r"""Supervised contrastive loss after a ReLU, which makes class means orthogonal whatever the imbalance.

    When to use it: in place of `SupConLoss` when classes differ in size: without the ReLU the geometry of the
    classes bends towards the common ones. Use `samplers.BatchBinding` or shuffle well, so that all classes meet.

    :math:`h = \mathrm{relu}(z) / \|\mathrm{relu}(z)\|`, then the "out" form. Its minimum over n rows in classes of
    :math:`n_c` is :math:`\frac{1}{n} \sum_c n_c \left[\log((n_c - 1) e^{1/\tau} + n - n_c) - 1/\tau\right]`, reached
    exactly by orthogonal classes.

    Args:
        temperature: :math:`\tau`.
        keys: as of `SupConLoss`.
        reduction: see `Loss`; without `keys` a mean runs over rows with a partner.

    Returns:
        Of embeddings (n, d) and class positions (n,): the loss. A row without any positive part has no direction
        and is equally far from all.

    Raises:
        UsageError: a temperature that is not positive.
        TargetError: embeddings and labels do not fit each other.

    >>> import torch
    >>> z = torch.tensor([[1.0, -9], [2, -1], [-3, 1], [-1, 4]])
    >>> round(ReLUSupConLoss(temperature=1.0)(z, torch.tensor([0, 0, 1, 1])).item(), 4)  # -log(e / (e + 2))
    0.5514

    Source: Kini, Vakilian, Behnia, Gill, Thrampoulidis (2024), Symmetric Neural-Collapse Representations with
    Supervised Contrastive Loss: The Impact of ReLU and Batching.
    """

    def __init__(
        self, *, temperature: float = 0.1, keys: KeyProvider | None = None, reduction: Reduction = "mean"
    ) -> None:
        super().__init__(temperature=temperature, relu=True, keys=keys, reduction=reduction)


CARD = {
    "lever": "losses",
    "name": "ReLUSupConLoss",
    "title": "Supervised contrastive loss with ReLU",
    "seeds": ["097"],
    "needs": ["torch"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Kini et al. (2024), Symmetric Neural-Collapse Representations with Supervised Contrastive Loss",
    "facts": {"takes": "embeddings"},
}
