"""Descent by signs, or by direction: what is left of an adaptive optimiser without its memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from steelyard.core import Prior, UsageError
from steelyard.optim.base import length

__all__ = ["SignSGD", "loss_by_frequency"]

KINDS = ("sign", "normalised", "scaled_sign")


class SignSGD(Optimizer):
    r"""Gradient descent whose direction does not shrink with the gradient.

    When to use it: to see whether slow rare classes are a matter of gradient size: plain descent learns a class at a
    speed proportional to its frequency, sign descent learns all at one speed, as Adam roughly does.

    The direction is :math:`\mathrm{sign}(g)` ("sign"), :math:`g / \|g\|_2` over all parameters ("normalised"), or
    :math:`\|g\|_1\,\mathrm{sign}(g)` ("scaled_sign"); momentum m comes after: :math:`v \leftarrow m v + d`,
    :math:`w \leftarrow w - \eta v`.

    Args:
        params: parameters or groups.
        lr: :math:`\eta`.
        momentum: m.
        kind: "sign", "normalised" or "scaled_sign".

    Raises:
        UsageError: an unknown kind or a learning rate that is not positive.

    >>> w = torch.nn.Parameter(torch.tensor([1.0, 1.0]))
    >>> (100 * w[0] + 0.01 * w[1]).backward()
    >>> SignSGD([w], lr=0.5).step()
    >>> w.tolist()
    [0.5, 0.5]

    Source: Kunstner, Yadav, Milligan, Schmidt, Bietti (2024), Heavy-Tailed Class Imbalance and Why Adam Outperforms
    Gradient Descent on Language Models.
    """

    def __init__(
        self, params: Iterable[Any], lr: float, *, momentum: float = 0.0, kind: str = "sign"
    ) -> None:
        if kind not in KINDS:
            raise UsageError(f"kind is {kind!r}, expected one of {', '.join(KINDS)}")
        if not lr > 0:
            raise UsageError(f"lr is {lr}, expected a positive number")
        super().__init__(params, {"lr": lr, "momentum": momentum})
        self.kind = kind

    @torch.no_grad()
    def step(self, closure: Callable[[], Tensor] | None = None) -> Tensor | None:  # type: ignore[override]  # torch has overloads
        """One step along the gradients the parameters hold."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        held = [p.grad for group in self.param_groups for p in group["params"] if p.grad is not None]
        factor = self._factor(held)
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    self._move(p, p.grad if self.kind == "normalised" else p.grad.sign(), factor, group)
        return loss

    def _factor(self, held: list[Tensor]) -> Tensor | float:
        if self.kind == "sign" or not held:
            return 1.0
        if self.kind == "normalised":
            return 1 / length(held).clamp(min=1e-30)
        return torch.stack([g.abs().sum() for g in held]).sum()

    def _move(self, p: Tensor, direction: Tensor, factor: Tensor | float, group: dict[str, Any]) -> None:
        speed = direction * factor
        if group["momentum"]:
            kept = self.state[p].setdefault("speed", torch.zeros_like(p))
            speed = kept.mul_(group["momentum"]).add_(speed)
        p.sub_(group["lr"] * speed)


def loss_by_frequency(losses: Tensor, labels: Tensor, prior: Prior) -> dict[float, float]:
    """The mean loss of rows by how often their class occurs: count -> mean loss, commonest first.

    When to use it: every few steps, to see which classes learn. Classes of one count form a group.

    >>> loss_by_frequency(torch.tensor([1.0, 3.0, 5.0]), torch.tensor([0, 1, 2]), Prior.of([0, 0, 1, 2]))
    {2.0: 1.0, 1.0: 4.0}
    """
    counts = torch.as_tensor(prior.counts)[labels.cpu()]
    found = {float(c): float(losses.detach().cpu()[counts == c].mean()) for c in sorted(set(counts.tolist()))}
    return dict(sorted(found.items(), reverse=True))


CARD = {
    "lever": "optim",
    "name": "SignSGD",
    "title": "Sign and normalised gradient descent",
    "seeds": ["009"],
    "needs": ["torch"],
    "example": {"lr": 0.1},
    "since": "0.1",
    "status": "claimed",
    "source": "Kunstner et al. (2024), Heavy-Tailed Class Imbalance and Why Adam Outperforms Gradient Descent",
    "facts": {"closure": "none"},
}
