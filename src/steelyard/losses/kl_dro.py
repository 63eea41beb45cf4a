"""A tilted mean of the losses, as a reducer."""

from __future__ import annotations

from math import log

import torch
from torch import Tensor, nn

from steelyard.core import UsageError

__all__ = ["KLDRO"]


class KLDRO(nn.Module):
    r"""The worst mean over re-weightings of the rows near the data in Kullback-Leibler divergence.

    When to use it: as `reduction` of any loss, a smooth neighbour of `CVaR`: from the maximum (temperature to 0)
    to the mean (temperature to infinity).

    :math:`t \log \frac{1}{n} \sum_i e^{l_i / t}`.

    Args:
        temperature: t, in units of the loss.

    Returns:
        Of losses of any shape, and weights of the same shape or None: one number.

    Raises:
        UsageError: a temperature that is not positive.

    >>> round(KLDRO(1.0)(torch.tensor([0.0, 1.0])).item(), 4)  # log((1 + e) / 2)
    0.6201

    Source: Li, Beirami, Sanjabi, Smith (2021), Tilted Empirical Risk Minimization.
    """

    def __init__(self, temperature: float = 1.0) -> None:
        super().__init__()
        if not 0 < temperature < float("inf"):
            raise UsageError(f"temperature is {temperature}, expected a positive number")
        self.temperature = float(temperature)

    def forward(self, values: Tensor, weight: Tensor | None = None) -> Tensor:
        """The tilted mean."""
        flat = values.flatten()
        if not len(flat):
            return flat.sum()
        tilted = flat / self.temperature
        if weight is None:
            return self.temperature * (torch.logsumexp(tilted, 0) - log(len(flat)))
        share = weight.flatten() / weight.sum().clamp(min=torch.finfo(flat.dtype).tiny)
        logs = torch.where(share > 0, share, 1.0).log()
        low = torch.finfo(flat.dtype).min / 4
        tilt = self.temperature * torch.logsumexp(torch.where(share > 0, tilted + logs, low), 0)
        return torch.where((share > 0).any(), tilt, 0.0)

    def extra_repr(self) -> str:
        """Shown by print."""
        return f"temperature={self.temperature:g}"


CARD = {
    "lever": "losses",
    "name": "KLDRO",
    "title": "Distributionally robust (tilted) mean of the losses",
    "seeds": ["029"],
    "needs": ["torch"],
    "example": {"temperature": 1.0},
    "since": "0.1",
    "status": "claimed",
    "source": "Li et al. (2021), Tilted Empirical Risk Minimization",
    "facts": {"takes": "values"},
}
