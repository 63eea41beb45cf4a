"""One table of a study: every arm, its means, and its gain over a control."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from steelyard.bench.judge import judge
from steelyard.core import Claim, Paper

__all__ = ["arm_table", "as_markdown"]

MOST_SETS = 6
"""Up to so many data sets get a column of their own."""


def arm_table(
    scores: pd.DataFrame, metrics: Sequence[str], *, control: str | None = None, lower: bool = False
) -> pd.DataFrame:
    """Means of every arm: the first metric set by set and over all sets, the others over all sets.

    Args:
        scores: columns data, arm, learner, seed, split, metric, value.
        metrics: what to show; arms without any of them are left out.
        control: an arm; the last column then says how much better the others are by the first metric, paired, with a
            95 % interval over seeds (over data sets from five on).
        lower: smaller values of the first metric are better.

    Returns:
        One row an arm, best first.
    """
    known = scores[scores["metric"].isin(metrics) & scores["value"].notna()]
    # sets count alike, however many trials each has
    each = known.groupby(["arm", "metric", "data"], as_index=False)["value"].mean()
    over = each.pivot_table("value", "arm", "metric")
    first = metrics[0]
    table = pd.DataFrame(index=over.index)
    sets = known.loc[known["metric"] == first, "data"].drop_duplicates().tolist()
    if 1 < len(sets) <= MOST_SETS:
        apart = each[each["metric"] == first].pivot_table("value", "arm", "data")
        for name in sets:
            table[f"{_plain(first)}, {name}"] = apart[name]
    for metric in metrics:
        if metric in over:
            table[_plain(metric)] = over[metric]
    if first in over:
        table = table.sort_values(_plain(first), ascending=lower, kind="stable")
        if control is not None:
            gains = [_gain(scores, Claim("", first, arm, control, lower=lower)) for arm in table.index]
            table[f"gain over {control}"] = gains
    return table


def table_of(paper: Paper, scores: pd.DataFrame) -> pd.DataFrame:
    """The table of arms that a recipe asks for, against the arm that its first claim names."""
    claim = paper.claims[0]
    metrics = paper.shows or tuple(dict.fromkeys(one.metric for one in paper.claims))
    same = [one for one in paper.claims if one.metric == metrics[0]]
    shown = set(scores.loc[scores["metric"] == metrics[0], "arm"])
    control = claim.beats if claim.beats in shown else None
    return arm_table(scores, metrics, control=control, lower=any(one.lower for one in same))


def as_markdown(table: pd.DataFrame) -> str:
    """A table in Markdown, aligned so that it reads well as it is."""
    head = ["arm", *map(str, table.columns)]
    body = [[str(arm), *map(_cell, row)] for arm, row in zip(table.index, table.to_numpy(), strict=True)]
    wide = [max(len(line[i]) for line in (head, *body)) for i in range(len(head))]
    lines = [head, ["-" * n for n in wide], *body]
    return "\n".join(
        "| " + " | ".join(cell.ljust(n) for cell, n in zip(line, wide, strict=True)) + " |" for line in lines
    )


def _gain(scores: pd.DataFrame, claim: Claim) -> str:
    if claim.arm == claim.beats:
        return ""
    found = judge(claim, scores)
    if found.units < 2:
        return f"{found.gain:+.3f}" if found.units else ""
    return f"{found.gain:+.3f} ({found.low:+.3f} to {found.high:+.3f})"


def _cell(value: str | float) -> str:
    if isinstance(value, str):
        return value
    return "" if np.isnan(value) else f"{value:.3f}"


def _plain(metric: str) -> str:
    return metric.replace("_", " ")
