"""Does a published claim hold here? Paired arms, an interval, and three possible answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from steelyard.core import Claim, Floats

__all__ = ["Verdict", "judge", "paired"]

FEWEST_SETS = 5
"""From this many data sets on, a data set is the unit; below, a seed is."""


@dataclass(frozen=True)
class Verdict:
    """How a claim fared.

    Attributes:
        claim: what was judged.
        answer: "holds", "does not hold" (the opposite is shown), "not shown" (too close or too few to tell),
            or "not judged" (one of the arms has no results).
        arm, beats: mean of the metric in the two arms, over the pairs.
        gain: by how much `arm` is better (positive is better, whatever the metric's direction), or on which
            share of the units it is, where the claim is about a share …
        low, high: … with its 95 % interval.
        units: how many pairs.
        unit: what a pair is: "data set", "seed" or "trial".
        p: two-sided p-value of the Wilcoxon signed-rank test over the units; nan below six.
    """

    claim: Claim
    answer: Literal["holds", "does not hold", "not shown", "not judged"]
    arm: float
    beats: float
    gain: float
    low: float
    high: float
    units: int
    unit: str
    p: float

    def __str__(self) -> str:
        """One line."""
        figures = f"{self.arm:.4f} against {self.beats:.4f}" if self.units else "no results"
        interval = f"{self.gain:+.4f} ({self.low:+.4f} to {self.high:+.4f})"
        if self.claim.share is not None:
            interval = f"in {self.gain:.0%} ({self.low:.0%} to {self.high:.0%})"
        wide = f", gain {interval}" if self.units else ""
        over = f" over {self.units} {self.unit}s" if self.units else ""
        test = f", p {self.p:.1g}" if np.isfinite(self.p) else ""
        return f"{self.answer}: {self.claim.says} [{self.claim.metric}: {figures}{wide}{over}{test}]"


def judge(claim: Claim, scores: pd.DataFrame) -> Verdict:
    """Judge a claim on a study's scores.

    Arms are paired at equal data set, learner, seed and split. Learners and splits are averaged within a seed.
    With five data sets or more the unit is the data set, otherwise the seed (on every data set); the interval is
    Student's over units, and Wilson's for a share of them.

    Args:
        claim: what to judge.
        scores: columns data, arm, learner, seed, split, metric, value.
    """
    pairs = paired(scores, claim.metric, claim.arm, claim.beats, claim.data)
    if pairs.empty:
        nan = float("nan")
        return Verdict(claim, "not judged", nan, nan, nan, nan, nan, 0, "trial", nan)
    sign = -1.0 if claim.lower else 1.0
    by_seed = pairs.groupby(["data", "seed"])[["arm", "beats"]].mean()
    sets = by_seed.groupby("data").mean()
    unit, table = ("data set", sets) if len(sets) >= FEWEST_SETS else ("seed", by_seed)
    if claim.within is not None:
        return _equal(claim, pairs, claim.within)
    gains = sign * (table["arm"] - table["beats"]).to_numpy(dtype=float)
    limit = claim.by if claim.share is None else claim.share
    mean, low, high = _interval(gains) if claim.share is None else _better(gains > claim.by)
    p = _wilcoxon(gains)
    answer: Literal["holds", "does not hold", "not shown"] = "not shown"
    if low > limit and (claim.p >= 1 or p < claim.p):
        answer = "holds"
    elif high <= limit:
        answer = "does not hold"
    arm, beats = (float(table[name].mean()) for name in ("arm", "beats"))
    return Verdict(claim, answer, arm, beats, mean, low, high, len(gains), unit, p)


def paired(
    scores: pd.DataFrame, metric: str, arm: str, other: str, data: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Values of two arms side by side (columns data, learner, seed, split, arm, beats), where both have one."""
    chosen = scores[(scores["metric"] == metric) & scores["value"].notna()]
    if data:
        chosen = chosen[chosen["data"].isin(data)]
    on = ["data", "learner", "seed", "split"]
    sides = [
        chosen.loc[chosen["arm"] == name, [*on, "value"]].rename(columns={"value": column})
        for name, column in ((arm, "arm"), (other, "beats"))
    ]
    return sides[0].merge(sides[1], on=on)


def _equal(claim: Claim, pairs: pd.DataFrame, within: float) -> Verdict:
    gap = (pairs["arm"] - pairs["beats"]).to_numpy(dtype=float)
    worst = float(np.abs(gap).max())
    answer: Literal["holds", "does not hold"] = "holds" if worst <= within else "does not hold"
    means = float(pairs["arm"].mean()), float(pairs["beats"].mean())
    return Verdict(
        claim,
        answer,
        *means,
        float(gap.mean()),
        float(gap.min()),
        float(gap.max()),
        len(gap),
        "trial",
        np.nan,
    )


def _interval(values: Floats) -> tuple[float, float, float]:
    mean, n = float(values.mean()), len(values)
    if n < 2:
        return mean, -np.inf, np.inf
    half = float(stats.t.ppf(0.975, n - 1) * values.std(ddof=1) / np.sqrt(n))
    return mean, mean - half, mean + half


def _better(wins: NDArray[np.bool_]) -> tuple[float, float, float]:
    """The share of wins with Wilson's 95 % interval."""
    found = stats.binomtest(int(wins.sum()), len(wins)).proportion_ci(method="wilson")
    return float(wins.mean()), float(found.low), float(found.high)


def _wilcoxon(values: Floats) -> float:
    if len(values) < 6 or not values.any():
        return float("nan")
    return float(stats.wilcoxon(values).pvalue)
