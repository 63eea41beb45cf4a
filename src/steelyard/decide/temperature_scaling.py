"""Soften or sharpen probabilities, and shift them along the class prior, with two numbers for all classes."""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

from steelyard.core import DataError, Floats, Prior, TooFewSamples
from steelyard.decide.prior_correction import shares
from steelyard.decide.rows import FLOOR, class_positions, class_scores

__all__ = ["TemperatureScaling"]

SHARPEST = 20.0
"""Largest inverse temperature, where rows that are all right would ask for infinity."""
FARTHEST = 5.0


class TemperatureScaling:
    r"""One temperature for all classes; with a prior, also one shift along its logarithm.

    When to use it: networks on many classes, where maps of every class of its own would need more held-out rows than
    rare classes have. Networks are overconfident (a temperature above 1); those trained with weights or class-balanced
    batches also expect rare classes too often, which the shift takes back as far as held-out rows show it.

    :math:`p'_k \propto p_k^{1/T}\, \pi_k^{\tau}`; T and :math:`\tau` have the least log loss, a convex problem in
    :math:`(1/T, \tau)`. Without a prior :math:`\tau = 0`, and no decision changes.

    Args:
        prior: the class prior :math:`\pi`, a `Prior` or shares (K,), all positive; None for a temperature alone.

    Attributes:
        temperature_: T after fitting.
        shift_: :math:`\tau` after fitting; 0 leaves the prior, 1 moves probabilities that stand at a uniform prior to
            :math:`\pi`.

    Raises:
        UsageError: a prior with an empty class.
        TooFewSamples: no rows.
        DataError, TargetError: arrays that do not fit.

    >>> p = [[0.99, 0.01]] * 4
    >>> found = TemperatureScaling().fit(p, [0, 0, 0, 1])
    >>> found(p)[0].round(3).tolist(), round(found.temperature_, 2)
    ([0.75, 0.25], 4.18)

    Source: Guo, Pleiss, Sun, Weinberger (2017), On Calibration of Modern Neural Networks.
    """

    temperature_: float
    shift_: float

    def __init__(self, prior: Prior | ArrayLike | None = None) -> None:
        self.prior = None if prior is None else shares(prior, "prior")
        if self.prior is not None:
            # a class without rows has no logarithm; it keeps what the network says
            self.prior = np.where(self.prior > 0, self.prior, 1.0)

    def fit(self, scores: ArrayLike, y: ArrayLike) -> Self:
        """Learn both numbers from rows the model was not fitted on.

        Args:
            scores: probabilities (n, K), or (n,) of the positive class.
            y: class positions (n,).
        """
        p = class_scores(scores)
        n, n_classes = p.shape
        if not n:
            raise TooFewSamples("there are no rows to learn a temperature from; pass held-out rows")
        truth = class_positions(y, n, n_classes)
        z, log_prior = np.log(np.clip(p, FLOOR, 1)), self._log_prior(n_classes)
        rows = np.arange(n)

        def loss(at: Floats) -> tuple[float, Floats]:
            logits = at[0] * z + at[1] * log_prior
            gap = softmax(logits, axis=1)
            value = -float(log_softmax(logits, axis=1)[rows, truth].mean())
            gap[rows, truth] -= 1
            return value, np.array([(gap * z).sum(), (gap @ log_prior).sum()]) / n

        limits = [(1 / SHARPEST, SHARPEST), (-FARTHEST, FARTHEST) if self.prior is not None else (0.0, 0.0)]
        found = minimize(
            loss,
            np.array([1.0, 0.0]),
            jac=True,
            bounds=limits,
            method="L-BFGS-B",
            options={"ftol": 1e-13, "gtol": 1e-9},
        )
        self.temperature_, self.shift_ = float(1 / found.x[0]), float(found.x[1])
        return self

    def set(self, temperature: float, shift: float) -> Self:
        """Take both numbers as given, such as those that were stored."""
        self.temperature_, self.shift_ = float(temperature), float(shift)
        return self

    def __call__(self, scores: ArrayLike) -> Floats:
        """Scale probabilities (n, K), or (n,) of the positive class; the shape stays."""
        p = class_scores(scores)
        logits = np.log(np.clip(p, FLOOR, 1)) / self.temperature_ + self.shift_ * self._log_prior(p.shape[1])
        scaled = softmax(logits, axis=1)
        return np.asarray(scaled if np.ndim(scores) == 2 else scaled[:, 1])

    def _log_prior(self, n_classes: int) -> Floats:
        if self.prior is None:
            return np.zeros(n_classes)
        if len(self.prior) != n_classes:
            raise DataError(
                f"probabilities of {n_classes} classes came, the prior has {len(self.prior)}; they must agree"
            )
        return np.asarray(np.log(self.prior))


CARD = {
    "lever": "decide",
    "name": "TemperatureScaling",
    "title": "Temperature scaling, with a shift along the class prior",
    "seeds": ["079"],
    "needs": ["probabilities"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Guo et al. (2017), On Calibration of Modern Neural Networks",
    "facts": {},
}
