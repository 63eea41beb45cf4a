"""Decide for the set of rows with the highest expected F."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.core import Floats, UsageError
from steelyard.decide.poisson_binomial import distribution, window, without
from steelyard.decide.row_costs import RowCosts
from steelyard.decide.rows import positive_scores
from steelyard.decide.rule import Rule

__all__ = ["ExpectedF", "expected_f"]


def expected_f(p: ArrayLike, beta: float = 1.0) -> Floats:
    r"""The expected F-measure of flagging the 0, 1, 2, … most probable rows, exactly.

    When to use it: to choose how many rows of a batch, or labels of a row, to flag when F is what counts.
    Nothing is tuned: probabilities have to be calibrated and, given the features, independent.

    :math:`E_k = \sum_{i \leq k} p_i\, E[(1 + \beta^2) / (k + \beta^2 (1 + S_{-i}))]` over rows in falling order of p,
    with :math:`S_{-i}` the number of other positives. Every :math:`S_{-i}` follows from S by taking one row out, so all
    k together take :math:`O(n w)`, with w the width of the distribution of S. k grows until
    :math:`(1 + \beta^2) m / (k + \beta^2 m)`, with m the expected hits, proves that no larger k is better.

    Args:
        p: probabilities of the positive class (n,), or (n, 2).
        beta: how much recall counts against precision.

    Returns:
        Expected F (k + 1,) of flagging 0..k rows, up to where no more can help; the best number is `argmax`.
        Flagging nothing counts 1 where nothing is positive, else 0.

    Raises:
        UsageError: beta not above 0, or p outside [0, 1].

    >>> expected_f([0.9, 0.2]).round(3).tolist()  # 0.1 * 0.8, then 0.72 * 1 + 0.18 * 2/3
    [0.08, 0.84]

    Source: Ye, Chai, Lee, Chieu (2012), Optimizing F-Measure: A Tale of Two Approaches; Dembczyński, Waegeman,
    Cheng, Hüllermeier (2011), An Exact Algorithm for F-Measure Maximization.
    """
    values = _probabilities(p, beta)
    falling, square = np.sort(values)[::-1], beta**2
    whole = distribution(falling) if len(falling) else np.ones(1)
    low, high = window(whole)
    low = max(low - 1, 0)  # with one row taken out there may be one positive less
    inside = whole[low:high]
    places = np.arange(low, high)
    found, hits = [float(whole[0])], np.zeros(high - low + 1)
    best, expected_hits = found[0], 0.0
    for k, one in enumerate(falling, start=1):
        expected_hits += one
        if (1 + square) * expected_hits <= best * (k + square * expected_hits):
            break
        hits[1:] += one * without(inside, float(one))  # weight of flagged positives where S is one more
        value = (1 + square) * float(hits[1:] @ (1 / (k + square * (places + 1))))
        found.append(value)
        best = max(best, value)
    return np.array(found)


@dataclass(frozen=True, eq=False)
class ExpectedF(Rule):
    r"""Flag the rows, out of those given together, whose expected F-measure is highest.

    When to use it: F1 on a batch is the goal and probabilities are calibrated. No threshold is carried over from
    other rows; when positives get rarer the rule follows. For very many rows it comes close to the threshold at half
    the reachable F1.

    Attributes:
        beta: how much recall counts against precision.

    Raises:
        UsageError: beta not above 0, or probabilities outside [0, 1].

    >>> ExpectedF().decide([0.6, 0.4, 0.35, 0.02]).tolist()
    [1, 1, 1, 0]

    Source: Ye, Chai, Lee, Chieu (2012), Optimizing F-Measure: A Tale of Two Approaches.
    """

    kind: ClassVar[str] = "expected_f"

    beta: float = 1.0

    def __post_init__(self) -> None:
        """Check the option once."""
        _probabilities(np.empty(0), self.beta)

    def decide(self, p: ArrayLike, *, costs: RowCosts | None = None) -> NDArray[np.int64]:  # noqa: ARG002 - one signature for all rules
        """Class positions (n,); earlier rows first on ties."""
        scores = positive_scores(p)
        flags = np.zeros(len(scores), dtype=np.int64)
        count = int(expected_f(scores, self.beta).argmax())
        flags[np.argsort(-scores, kind="stable")[:count]] = 1
        return flags

    @property
    def text(self) -> str:
        """The rule as part of a sentence."""
        return f"positive for as many of the most probable rows as make the expected F{self.beta:g} highest"


def _probabilities(p: ArrayLike, beta: float) -> Floats:
    if not 0 < beta < np.inf:
        raise UsageError(f"beta is {beta!r}, expected a number above 0; 1 is F1")
    values = positive_scores(p)
    if len(values) and not 0 <= values.min() <= values.max() <= 1:
        raise UsageError(
            f"the probabilities go from {values.min():.3g} to {values.max():.3g}, expected 0 to 1; "
            "calibrate scores first"
        )
    return values


CARD = {
    "lever": "decide",
    "name": "ExpectedF",
    "title": "Expected F-measure maximised exactly",
    "seeds": ["039"],
    "needs": ["probabilities"],
    "example": {"beta": 1.0},
    "since": "0.1",
    "status": "claimed",
    "source": "Ye, Chai, Lee, Chieu (2012), Optimizing F-Measure: A Tale of Two Approaches",
    "facts": {},
}
