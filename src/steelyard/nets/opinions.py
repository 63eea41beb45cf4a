"""Beliefs and uncertainty read off logits, and combined over experts."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

__all__ = ["Opinion", "dst_combine", "evidence"]


class Opinion(NamedTuple):
    """What a classifier believes (n, K), and how little it knows (n,); together they sum to one."""

    belief: Tensor
    uncertainty: Tensor


def evidence(logits: Tensor) -> Opinion:
    r"""Read logits as evidence for each class.

    When to use it: after training with `losses.EvidentialLoss`; the uncertainty tells rows the network knows
    nothing of, rare or foreign ones.

    With :math:`e_k = e^{z_k}` and :math:`S = \sum_k (e_k + 1)`: belief :math:`b_k = e_k / S`, uncertainty :math:`u
    = K / S`.

    Args:
        logits: (n, K).

    Returns:
        Belief (n, K) and uncertainty (n,).

    >>> opinion = evidence(torch.tensor([[4.0, 1.0, 1e-30]]).log())
    >>> opinion.belief.tolist(), opinion.uncertainty.tolist()
    ([[0.5, 0.125, ...]], [0.375])

    Source: Sensoy, Kaplan, Kandemir (2018), Evidential Deep Learning to Quantify Classification Uncertainty.
    """
    k = logits.shape[-1]
    # the constant evidence K is one more logit, so large ones do not overflow
    prior = torch.full_like(logits[..., :1], k).log()
    shares = torch.cat([logits, prior], dim=-1).softmax(-1)
    return Opinion(shares[..., :-1], shares[..., -1])


def dst_combine(first: Opinion, second: Opinion) -> Opinion:
    r"""Combine two opinions by Dempster's rule.

    When to use it: to fold the experts of a network, in any order, and to stop asking experts once little is unknown.

    With the conflict :math:`C = \sum_{i \neq j} b^1_i b^2_j`: :math:`b = (b^1 b^2 + b^1 u^2 + b^2 u^1)/(1 - C)`,
    :math:`u = u^1 u^2 / (1 - C)`.

    Args:
        first, second: opinions on the same rows and classes.

    Returns:
        The combined opinion.

    >>> a = Opinion(torch.tensor([[0.5, 0.125, 0.0]]), torch.tensor([0.375]))
    >>> b = Opinion(torch.tensor([[2 / 7, 2 / 7, 0.0]]), torch.tensor([3 / 7]))
    >>> both = dst_combine(a, b)
    >>> both.belief.tolist(), both.uncertainty.tolist()
    ([[0.565217..., 0.239130..., 0.0]], [0.195652...])

    Source: Li, Han, Li, Fu, Zhang (2022), Trustworthy Long-Tailed Classification.
    """
    agreed = first.belief * second.belief
    conflict = first.belief.sum(-1) * second.belief.sum(-1) - agreed.sum(-1)
    left = (1 - conflict).clamp(min=torch.finfo(conflict.dtype).eps)
    belief = (
        agreed + first.belief * second.uncertainty[..., None] + second.belief * first.uncertainty[..., None]
    )
    return Opinion(belief / left[..., None], first.uncertainty * second.uncertainty / left)


CARD = {
    "lever": "nets",
    "name": "dst_combine",
    "title": "Dempster-Shafer combination of evidential experts",
    "seeds": ["079"],
    "needs": ["torch"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Li et al. (2022), Trustworthy Long-Tailed Classification",
    "facts": {"makes": "change"},
}
