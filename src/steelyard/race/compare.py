"""The choice of the simplest arm that is good enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from steelyard.metrics import corrected_interval

__all__ = ["simplest_good_enough"]


def simplest_good_enough(
    scores: Mapping[str, Sequence[float]],
    simplicity: Mapping[str, tuple[float, ...]],
    *,
    sign: int,
    test_share: float,
) -> tuple[str, str]:
    """The best arm, and the simplest one within one standard error of it.

    Scores are per fold and paired. An arm is good enough when its mean paired distance to the best arm is at
    most one corrected standard error of that distance. The smallest `simplicity` among those is what suffices;
    of all arms that are no less simple the one with the best mean wins, so an arm that is always a little behind
    the best never loses to an equally simple one with a worse mean. Equal means are decided by the order of `scores`.

    Returns:
        (chosen, best).
    """
    means = {name: sign * float(np.nanmean(values)) for name, values in scores.items()}
    best = max(sorted(means), key=lambda name: means[name])
    top = np.asarray(scores[best], dtype=float)
    good = []
    for name, values in scores.items():
        gap = corrected_interval(sign * (top - np.asarray(values, dtype=float)), test_share=test_share)
        if name == best or gap.mean <= (gap.se if np.isfinite(gap.se) else 0.0):
            good.append(name)
    enough = min(simplicity[name] for name in good)
    chosen = max((name for name in scores if simplicity[name] <= enough), key=lambda name: means[name])
    return chosen, best
