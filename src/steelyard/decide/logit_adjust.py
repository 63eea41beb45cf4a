"""Shift scores against the class prior after training."""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import DataError, Floats, Prior, UsageError
from steelyard.decide.prior_correction import PriorCorrection, shares

__all__ = ["LogitAdjust"]


class LogitAdjust:
    r"""Divide probabilities by the class prior to the power tau and normalise: :math:`z_k - \tau \log \pi_k`.

    When to use it: a trained classifier for many imbalanced classes should serve rare classes as well as common
    ones. With `tau=1` and probabilities that are right, the decisions maximise balanced accuracy; 0 changes
    nothing.

    Args:
        prior: the class prior the model was trained on, a `Prior` or shares (K,).
        tau: strength, usually 0 to 2.

    Raises:
        UsageError: a prior with an empty class.
        DataError: scores of another number of classes.

    >>> LogitAdjust([0.9, 0.1])([[0.8, 0.2]]).round(3).tolist()
    [[0.308, 0.692]]

    Source: Menon, Jayasumana, Rawat, Jain, Veit, Kumar (2021), Long-Tail Learning via Logit Adjustment.
    """

    def __init__(self, prior: Prior | ArrayLike, tau: float = 1.0) -> None:
        self.prior, self.tau = shares(prior, "prior"), float(tau)
        if (self.prior <= 0).any():
            raise UsageError(f"the prior is {self.prior.tolist()}, every class must have had some rows")
        self._correction = PriorCorrection(self.prior, self.prior ** (1 - self.tau))

    def fit(self, scores: ArrayLike, y: ArrayLike) -> Self:  # noqa: ARG002 - all adjustments can be fitted
        """Nothing is learned: the prior is given."""
        return self

    def __call__(self, scores: ArrayLike) -> Floats:
        """Adjust probabilities (n, K), or (n,) of the positive class; the shape stays."""
        return self._correction(scores)

    def logits(self, z: ArrayLike) -> Floats:
        """Adjust raw scores (n, K) whose softmax are probabilities."""
        values = np.asarray(z, dtype=np.float64)
        if values.ndim != 2 or values.shape[1] != len(self.prior):
            raise DataError(
                f"logits came with shape {values.shape}, expected (n, {len(self.prior)}); give one column a class"
            )
        return np.asarray(values - self.tau * np.log(self.prior))


CARD = {
    "lever": "decide",
    "name": "LogitAdjust",
    "title": "Post-hoc logit adjustment",
    "seeds": ["031", "032", "071"],
    "needs": ["probabilities"],
    "example": {"prior": [0.9, 0.1], "tau": 1.0},
    "since": "0.1",
    "status": "claimed",
    "source": "Menon et al. (2021), Long-Tail Learning via Logit Adjustment",
    "facts": {"arm": {"kind": "adjustment", "rank": 0.5, "label": "logit adjustment after training"}},
}
