"""From a study's scores to the plain facts its page shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from steelyard.bench.judge import Verdict
from steelyard.bench.statistics import (
    by_learner,
    by_tier,
    cliques,
    compare_pairs,
    critical_difference,
    elo_ratings,
    friedman,
    mean_ranks,
    rank_intervals,
    score_table,
)
from steelyard.bench.study import StudyResults
from steelyard.core import UsageError
from steelyard.metrics import corrected_interval, named

__all__ = ["data_traits", "study_facts"]

TRAITS = ("rows", "ratio", "overlap")
TIERS = {"ratio": (5, 10, 50), "rows": (1_000, 5_000), "overlap": (0.25, 0.5, 0.75)}
"""Where one tier of a trait of the data sets ends and the next begins."""


def study_facts(
    results: StudyResults,
    *,
    metric: str,
    control: str | None = None,
    title: str = "Study",
    lower: bool | None = None,
    verdicts: Sequence[Verdict] = (),
    notes: Sequence[str] = (),
    figures: Sequence[Mapping[str, Any]] = (),
    command: str | None = None,
    versions: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """What `steelyard.report.render_study` reads: JSON-safe values, None where unknown.

    Args:
        results: of the study.
        metric: the arms are ranked by it.
        control: the arm the others are compared with; arms that no data set has beside it stay out. None takes
            the one called "baseline", "nothing" or "plain", else the first by name.
        title: of the page.
        lower: smaller is better; None asks the metric, and takes more as better where it is not known.
        verdicts: judged claims.
        notes: how the study departs from a publication.
        figures: the study's own: {"title", "x", "y", "lines"}, a line {"name", "points"}, a point [x, y] or, with
            a band, [x, y, low, high].
        command: what to type to get the page again.
        versions: library names and versions.

    Raises:
        UsageError: no scores of this metric, or no such control.
    """
    lower = _lower(metric) if lower is None else lower
    scores, control = _beside(results.scores, metric, control)
    table = score_table(scores, metric, lower=lower)
    traits = data_traits(list(table.index), results.scores)
    ranked = _ranking(table, results.trials, control, lower=lower)
    sign = -1.0 if lower else 1.0
    facts = {
        "schema": 1,
        "title": title,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": dict(versions or {}),
        "command": command,
        "metric": {"name": metric, "label": _label(metric), "lower": lower},
        "control": control,
        "verdict": _said(ranked, table, control, _label(metric)),
        "ranking": ranked,
        "scores": {
            "sets": list(table.index),
            "arms": list(table.columns),
            "values": (sign * table).to_numpy().tolist(),
        },
        "sets": _records(traits),
        "tiers": _tiers(sign * table, traits),
        "claims": [_claim(verdict) for verdict in verdicts],
        "notes": list(notes),
        "learners": _learners(scores, metric, lower=lower),
        "figures": list(figures),
        "failures": _failures(results.trials),
        "tiles": _tiles(results, table),
    }
    if table.shape[1] >= 3 and len(table) >= 2:
        difference = critical_difference(table.shape[1], len(table))
        facts["friedman"] = friedman(table).__dict__
        facts["critical_difference"] = difference
        facts["cliques"] = [list(group) for group in cliques(mean_ranks(table), difference)]
    return facts


def data_traits(names: Sequence[str], scores: pd.DataFrame | None = None) -> pd.DataFrame:
    """What the data sets among `names` are like: columns rows, ratio, overlap; those nothing is known of are absent.

    A study that measures traits has them as metrics of these names, by any arm; rows and imbalance ratio of the
    other sets are known if they are packaged and have two classes.

    Args:
        names: of data sets.
        scores: of the study, or None.
    """
    from steelyard.data import datasets

    known = {info.name: info for info in datasets()}
    listed = {
        name: {"rows": info.rows, "ratio": (info.rows - info.minority) / max(1, info.minority)}
        for name in names
        if (info := known.get(name)) is not None and info.classes == 2
    }
    found = pd.DataFrame.from_dict(listed, orient="index", columns=list(TRAITS), dtype=float)
    if scores is None:
        return found
    own = scores[scores["metric"].isin(TRAITS) & scores["data"].isin(names)]
    return own.pivot_table("value", "data", "metric").combine_first(found)[list(TRAITS)]


def _ranking(table: pd.DataFrame, trials: pd.DataFrame, control: str, *, lower: bool) -> list[dict[str, Any]]:
    ranks, elo = rank_intervals(table), elo_ratings(table).to_dict("index")
    pairs = compare_pairs(table, control=control).set_index("arm").to_dict("index")
    seconds = trials[trials["state"] == "done"].groupby("arm")["seconds"].mean().to_dict()
    found = []
    for arm, place in ranks.to_dict("index").items():
        row: dict[str, Any] = {
            "arm": arm,
            "mean": float(table[arm].mean()) * (-1 if lower else 1),
            "rank": float(place["rank"]),
            "rank_low": float(place["low"]),
            "rank_high": float(place["high"]),
            "best": float(place["best"]),
            "elo": float(elo[arm]["rating"]),
            "elo_low": float(elo[arm]["low"]),
            "elo_high": float(elo[arm]["high"]),
            "seconds": seconds.get(arm),
        }
        if arm != control:
            # data sets do not overlap, so nothing needs correction
            gain = corrected_interval((table[arm] - table[control]).to_numpy(), test_share=0.0)
            row |= {"gain": gain.mean, "gain_low": _known(gain.low), "gain_high": _known(gain.high)}
            row |= {name: int(pairs[arm][name]) for name in ("wins", "ties", "losses")}
            row["p"] = float(pairs[arm]["p_holm"])
        found.append(row)
    return found


def _learners(scores: pd.DataFrame, metric: str, *, lower: bool) -> list[dict[str, Any]]:
    """Places within each learner, where there is more than one."""
    if scores["learner"].nunique() < 2:
        return []
    found = by_learner(scores, metric, lower=lower).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in found]


def _said(ranked: list[dict[str, Any]], table: pd.DataFrame, control: str, label: str) -> list[str]:
    """The verdict, in sentences that hold whatever came out."""
    best, n = ranked[0], len(table)
    sets = f"{n} data set{'s' if n != 1 else ''}"
    said = [
        f"{best['arm']} has the best mean rank by {label}: {best['rank']:.2f} of {len(ranked)} over {sets}."
    ]
    better = [row["arm"] for row in ranked if row.get("gain_low") is not None and row["gain_low"] > 0]
    worse = [row["arm"] for row in ranked if row.get("gain_high") is not None and row["gain_high"] < 0]
    if better:
        said.append(f"Clearly better than {control}: {', '.join(better)}.")
    else:
        said.append(f"No arm is clearly better than {control}.")
    if worse:
        said.append(f"Clearly worse than {control}: {', '.join(worse)}.")
    return said


def _tiers(table: pd.DataFrame, traits: pd.DataFrame) -> list[dict[str, Any]]:
    """Means of every arm within tiers of every trait."""
    found = []
    for trait, edges in TIERS.items():
        values = traits[trait].dropna()
        known = table.loc[table.index.intersection(values.index)]
        if len(known) < 2:
            continue
        for name, row in by_tier(known, values, edges).to_dict("index").items():
            sets = int(row.pop("data sets"))
            found.append({"trait": trait, "tier": str(name), "sets": sets, "means": row})
    return found


def _records(traits: pd.DataFrame) -> list[dict[str, Any]]:
    """One a data set; what is not known is None."""
    rows = traits.to_dict("index")
    return [{"name": str(name), **{str(k): _known(v) for k, v in row.items()}} for name, row in rows.items()]


def _tiles(results: StudyResults, table: pd.DataFrame) -> list[dict[str, str]]:
    states = ", ".join(f"{n:,} {state}" for state, n in results.states.items())
    hours = float(results.trials["seconds"].sum()) / 3600
    left = results.scores["arm"].nunique() - table.shape[1]
    return [
        {"label": "experiments", "value": f"{results.wanted:,}", "note": states},
        {
            "label": "arms",
            "value": str(table.shape[1]),
            "note": f"{left} more are not on the same data sets" if left else "",
        },
        {"label": "data sets", "value": str(len(table)), "note": "on which every arm has a result"},
        {"label": "compute time", "value": f"{hours:.2f} h", "note": "of one process"},
    ]


def _failures(trials: pd.DataFrame) -> list[dict[str, Any]]:
    bad = trials[trials["state"] != "done"]
    grouped = bad.groupby(["arm", "state", "reason"]).size().reset_index(name="count")
    renamed = grouped.rename(columns={"state": "outcome"}).sort_values("count", ascending=False)
    return [{str(name): value for name, value in row.items()} for row in renamed.to_dict("records")]


def _claim(verdict: Verdict) -> dict[str, Any]:
    figures = {name: _known(getattr(verdict, name)) for name in ("arm", "beats", "gain", "low", "high", "p")}
    about = {"says": verdict.claim.says, "metric": verdict.claim.metric, "answer": verdict.answer}
    return about | figures | {"units": verdict.units, "unit": verdict.unit}


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _beside(scores: pd.DataFrame, metric: str, control: str | None) -> tuple[pd.DataFrame, str]:
    """The scores of the arms on that data set of the control which has most arms by this metric; and the control."""
    found = scores[scores["metric"] == metric]
    arms = sorted(found["arm"].unique())
    if not arms:
        return scores, ""  # the table of scores says what there is
    if control is None:
        control = next((name for name in ("baseline", "nothing", "plain") if name in arms), arms[0])
    if control not in arms:
        raise UsageError(f"control={control!r} is none of the arms {', '.join(arms)}; name one of them")
    sets = found.loc[found["arm"] == control, "data"]
    fullest = found[found["data"].isin(sets)].groupby("data")["arm"].nunique().idxmax()
    return scores[scores["arm"].isin(found.loc[found["data"] == fullest, "arm"])], control


def _lower(metric: str) -> bool:
    try:
        return named(metric).direction == "min"
    except UsageError:
        return False


def _label(metric: str) -> str:
    try:
        return named(metric).label
    except UsageError:
        return metric.replace("_", " ")
