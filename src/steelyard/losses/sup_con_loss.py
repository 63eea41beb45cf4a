"""Supervised contrastive loss, with keys from wherever you like."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from steelyard.core import UsageError
from steelyard.losses.embedding_loss import EmbeddingLoss, log_sum, same_class, unit, without_self
from steelyard.losses.keys import KeyProvider
from steelyard.losses.reduction import Reduction

__all__ = ["SupConLoss"]


class SupConLoss(EmbeddingLoss):
    r"""Pull rows of one class together and push the others away, by softmax over similarities.

    When to use it: to train an encoder before its classifier. On long tails small batches hold no partner for rare
    rows; `keys` brings some: a queue of earlier rows, or one prototype for every class. Stack two views of every
    image for the usual two-view form.

    With unit vectors h, keys A(i) without i itself and those of i's class P(i):
    "out" :math:`l_i = -\frac{1}{|P|} \sum_{j \in P} \log \frac{e^{h_i h_j/\tau}}{\sum_{a \in A} e^{h_i
    h_a/\tau}}`, "in" :math:`l_i = -\log \frac{1}{|P|} \frac{\sum_P e^{h_i h_j/\tau}}{\sum_A e^{h_i h_a/\tau}}`,
    never above "out". Rows without partner cost 0 and do not count.

    Args:
        temperature: :math:`\tau`.
        positives: "out" (mean of logarithms) or "in" (logarithm of the mean).
        relu: cut negative parts before normalising, see `ReLUSupConLoss`.
        keys: a key provider such as `FeatureQueue`; None compares rows of the batch only.
        reduction: see `Loss`; without `keys` a mean runs over rows with a partner.

    Returns:
        Of embeddings (n, d) and class positions (n,): the loss.

    Raises:
        UsageError: a temperature that is not positive, or unknown positives.
        TargetError: embeddings and labels do not fit each other.

    >>> h = torch.tensor([[1.0, 0], [1, 0], [0, 1], [0, 1]])
    >>> round(SupConLoss(temperature=1.0)(h, torch.tensor([0, 0, 1, 1])).item(), 4)  # -log(e / (e + 2))
    0.5514

    Source: Khosla, Teterwak, Wang, Sarna, Tian, Isola, Maschinot, Liu, Krishnan (2020), Supervised Contrastive
    Learning.
    """

    def __init__(
        self,
        *,
        temperature: float = 0.1,
        positives: str = "out",
        relu: bool = False,
        keys: KeyProvider | None = None,
        reduction: Reduction = "mean",
    ) -> None:
        super().__init__(reduction=reduction)
        if not 0 < temperature < float("inf"):
            raise UsageError(f"temperature is {temperature}, expected a positive number; 0.1 is usual")
        if positives not in {"out", "in"}:
            raise UsageError(f"positives is {positives!r}, expected 'out' or 'in'")
        self.temperature, self.positives, self.relu = float(temperature), positives, relu
        self.keys = keys

    def similarity(self, features: Tensor, keys: Tensor) -> Tensor:
        """Similarities (n, m) of unit vectors."""
        return features @ keys.T

    def anchors(self, features: Tensor, labels: Tensor) -> Tensor:
        """Contrastive loss of each row."""
        h = unit(features.relu() if self.relu else features)
        keys, key_labels = h, labels
        if self.keys is not None:
            more, more_labels = self.keys(h.detach(), labels)
            keys, key_labels = torch.cat([h, more.to(h.dtype)]), torch.cat([labels, more_labels])
        scores = self.similarity(h, keys) / self.temperature
        others = without_self(len(h), len(keys), h.device) & (key_labels >= 0)
        partner = same_class(labels, key_labels) & others
        number, total = partner.sum(1), log_total(scores, others)
        form = self._out if self.positives == "out" else self._in
        costs = form(scores, partner, number, total)
        return torch.where(number > 0, costs, 0.0)

    def counted(self, scores: Tensor, target: Tensor) -> Tensor | None:
        """Rows with a partner; keys may bring one to any row."""
        if self.keys is not None or not len(scores):
            return None
        return same_class(target, target).sum(1) > 1

    def _out(self, scores: Tensor, partner: Tensor, number: Tensor, total: Tensor) -> Tensor:
        share = partner.to(scores.dtype) / number.clamp(min=1)[:, None]
        return total - (scores * share).sum(1)

    def _in(self, scores: Tensor, partner: Tensor, number: Tensor, total: Tensor) -> Tensor:
        return total - log_sum(scores, partner) + number.clamp(min=1).to(scores.dtype).log()


def log_total(scores: Tensor, others: Tensor) -> Tensor:
    """The log of the sum of exponentials over the other keys of each row."""
    kept = scores.masked_fill(~others, torch.finfo(scores.dtype).min / 4)
    # cross-entropy against the nearest key holds the sum in one fast pass
    nearest = kept.argmax(1)
    return cross_entropy(kept, nearest, reduction="none") + kept.gather(1, nearest[:, None])[:, 0]


CARD = {
    "lever": "losses",
    "name": "SupConLoss",
    "title": "Supervised contrastive loss",
    "seeds": ["013", "030", "040", "047", "071", "097", "105", "110"],
    "needs": ["torch"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Khosla et al. (2020), Supervised Contrastive Learning",
    "facts": {"takes": "embeddings"},
}
