"""How hard each class still pulls at a trained network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from steelyard.core import Floats, TooFewSamples, require

if TYPE_CHECKING:
    from torch import Tensor, nn

__all__ = ["ClassGradients", "gradient_norms_by_class"]


@dataclass(frozen=True, eq=False)
class ClassGradients:
    """Loss and gradient of each class that occurs, arrays (C,).

    Attributes:
        classes: positions of the classes.
        rows: their rows.
        loss: their mean loss.
        norm: the length of the gradient of that mean loss: how far the class is from being learned.
        pull: the length of the class's part of the gradient of the loss over all rows, norm × rows / all rows: how
            much the class moves a plain step.
    """

    classes: tuple[int, ...]
    rows: Floats
    loss: Floats
    norm: Floats
    pull: Floats


def gradient_norms_by_class(
    model: nn.Module,
    rows: Tensor,
    labels: Tensor,
    *,
    loss: Callable[[Tensor, Tensor], Tensor] | None = None,
    batch_size: int = 256,
) -> ClassGradients:
    r"""The length of each class's own gradient, in evaluation mode.

    When to use it: after training on a long tail. A rare class with a long gradient of its own and a small pull has
    not been learned because the common ones outvote it; re-weighting, class-balanced sampling or per-class steps
    change just that. A rare class with a short gradient has been learned by heart: more data helps, weights do not.

    For class k of :math:`n_k` rows: norm :math:`\|\nabla \frac1{n_k}\sum_{y_i=k} l_i\|`, pull
    :math:`\frac{n_k}{n}` times that.

    Args:
        model: a classifier of rows; it is left as it was.
        rows, labels: the rows (n, …) to look at, and their class positions (n,).
        loss: `(scores, target) -> mean`; None for cross-entropy.
        batch_size: rows at a time; the answer does not depend on it.

    Returns:
        A `ClassGradients`.

    Raises:
        TooFewSamples: no rows.

    >>> import torch
    >>> model = torch.nn.Linear(1, 2, bias=False)
    >>> _ = model.weight.data.zero_()
    >>> found = gradient_norms_by_class(model, torch.tensor([[1.0], [1.0], [2.0]]), torch.tensor([0, 0, 1]))
    >>> (found.norm / 2**0.5).round(3).tolist(), (found.pull / 2**0.5).round(3).tolist()
    ([0.5, 1.0], [0.333, 0.333])

    Source: Francazi et al. (2023), A Theoretical Analysis of the Learning Dynamics under Class Imbalance.
    """
    torch = require("torch", extra="torch")
    if not len(labels):
        raise TooFewSamples("there are no rows to take gradients of; pass at least one")
    costs = loss if loss is not None else torch.nn.functional.cross_entropy
    parameters = [p for p in model.parameters() if p.requires_grad]
    was_training = model.training
    model.eval()
    classes = sorted({*labels.tolist()})
    sizes, means, norms = [], [], []
    try:
        for k in classes:
            mine = torch.nonzero(labels == k).flatten()
            total, cost = [torch.zeros_like(p) for p in parameters], 0.0
            for part in mine.split(batch_size):
                with torch.enable_grad():
                    value = costs(model(rows[part]), labels[part]) * len(part)
                    found = torch.autograd.grad(value, parameters, allow_unused=True)
                cost += float(value.detach())
                total = [t if g is None else t + g for t, g in zip(total, found, strict=True)]
            sizes.append(len(mine))
            means.append(cost / len(mine))
            norms.append(float(sum(t.double().square().sum() for t in total)) ** 0.5 / len(mine))
    finally:
        model.train(was_training)
    counts, lengths = np.asarray(sizes, dtype=float), np.asarray(norms)
    return ClassGradients(tuple(classes), counts, np.asarray(means), lengths, lengths * counts / len(labels))


CARD = {
    "lever": "diagnose",
    "name": "gradient_norms_by_class",
    "title": "Gradient lengths of each class",
    "seeds": ["010"],
    "needs": ["torch"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Francazi et al. (2023), A Theoretical Analysis of the Learning Dynamics under Class Imbalance",
    "facts": {},
}
