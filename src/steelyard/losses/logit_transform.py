"""Scale, shift and margins of logits: what most long-tailed losses have in common."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn

from steelyard.core import UsageError
from steelyard.losses.counts import buffer

__all__ = ["LogitTransform"]


class LogitTransform(nn.Module):
    r"""An affine change of logits class by class, with a margin on the right one.

    When to use it: inside a loss (`TransformedLoss`) or after training, on the logits of a finished model. Balanced
    softmax, logit adjustment, VS, LDAM, IIF and prior correction are made of it, each by a function of a prior.

    :math:`z'_k = s\,(m_k z_k + a_k - \Delta_k [k = y])`; without a target there is no margin.

    Args:
        mult: factors :math:`m` (K,); None for 1.
        add: summands :math:`a` (K,); None for 0.
        margin: margins :math:`\Delta` (K,); None for 0.
        scale: :math:`s`.

    Raises:
        UsageError: numbers that are not finite, or of different length.

    >>> LogitTransform(add=[1.0, 0.0])(torch.zeros(1, 2)).tolist()
    [[1.0, 0.0]]
    >>> LogitTransform(margin=[0.0, 0.5], scale=2.0)(torch.ones(1, 2), torch.tensor([1])).tolist()
    [[2.0, 1.0]]

    Source: Kini, Paraskevas, Oymak, Thrampoulidis (2021), Label-Imbalanced and Group-Sensitive Classification under
    Overparameterization, who unite multiplicative and additive changes.
    """

    mult: Tensor | None
    add: Tensor | None
    margin: Tensor | None

    def __init__(
        self,
        mult: ArrayLike | None = None,
        add: ArrayLike | None = None,
        margin: ArrayLike | None = None,
        scale: float = 1.0,
    ) -> None:
        super().__init__()
        given = {
            name: np.asarray(v, dtype=np.float64)
            for name, v in (("mult", mult), ("add", add), ("margin", margin))
            if v is not None
        }
        sizes = {values.shape for values in given.values()}
        if len(sizes) > 1 or not all(v.ndim == 1 and np.isfinite(v).all() for v in given.values()):
            shown = {name: v.tolist() for name, v in given.items()}
            raise UsageError(f"the transform is {shown}, expected one finite number a class")
        if not np.isfinite(scale):
            raise UsageError(f"scale is {scale}, expected a finite number")
        self.scale = float(scale)
        self.n_classes = len(next(iter(given.values()))) if given else None
        for name in ("mult", "add", "margin"):
            buffer(self, name, given.get(name))

    def forward(self, scores: Tensor, target: Tensor | None = None, *, out: Tensor | None = None) -> Tensor:
        """Transform logits (n, K); `target` (n,) says where margins apply; `out` takes what changed, without graph."""
        z = self._affine(scores, out)
        if self.margin is None or target is None:
            return z
        less = (-self.scale * self.margin.to(z.dtype))[target, None]
        if z is scores:
            return z.scatter_add(1, target[:, None], less)
        # z is ours, and a constant taken from it does not change its gradient
        with torch.no_grad():
            z.scatter_add_(1, target[:, None], less)
        return z

    @property
    def factor(self) -> Tensor | float | None:
        """The derivative of the transformed logits by the logits; None where it is 1."""
        if self.mult is None:
            return None if self.scale == 1 else self.scale
        return self.scale * self.mult

    def _affine(self, scores: Tensor, out: Tensor | None = None) -> Tensor:
        """The part that does not depend on the target, in as few passes as possible."""
        add = None if self.add is None else self.scale * self.add.to(scores.dtype)
        if self.mult is None and self.scale == 1:
            return scores if add is None else torch.add(scores, add, out=out)
        mult = self.scale if self.mult is None else self.scale * self.mult.to(scores.dtype)
        if add is None:
            return torch.mul(scores, mult, out=out)
        if isinstance(mult, Tensor):
            return torch.addcmul(add, scores, mult, out=out)
        return torch.add(add, scores, alpha=mult, out=out)

    def extra_repr(self) -> str:
        """Shown by print."""
        held = [name for name in ("mult", "add", "margin") if getattr(self, name) is not None]
        return f"{', '.join(held) or 'identity'}, scale={self.scale:g}"


CARD = {
    "lever": "losses",
    "name": "LogitTransform",
    "title": "Affine logit transform with margins",
    "seeds": ["004", "011", "022", "054", "071", "111"],
    "needs": ["torch"],
    "example": {"mult": [1.0, 1.5, 2.0], "add": [0.0, -1.0, -2.0], "margin": [0.1, 0.2, 0.5], "scale": 2.0},
    "since": "0.1",
    "status": "claimed",
    "source": "Kini et al. (2021), Label-Imbalanced and Group-Sensitive Classification under Overparameterization",
    "facts": {"takes": "logits"},
}
