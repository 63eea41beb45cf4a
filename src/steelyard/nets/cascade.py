"""Ask the next expert only about rows that the last ones know too little of."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from steelyard.core import TargetError
from steelyard.nets.opinions import Opinion, dst_combine, evidence

__all__ = ["Cascade", "cascade"]


class Cascade(NamedTuple):
    """What a cascade of experts believes (n, K), how little it knows (n,), and how many experts it asked (n,)."""

    belief: Tensor
    uncertainty: Tensor
    asked: Tensor


def cascade(logits: Tensor, threshold: float = 0.0) -> Cascade:
    """Combine evidential experts in order, each row only until little enough is unknown of it.

    When to use it: after training with `losses.EvidentialLoss`, to save experts on easy rows (`asked` says how many
    ran); with threshold 0 all are asked, and the uncertainty tells rows that are likely wrong or foreign.

    Args:
        logits: (n, E, K), one row an expert, as `nets.Experts` gives.
        threshold: a row asks its next expert while its uncertainty is above this.

    Returns:
        A `Cascade`: belief (n, K), uncertainty (n,), experts asked (n,).

    Raises:
        TargetError: logits that are not (n, E, K).

    >>> z = torch.tensor([[[4.0, 1.0, 1e-30], [2.0, 2.0, 1e-30]]]).log()
    >>> cascade(z).uncertainty.tolist(), cascade(z).asked.tolist()
    ([0.195652...], [2])
    >>> cascade(z, threshold=0.4).uncertainty.tolist(), cascade(z, threshold=0.4).asked.tolist()
    ([0.375], [1])

    Source: Li, Han, Li, Fu, Zhang (2022), Trustworthy Long-Tailed Classification.
    """
    if logits.dim() != 3:
        raise TargetError(
            f"logits have shape {tuple(logits.shape)}, expected (n, E, K): one row of logits an expert"
        )
    belief, uncertainty = evidence(logits[:, 0])
    asked = torch.ones(len(logits), dtype=torch.long, device=logits.device)
    going = torch.ones(len(logits), dtype=torch.bool, device=logits.device)
    for e in range(1, logits.shape[1]):
        going = going & (uncertainty > threshold)
        both = dst_combine(Opinion(belief, uncertainty), evidence(logits[:, e]))
        belief = torch.where(going[:, None], both.belief, belief)
        uncertainty = torch.where(going, both.uncertainty, uncertainty)
        asked = asked + going
    return Cascade(belief, uncertainty, asked)


CARD = {
    "lever": "nets",
    "name": "cascade",
    "title": "Cascade of evidential experts",
    "seeds": ["079"],
    "needs": ["torch"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Li et al. (2022), Trustworthy Long-Tailed Classification",
    "facts": {"makes": "change"},
}
