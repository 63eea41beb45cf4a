"""Is the rule flagging as many rows as it did?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm

from steelyard.core import TooFewSamples, UsageError

__all__ = ["FlagRateShift", "flag_rate_shift"]


@dataclass(frozen=True)
class FlagRateShift:
    """How much more, or less, a rule flags than where it was tuned.

    Attributes:
        before: share flagged where the rule was tuned.
        now: share flagged on new rows.
        p_value: of the test that both are one share.
        moved: whether the difference is beyond chance at the level asked for.
    """

    before: float
    now: float
    p_value: float
    moved: bool

    @property
    def text(self) -> str:
        """The finding in a sentence."""
        shown = f"{self.now:.3g} of the new rows are flagged, {self.before:.3g} were where the rule was tuned"
        if not self.moved:
            return f"{shown}: no more than chance"
        return (
            f"{shown}: class shares or features have moved, so tune the threshold anew or re-target the model"
        )


def flag_rate_shift(before: ArrayLike, now: ArrayLike, *, level: float = 0.001) -> FlagRateShift:
    r"""Compare the share of rows a rule flags with the share it flagged where it was tuned.

    When to use it: a threshold was tuned for F1 or another metric that depends on the prevalence, and new rows
    without labels come in. A threshold holds for the prevalence it was tuned at; a flag rate that moves is the
    first sign, and needs no labels.

    Two-proportion test: :math:`z = (\hat r_1 - \hat r_0) / \sqrt{\hat r (1 - \hat r)(1/n_0 + 1/n_1)}` with the
    pooled share :math:`\hat r`.

    Args:
        before: decisions (n,), 1 for flagged, on the held-out rows the rule was tuned on.
        now: decisions (m,) on new rows.
        level: how rarely chance alone may raise the alarm.

    Returns:
        A `FlagRateShift`.

    Raises:
        TooFewSamples: no rows on one side.
        UsageError: a level outside (0, 1).

    >>> shift = flag_rate_shift([1] * 10 + [0] * 90, [1] * 40 + [0] * 60)
    >>> shift.moved, round(shift.p_value * 1e6, 1)
    (True, 1.0)

    Source: Fleiss, Levin, Paik (2003), Statistical Methods for Rates and Proportions.
    """
    if not 0 < level < 1:
        raise UsageError(f"level is {level!r}, expected a share above 0 and below 1, such as 0.001")
    old, new = (np.asarray(flags, dtype=np.float64) for flags in (before, now))
    if not len(old) or not len(new):
        raise TooFewSamples(
            f"{len(old)} and {len(new)} decisions came, both sides need at least one; pass more rows"
        )
    first, second = float(old.mean()), float(new.mean())
    pooled = (old.sum() + new.sum()) / (len(old) + len(new))
    spread = float(np.sqrt(pooled * (1 - pooled) * (1 / len(old) + 1 / len(new))))
    p_value = 2 * float(norm.sf(abs(second - first) / spread)) if spread > 0 else 1.0
    return FlagRateShift(first, second, p_value, p_value < level)


CARD = {
    "lever": "decide",
    "name": "flag_rate_shift",
    "title": "Shift of the flag rate since tuning (two-proportion test)",
    "seeds": ["039"],
    "needs": [],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Fleiss, Levin, Paik (2003), Statistical Methods for Rates and Proportions",
    "facts": {},
}
