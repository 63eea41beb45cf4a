"""Weights of rows that would make a step good for clean, balanced rows."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.func import functional_call

from steelyard.core import UsageError

__all__ = ["meta_weights"]


def meta_weights(
    model: nn.Module,
    losses_of: Callable[[Callable[..., Tensor]], Tensor],
    meta_loss_of: Callable[[Callable[..., Tensor]], Tensor],
    *,
    lr: float,
) -> Tensor:
    r"""How much each row's gradient helps a second loss: one virtual step, differentiated through.

    When to use it: a small balanced or clean set is at hand and the training rows are neither. Use the result as
    `weight=` of the real step.

    With :math:`w'(\epsilon) = w - \eta \nabla \sum_i \epsilon_i l_i(w)`: :math:`u_i = \max(0, -\partial
    L_{meta}(w') / \partial \epsilon_i)` at :math:`\epsilon = 0`, brought to a mean of one (all zero when no row
    helps).

    Args:
        model: the network; its parameters and buffers are left alone.
        losses_of: given a function that runs the model, the losses (n,) of the training rows.
        meta_loss_of: likewise, one number for the clean rows.
        lr: :math:`\eta` of the virtual step.

    Returns:
        Weights (n,) without gradient.

    Raises:
        UsageError: a learning rate that is not positive.

    >>> net = nn.Linear(1, 1, bias=False)
    >>> _ = net.weight.data.zero_()
    >>> x = torch.ones(2, 1)
    >>> def rows(run): return (run(x)[:, 0] - torch.tensor([1.0, -1.0])) ** 2
    >>> def clean(run): return (run(x[:1]) - 1).square().sum()
    >>> meta_weights(net, rows, clean, lr=0.1).tolist()  # the second row pulls the wrong way
    [2.0, 0.0]

    Source: Ren, Zeng, Yang, Urtasun (2018), Learning to Reweight Examples for Robust Deep Learning.
    """
    if not lr > 0:
        raise UsageError(f"lr is {lr}, expected a positive number")
    here = {name: p.detach().requires_grad_() for name, p in model.named_parameters() if p.requires_grad}
    rest = {name: b.detach().clone() for name, b in model.named_buffers()}

    def run(parameters: dict[str, Tensor]) -> Callable[..., Tensor]:
        def runs(*arguments: Tensor) -> Tensor:
            # buffers are handed over as copies, so that running statistics stay
            copies = {name: b.clone() for name, b in rest.items()}
            made: Tensor = functional_call(model, {**parameters, **copies}, arguments)
            return made

        return runs

    with torch.enable_grad():
        losses = losses_of(run(here))
        share = torch.zeros_like(losses, requires_grad=True)
        slopes = torch.autograd.grad(
            (share * losses).sum(), list(here.values()), create_graph=True, allow_unused=True
        )
        moved = {
            name: p if slope is None else p - lr * slope
            for (name, p), slope in zip(here.items(), slopes, strict=True)
        }
        (help_,) = torch.autograd.grad(meta_loss_of(run(moved)), share)
    useful = (-help_).clamp(min=0)
    total = useful.sum()
    return useful * (len(useful) / torch.where(total > 0, total, 1.0))


CARD = {
    "lever": "optim",
    "name": "meta_weights",
    "title": "Row weights by bilevel optimisation",
    "seeds": ["048", "088"],
    "needs": ["torch"],
    "example": {"lr": 0.1},
    "since": "0.1",
    "status": "claimed",
    "source": "Ren et al. (2018), Learning to Reweight Examples for Robust Deep Learning",
    "facts": {"closure": "none"},
}
