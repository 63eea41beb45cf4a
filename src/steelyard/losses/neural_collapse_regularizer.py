"""Pull features to learnable class means and spread the means."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from steelyard.core import UsageError
from steelyard.losses.embedding_loss import EmbeddingLoss, unit
from steelyard.losses.reduction import Reduction

__all__ = ["NeuralCollapseRegularizer"]

SPREADS = ("nearest", "global", "simplex", "orthogonal")


class NeuralCollapseRegularizer(EmbeddingLoss):
    r"""Two terms to add to any classification loss: tight classes, and class means at wide angles.

    When to use it: on the penultimate features of a long-tailed classifier, to force the geometry balanced data would
    give. It owns the class means: hand `parameters()` to an optimiser of their own (SGD with rate 0.5 is usual).

    :math:`\lambda_1 \frac{1}{K} \sum_k \frac{1}{n_k} \sum_{y_i = k} \|h_i - M_k\|^2 + \lambda_2 \mathrm{NC2}(M) +
    \lambda_3 \|\bar M\|^2`, :math:`n_k` counted in the batch. NC2 is minus the mean angle of each centred mean to
    its nearest ("nearest"), minus the smallest angle of all ("global"), or the squared distance of the cosines to
    those of a simplex (:math:`-1/(K-1)`) or of orthogonal means (0).

    The gradient of the means is divided by :math:`\lambda_1`, so that they follow the features at full strength.
    Means in one place repel each other by their cosine, where an angle has no gradient.

    Args:
        n_classes: K.
        dim: d of the features.
        pull: :math:`\lambda_1`, positive.
        push: :math:`\lambda_2`.
        centre: :math:`\lambda_3`.
        spread: "nearest", "global", "simplex" or "orthogonal".
        reduction: see `Loss`; "mean" is the published form (the values of a batch average to it).

    Returns:
        Of features (n, d) and class positions (n,): the regulariser.

    Raises:
        UsageError: a pull that is not positive, or an unknown spread.
        TargetError: features and labels do not fit each other.

    >>> nc = NeuralCollapseRegularizer(2, 2, pull=1.0, push=0.0)
    >>> _ = nc.means.data.copy_(torch.tensor([[0.0, 0], [1, 0]]))
    >>> nc(torch.tensor([[0.0, 1], [0, -1], [3, 0]]), torch.tensor([0, 0, 1])).item()  # (1 + 4) / 2
    2.5

    Source: Liu, Zhang, Hu, Cao, Yao, Pan (2023), Inducing Neural Collapse in Deep Long-Tailed Learning.
    """

    def __init__(
        self,
        n_classes: int,
        dim: int,
        *,
        pull: float = 0.01,
        push: float = 0.1,
        centre: float = 0.0,
        spread: str = "nearest",
        reduction: Reduction = "mean",
    ) -> None:
        super().__init__(reduction=reduction)
        if not pull > 0 or push < 0 or centre < 0:
            raise UsageError(
                f"pull={pull}, push={push}, centre={centre} came; pull must be positive, none negative"
            )
        if spread not in SPREADS:
            raise UsageError(f"spread is {spread!r}, expected one of {', '.join(SPREADS)}")
        self.n_classes, self.spread = n_classes, spread
        self.pull, self.push, self.centre = float(pull), float(push), float(centre)
        # an orthogonal start is as good as a random one and does not touch the global generator
        self.means = nn.Parameter(torch.eye(n_classes, dim) + 0.1 * wave(n_classes, dim))

    def anchors(self, features: Tensor, labels: Tensor) -> Tensor:
        """Each row's share: the pull on it, and an equal part of what the means cost."""
        # same value, gradient divided by the pull
        means = self.means.detach() + (self.means - self.means.detach()) / self.pull
        means = means.to(features.dtype)
        n, k = len(features), means.shape[0]
        held = torch.zeros(k, dtype=features.dtype, device=features.device)
        held = held.scatter_add(0, labels, torch.ones_like(labels, dtype=features.dtype))
        near = ((features - means[labels]) ** 2).sum(1) / held[labels]
        apart = self.push * spread_cost(means, self.spread) + self.centre * means.mean(0).square().sum()
        return self.pull * near * (n / k) + apart


def spread_cost(means: Tensor, spread: str) -> Tensor:
    """How far the directions of centred means (K, d) are from being spread."""
    k = len(means)
    cosines = unit(means - means.mean(0))
    cosines = cosines @ cosines.T
    itself = torch.eye(k, dtype=torch.bool, device=means.device)
    if spread in {"simplex", "orthogonal"}:
        wanted = -1 / (k - 1) if spread == "simplex" else 0.0
        return torch.where(itself, 0.0, cosines - wanted).square().sum() / (k * (k - 1))
    nearest = cosines.masked_fill(itself, -2.0).amax(1)
    return -(angle(nearest).mean() if spread == "nearest" else angle(nearest.max()))


def angle(cosine: Tensor) -> Tensor:
    """The angle of a cosine; beyond the reach of acos it goes on as a line, so that equal directions part."""
    edge = 1 - 1e-5
    inside = cosine.clamp(-edge, edge)
    return torch.acos(inside) - (cosine - inside)


def wave(rows: int, columns: int) -> Tensor:
    """Numbers of a fixed pattern, different in every row."""
    grid = torch.arange(1.0, rows * columns + 1).reshape(rows, columns)
    return torch.sin(12.9898 * grid)


CARD = {
    "lever": "losses",
    "name": "NeuralCollapseRegularizer",
    "title": "Neural collapse regulariser (NC1 and NC2)",
    "seeds": ["084"],
    "needs": ["torch"],
    "example": {"n_classes": 3, "dim": 5},
    "since": "0.1",
    "status": "claimed",
    "source": "Liu et al. (2023), Inducing Neural Collapse in Deep Long-Tailed Learning",
    "facts": {"takes": "embeddings"},
}
