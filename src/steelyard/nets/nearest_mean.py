"""The nearest class mean decides."""

from __future__ import annotations

from typing import Self

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from steelyard.core import TooFewSamples, UsageError

__all__ = ["NearestMean"]

NORMS = ("centred", "unit", "raw")


class NearestMean(nn.Module):
    r"""Classify by the squared distance to the mean of each class's training features.

    When to use it: on the features of any trained network; nothing is learnt and every class has the same say.
    Also the classifier of prototypical networks and of contrastive training.

    :math:`z_k = -\|h' - \mu_k\|^2` with :math:`h' = h` ("raw"), :math:`h/\|h\|` ("unit"), or centred by the mean
    of all training features first ("centred").

    Args:
        norm: "centred", "unit" or "raw".

    Raises:
        UsageError: an unknown norm.
        TooFewSamples: a class without rows, or scores before `fit`.

    >>> h, y = torch.tensor([[0.0], [2.0], [9.0]]), torch.tensor([0, 0, 1])
    >>> NearestMean(norm="raw").fit(h, y)(torch.tensor([[4.0]])).tolist()
    [[-9.0, -25.0]]

    Source: Kang, Xie, Rohrbach, Yan, Gordo, Feng, Kalantidis (2020), Decoupling Representation and Classifier for
    Long-Tailed Recognition.
    """

    centre: Tensor
    means: Tensor

    def __init__(self, *, norm: str = "centred") -> None:
        super().__init__()
        if norm not in NORMS:
            raise UsageError(f"norm is {norm!r}, expected one of {', '.join(NORMS)}")
        self.norm = norm
        self.register_buffer("centre", torch.zeros(0))
        self.register_buffer("means", torch.zeros(0))

    def fit(self, features: Tensor, labels: Tensor, n_classes: int | None = None) -> Self:
        """Learn the means of training features (n, d) with class positions (n,)."""
        k = n_classes if n_classes is not None else int(labels.max()) + 1
        held = torch.bincount(labels, minlength=k)
        if (held == 0).any():
            empty = torch.nonzero(held == 0).flatten()[:5].tolist()
            raise TooFewSamples(f"the classes at positions {empty} have no rows, so no mean; leave them out")
        features = features.detach()
        self.centre = features.mean(0)
        moved = self._moved(features)
        sums = torch.zeros(k, moved.shape[1], dtype=moved.dtype, device=moved.device).index_add(
            0, labels, moved
        )
        self.means = sums / held[:, None]
        return self

    def forward(self, features: Tensor) -> Tensor:
        """Minus the squared distances (n, K)."""
        if not self.means.numel():
            raise TooFewSamples("no class means are known yet; call fit(features, labels) first")
        moved = self._moved(features)
        return -(moved[:, None] - self.means).square().sum(2)

    def _moved(self, features: Tensor) -> Tensor:
        if self.norm == "raw":
            return features
        return normalize(features - self.centre if self.norm == "centred" else features, dim=1)


CARD = {
    "lever": "nets",
    "name": "NearestMean",
    "title": "Nearest class mean classifier",
    "seeds": ["049", "062", "084", "095", "097", "110"],
    "needs": ["torch"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Kang et al. (2020), Decoupling Representation and Classifier for Long-Tailed Recognition",
    "facts": {"makes": "fitted"},
}
