"""The loss of the group that fares worst."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from steelyard.core import UsageError
from steelyard.losses.distributed import summed

__all__ = ["GroupDRO"]


class GroupDRO(nn.Module):
    r"""A mean of group losses whose weights follow the groups that fare worst.

    When to use it: every row has a known group (a class, a site, a background) and the worst group counts. Call it on
    values with reduction="none" and the rows' groups. Weights are kept with the checkpoint; evaluation mode leaves
    them alone, several processes share them.

    :math:`\sum_g q_g \bar l_g` with :math:`q_g \leftarrow q_g e^{\eta \bar l_g} / \sum_h q_h e^{\eta \bar l_h}`
    before every step; a group that is not in the batch keeps its weight.

    Args:
        n_groups: G.
        step: :math:`\eta`.

    Returns:
        Of losses (n,) and group positions (n,): one number.

    Raises:
        UsageError: a step that is not positive.

    >>> dro = GroupDRO(2, step=0.5)
    >>> round(dro(torch.tensor([0.0, 2.0]), torch.tensor([0, 1])).item(), 4)  # weights 1 : e
    1.4621

    Source: Sagawa, Koh, Hashimoto, Liang (2020), Distributionally Robust Neural Networks for Group Shifts.
    """

    weight: Tensor

    def __init__(self, n_groups: int, *, step: float = 0.01) -> None:
        super().__init__()
        if not 0 < step < float("inf"):
            raise UsageError(f"step is {step}, expected a positive number; 0.01 is usual")
        self.step = float(step)
        self.register_buffer("weight", torch.full((n_groups,), 1 / n_groups))

    def forward(self, values: Tensor, groups: Tensor) -> Tensor:
        """The weighted mean of the groups' mean losses."""
        zeros = torch.zeros(len(self.weight), dtype=values.dtype, device=values.device)
        sums = zeros.scatter_add(0, groups, values)
        held = zeros.scatter_add(0, groups, torch.ones_like(values))
        means = sums / held.clamp(min=1)
        if self.training:
            both = summed(torch.stack([sums.detach(), held]))
            seen = both[0] / both[1].clamp(min=1)
            self.weight.copy_((self.weight.log() + self.step * seen).softmax(0))
        return (self.weight.to(values.dtype) * means).sum()


CARD = {
    "lever": "losses",
    "name": "GroupDRO",
    "title": "Group distributionally robust optimisation",
    "seeds": ["018"],
    "needs": ["torch"],
    "example": {"n_groups": 3},
    "since": "0.1",
    "status": "claimed",
    "source": "Sagawa et al. (2020), Distributionally Robust Neural Networks for Group Shifts",
    "facts": {"takes": "groups"},
}
