"""Venn–Abers calibration in O(n log n)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import Floats, NotForMe
from steelyard.decide.calibration import Calibration
from steelyard.decide.rows import FLOOR, class_totals, positive_scores

__all__ = ["VennAbersCalibration"]


class VennAbersCalibration(Calibration):
    r"""Isotonic calibration fitted twice for every score: once as if its row were negative, once positive.

    When to use it: many positives, no known shape, and an interval wanted that is valid however wrong the model
    (rows exchangeable). Smoother than isotonic and never certain at the ends; it still makes ties.

    With :math:`p_0 \leq p_1` the two isotonic values, computed for all scores at once from the convex minorants of
    the cumulative sum diagram, :math:`p = p_0 + \theta (p_1 - p_0)`. The share :math:`\theta` makes the mean
    prediction the prevalence of the fitting rows; the source's :math:`p_1 / (1 - p_0 + p_1)` promises about a tenth
    too many positives when they are rare. Each entry of `maps_` is :math:`\theta`, followed by the distinct
    scores, their :math:`p_0` and their :math:`p_1` (1 + 3m,).

    >>> calibration = VennAbersCalibration().fit([0.1, 0.2, 0.3, 0.4, 0.8, 0.9], [0, 1, 0, 0, 1, 1])
    >>> [side.round(3).tolist() for side in calibration.interval([0.1, 0.85])]
    [[0.0, 0.5], [0.4, 1.0]]

    Source: Vovk, Petej, Fedorova (2015), Large-Scale Probabilistic Predictors with and without Guarantees of
    Validity.
    """

    name = "venn_abers"
    caveat = (
        "Venn–Abers calibration makes ties: rows of one step share a probability, which blurs their ranking"
    )

    def interval(self, p: ArrayLike) -> tuple[Floats, Floats]:
        """The lower and upper probability (n,) of the positive class, for two classes.

        Raises:
            NotForMe: more than two classes.
        """
        if self.n_classes_ != 2:
            raise NotForMe(f"binary only; got {self.n_classes_} classes")
        return _both(self.maps_[0], np.clip(positive_scores(p), FLOOR, 1 - FLOOR))

    def _learn(self, p: Floats, positive: Floats, weight: Floats) -> Floats:
        places, group = np.unique(p, return_inverse=True)
        total = class_totals(group, weight, len(places))
        ones = class_totals(group, weight * positive, len(places))
        high = _with_one_more_positive(total, ones)
        low = 1 - _with_one_more_positive(total[::-1], (total - ones)[::-1])[::-1]
        gap = float(total @ (high - low))
        share = (float(ones.sum()) - float(total @ low)) / gap if gap > 0 else 0.5
        return np.concatenate([[min(max(share, 0.0), 1.0)], places, low, high])

    def _map(self, state: Floats, p: Floats) -> Floats:
        low, high = _both(state, p)
        return np.asarray(low + state[0] * (high - low))


def _both(state: Floats, p: Floats) -> tuple[Floats, Floats]:
    """A score between two places is as good as the higher one when positive, as the lower one when negative."""
    places, low, high = state[1:].reshape(3, -1)
    above, below = np.searchsorted(places, p, side="left"), np.searchsorted(places, p, side="right")
    return np.append(0.0, low)[below], np.append(high, 1.0)[above]


def _with_one_more_positive(weight: Floats, positive: Floats) -> Floats:
    """The isotonic value at each place (m,) after one positive row of weight one is put there.

    That value is the slope of the convex minorant where the row's step (1, 1) lies in the cumulative diagram.
    Moving the row past a place moves the start of its step; the minorant to its right is a stack that only
    shrinks, so all places together take linear time.
    """
    xs, ys = [0.0, *np.cumsum(weight).tolist()], [0.0, *np.cumsum(positive).tolist()]
    hull_x, hull_y = [-1.0], [-1.0]
    for x, y in zip(xs, ys, strict=True):
        while len(hull_x) > 1 and _turn(hull_x[-2], hull_y[-2], hull_x[-1], hull_y[-1], x, y) <= 0:
            del hull_x[-1], hull_y[-1]
        hull_x.append(x)
        hull_y.append(y)
    hull_x.reverse()
    hull_y.reverse()
    slopes = []
    for x, y in zip(xs[1:], ys[1:], strict=True):
        slopes.append((hull_y[-2] - hull_y[-1]) / (hull_x[-2] - hull_x[-1]))
        x, y = x - 1, y - 1  # where the step starts once the row has passed this place
        if _turn(hull_x[-1], hull_y[-1], hull_x[-2], hull_y[-2], x, y) >= 0:
            continue
        del hull_x[-1], hull_y[-1]
        while len(hull_x) > 1 and _turn(x, y, hull_x[-1], hull_y[-1], hull_x[-2], hull_y[-2]) <= 0:
            del hull_x[-1], hull_y[-1]
        hull_x.append(x)
        hull_y.append(y)
    # rounding may leave equal slopes out of order by a last digit
    return np.clip(np.maximum.accumulate(slopes), 0.0, 1.0)


def _turn(ax: float, ay: float, bx: float, by: float, cx: float, cy: float) -> float:
    """Positive when the way from a over b to c turns left."""
    return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)


CARD = {
    "lever": "decide",
    "name": "VennAbersCalibration",
    "title": "Venn–Abers calibration",
    "seeds": ["075"],
    "needs": ["probabilities"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Vovk, Petej, Fedorova (2015), Large-Scale Probabilistic Predictors",
    "facts": {},
}
