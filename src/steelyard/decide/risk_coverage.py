"""What deciding fewer rows buys."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import DataError, Floats, TooFewSamples
from steelyard.decide.rows import row_weights

__all__ = ["RiskCoverage", "risk_coverage"]


@dataclass(frozen=True, eq=False)
class RiskCoverage:
    """The mean loss of the rows decided, for every share of rows decided.

    Attributes:
        coverage: shares of the rows (m,), rising, for m distinct confidences.
        risk: mean loss of those rows (m,).
        confidence: the least confidence that is decided (m,), falling.
    """

    coverage: Floats
    risk: Floats
    confidence: Floats

    @property
    def area(self) -> float:
        """The mean of the risk over all coverages; lower is better."""
        return float(self.risk @ np.diff(self.coverage, prepend=0.0))

    def risk_at(self, coverage: float) -> float:
        """The risk at the smallest coverage that is at least this."""
        place = min(int(np.searchsorted(self.coverage, coverage - 1e-12)), len(self.risk) - 1)
        return float(self.risk[place])


def risk_coverage(
    loss: ArrayLike, confidence: ArrayLike, *, sample_weight: ArrayLike | None = None
) -> RiskCoverage:
    r"""Follow the mean loss as less and less confident rows are decided too.

    When to use it: rows may be left undecided, and the question is how many, or which of two confidences sorts
    better. With the loss of rows of one class only it shows that class's risk, which the average hides.

    At coverage c the risk is :math:`\sum_{i \leq cn} \ell_i / (cn)` over rows in falling order of confidence; rows of
    equal confidence are decided together.

    Args:
        loss: what each decision lost (n,), such as `decisions != y` or a cost.
        confidence: (n,), such as the probability of the decided class.
        sample_weight: (n,) or None.

    Raises:
        DataError: arrays that do not fit.
        TooFewSamples: no row with weight.

    >>> curve = risk_coverage([0, 0, 1, 1], [0.9, 0.8, 0.7, 0.6])
    >>> curve.coverage.tolist(), curve.risk.round(3).tolist(), round(curve.area, 3)
    ([0.25, 0.5, 0.75, 1.0], [0.0, 0.0, 0.333, 0.5], 0.208)

    Source: El-Yaniv, Wiener (2010), On the Foundations of Noise-free Selective Classification; Geifman, Uziel,
    El-Yaniv (2019), Bias-Reduced Uncertainty Estimation for Deep Neural Classifiers, for the area.
    """
    lost, sure = (np.asarray(values, dtype=np.float64) for values in (loss, confidence))
    if (
        lost.ndim != 1
        or lost.shape != sure.shape
        or not (np.isfinite(lost).all() and np.isfinite(sure).all())
    ):
        raise DataError(
            f"losses of shape {lost.shape} came with confidences of shape {sure.shape}; "
            "pass one finite number of each a row"
        )
    weight = row_weights(sample_weight, len(lost))
    kept = np.flatnonzero(weight > 0)
    if not len(kept):
        raise TooFewSamples("no row with positive weight came; pass decided rows")
    order = kept[np.argsort(-sure[kept], kind="stable")]
    last = np.append(np.flatnonzero(np.diff(sure[order])), len(order) - 1)
    decided = np.cumsum(weight[order])[last]
    return RiskCoverage(
        decided / decided[-1], np.cumsum(weight[order] * lost[order])[last] / decided, sure[order][last]
    )


CARD = {
    "lever": "decide",
    "name": "risk_coverage",
    "title": "Risk-coverage curve of selective classification",
    "seeds": ["058"],
    "needs": ["scores"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "El-Yaniv, Wiener (2010), On the Foundations of Noise-free Selective Classification",
    "facts": {},
}
