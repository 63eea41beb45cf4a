"""Which arms are most likely to win on a table, by what they reached on others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from textwrap import fill
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.core import Floats, Listener
from steelyard.metrics import named
from steelyard.race.arms import all_arms, learners, remedies
from steelyard.race.diagnose_table import features_and_diagnosis
from steelyard.race.experience import ENOUGH, Lesson, load_experience
from steelyard.race.features import FEATURES, LOGARITHMS, table_features
from steelyard.race.hindsight import Hindsight, hindsight, three_best
from steelyard.race.ridge import fit_ridge

__all__ = ["Advised", "Recommendation", "recommend"]

CONFIDENCE = 0.95
WIDTH = 110


@dataclass(frozen=True)
class Advised:
    """One arm with what to expect of it.

    Attributes:
        arm: its key, such as "SMOTE.lightgbm".
        label: how it is shown.
        gain: the expected difference to the best learner alone, in the metric's unit, more being better.
        low, high: where the difference lay on 95 % of the tables left out, around what was expected there.
    """

    arm: str
    label: str
    gain: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Recommendation:
    """The answer of `recommend`; print it for the whole of it.

    Attributes:
        metric: what counts.
        arms: the three arms most likely to win on a table with these features, the likeliest first.
        plain: the three of best mean rank, whatever the table.
        hindsight: how good both would have been on tables left out.
        features: of the table, by name.
        unusual: sentences on features far from those of all tables known.
    """

    metric: str
    arms: tuple[Advised, ...]
    plain: tuple[Advised, ...]
    hindsight: Hindsight
    features: dict[str, float]
    unusual: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """Whether looking at the table helped, with figures."""
        seen = self.hindsight
        value, low, high = (100 * part for part in seen.hits_gain)
        found = (
            "so the features of a table help to choose"
            if seen.beats
            else "so the features of a table are not shown to help: the three of best mean rank are as good a guess"
        )
        few = f"Only {seen.tables} tables are known, so this is little more than a guess. "
        return (few if seen.bases < ENOUGH else "") + (
            f"On {seen.tables} tables left out in turn the best arm, or one within its noise, was among the three "
            f"in {100 * seen.hits:.0f} %; among the three of best mean rank in {100 * seen.plain_hits:.0f} %. The "
            f"difference is {value:+.1f} points ({low:+.1f} to {high:+.1f}), {found}. On average the best of the "
            f"three missed the best of all by {seen.regret:.4f}; of those of best mean rank by "
            f"{seen.plain_regret:.4f}."
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "metric": self.metric,
            "arms": [asdict(one) for one in self.arms],
            "best_mean_rank": [asdict(one) for one in self.plain],
            "hindsight": self.hindsight.to_json(),
            "verdict": self.verdict,
            "features": {
                name: value if np.isfinite(value) else None for name, value in self.features.items()
            },
            "unusual": list(self.unusual),
        }

    def __str__(self) -> str:
        lines = [f"Most likely to win by {self.metric}, with the gain over the best learner alone:"]
        lines += _listed(self.arms)
        if self.plain != self.arms:
            lines += ["Of best mean rank on all tables known:", *_listed(self.plain)]
        said = [self.verdict, *(f"Unusual: {one}." for one in self.unusual)]
        return "\n".join([*lines, "", *(fill(sentence, WIDTH) for sentence in said)])


def recommend(
    table: Any,
    *,
    target: str | None = None,
    positive: Any = None,
    metric: str = "average_precision",
    weight: str | None = None,
    group: str | None = None,
    time: str | None = None,
    columns: Sequence[str] | None = None,
    seed: int = 0,
    listener: Listener | None = None,
) -> Recommendation:
    r"""Say which arms of the race are most likely to win on a table, without fitting any of them.

    When to use it: before a race, or where there is no time for one. A recommendation is what helped on similar
    tables; only a race tells what helps on this one.

    A ridge regression takes the features of a table (size, imbalance, overlap, hardness, by `diagnose`) to the
    rank of every arm among all arms, and the three with the least expected rank are named. How far features count
    at all is chosen on base tables left out; where they do not help the answer is the mean rank's. What was cut
    from the base table of a packaged set is no ground to recommend anything for it.

    Args:
        table: a file, the name of a packaged data set or a frame.
        target: the column of class labels (packaged sets know theirs).
        positive: the positive label of two; default the rarest.
        metric: what counts, one the store knows.
        weight, group, time: columns that play these parts.
        columns: what to read of a file; default all.
        seed: of all sampling in the diagnosis.
        listener: receives progress events.

    Returns:
        A `Recommendation`.

    Raises:
        UsageError: a column or label does not exist, or no arms were compared by this metric.
        DataError: the table is no classification table.

    >>> found = recommend("breast-cancer")
    >>> len(found.arms), 0 <= found.hindsight.hits <= 1
    (3, True)

    Source: Brazdil, Soares and Pinto da Costa (2003), Ranking learning algorithms: using IBL and meta-learning on
    accuracy and time results.
    """
    lesson = load_experience().lesson(metric).unrelated(str(table) if isinstance(table, str) else "")
    X, diagnosis = features_and_diagnosis(
        table,
        target=target,
        positive=positive,
        weight=weight,
        group=group,
        time=time,
        columns=columns,
        seed=seed,
        listener=listener,
    )
    features = table_features(X, diagnosis)
    row = np.array([features[name] for name in FEATURES])
    chosen = three_best(fit_ridge(lesson.features, lesson.places, lesson.groups).predict(row))
    plain = three_best(lesson.places.mean(axis=0))
    gains = fit_ridge(lesson.features, lesson.gains, lesson.groups)
    strayed = np.quantile(lesson.gains - gains.left_out, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], axis=0)
    expected = gains.predict(row)
    labels = {arm.key: arm.label for arm in all_arms(learners(), remedies())}

    def advised(places: NDArray[np.int64]) -> tuple[Advised, ...]:
        return tuple(
            Advised(
                lesson.arms[one],
                labels.get(lesson.arms[one], lesson.arms[one]),
                *(float(expected[one] + shift) for shift in (0.0, *strayed[:, one])),
            )
            for one in places
        )

    return Recommendation(
        metric=named(metric).name,
        arms=advised(chosen),
        plain=advised(plain),
        hindsight=hindsight(lesson),
        features=features,
        unusual=_unusual(lesson, row),
    )


def _unusual(lesson: Lesson, row: Floats) -> tuple[str, ...]:
    """What lies beyond all tables known by more than a standard deviation of theirs."""
    low, high = np.nanmin(lesson.features, axis=0), np.nanmax(lesson.features, axis=0)
    spread = np.nanstd(lesson.features, axis=0)
    return tuple(
        f"{text} {_shown(name, value)}, among the tables known {_shown(name, least)} to {_shown(name, most)}"
        for (name, text), value, least, most, far in zip(
            FEATURES.items(), row, low, high, spread, strict=True
        )
        if value < least - far or value > most + far
    )


def _shown(name: str, value: float) -> str:
    return f"{10**value:,.4g}" if name in LOGARITHMS else f"{value:.3g}"


def _listed(arms: tuple[Advised, ...]) -> list[str]:
    width = max(len(one.label) for one in arms)
    return [
        f"  {place}. {one.label:{width}}  {one.gain:+.4f} ({one.low:+.4f} to {one.high:+.4f})"
        for place, one in enumerate(arms, start=1)
    ]
