"""The resampling benchmark's tables, written from its results file."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.resample_cells import SAMPLERS, SIDES, UNBOUNDED

MINUTES, GIB = 5, 4
"""What a million rows may take."""
CLOSE = 0.2
"""How far a fitted exponent may lie above that of n log n and still be called close to it."""


def printed(results: pd.DataFrame) -> str:
    """All three tables; what has not been measured is missing from them."""
    tables = {"exact": _exact, "speed": _speed, "million": _million}
    parts = {name: results[results.part == name] for name in tables}
    shown = [
        f"The part `{name}`: not measured yet." if rows.empty else tables[name](rows)
        for name, rows in parts.items()
    ]
    return "\n\n".join(shown)


def _exact(rows: pd.DataFrame) -> str:
    lines = [
        "**The same rows**",
        "",
        "| sampler | tables | columns | rows compared | same |",
        "|---|---|---|---|---|",
    ]
    for name, some in rows.groupby("sampler", sort=False):
        wrong = some[some.digest != "same"]
        verdict = "all" if wrong.empty else f"{len(some) - len(wrong)}; not on {', '.join(wrong['where'])}"
        columns = f"{some['columns'].min()} to {some['columns'].max()}"
        lines.append(f"| {name} | {len(some)} | {columns} | {some.rows.sum():,} | {verdict} |")
    return "\n".join(lines)


def _speed(rows: pd.DataFrame) -> str:
    lines = [
        "**The time of both sides**",
        "",
        "| sampler | rows | CPU s | wall s | MiB | imbalanced-learn CPU s | wall s | MiB "
        "| times less CPU | times less wall | same |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    judged = {}
    for name in SAMPLERS:
        for n, pair in rows[rows.sampler == name].groupby("rows"):
            side = {one.side: one for one in pair.itertuples()}
            ours, theirs = (side.get(s) for s in SIDES)
            left, right = _figures(ours), _figures(theirs)
            if ours is None or theirs is None or not theirs.wall > 0 or not ours.wall > 0:
                lines.append(f"| {name} | {n:,} | {left} | {right} | | | |")
                continue
            judged[name] = cpu, wall = theirs.cpu / ours.cpu, theirs.wall / ours.wall
            same = "yes" if ours.digest == theirs.digest else "no"
            lines.append(f"| {name} | {n:,} | {left} | {right} | {cpu:.1f} | {wall:.1f} | {same} |")
    return "\n".join([*lines, "", *_verdict([(name, *ratios) for name, ratios in judged.items()])])


def _figures(one) -> str:
    if one is None:
        return "not run | |"
    if not one.wall > 0:
        return f"{one.digest} ({one.cpu:.0f} s) | |"
    return f"{one.cpu:.2f} | {one.wall:.2f} | {one.mib:.0f}"


def _verdict(judged: list[tuple[str, float, float]]) -> list[str]:
    if not judged:
        return []
    cpu, wall = (np.exp(np.mean(np.log([row[i] for row in judged]))) for i in (1, 2))
    cleaning = [row for row in judged if SAMPLERS[row[0]].cleaning]
    low = [f"{name} ({ratio:.1f})" for name, ratio, _ in cleaning if ratio < 20]
    slower = [f"{name} ({ratio:.2f})" for name, ratio, _ in judged if ratio < 1]
    return [
        f"Geometric mean over {len(judged)} samplers, each at the largest size of both sides: {cpu:.1f} times less CPU "
        f"time, {wall:.1f} times less wall time. "
        f"Cleaning methods with at least 20 times less CPU time: {len(cleaning) - len(low)} of {len(cleaning)}"
        + (f", not {', '.join(low)}" if low else "")
        + f". Slower than imbalanced-learn: {', '.join(slower) or 'none'}."
    ]


def _million(rows: pd.DataFrame) -> str:
    sizes = sorted(rows.rows.unique())
    lines = [
        "**Growth, steelyard alone**",
        "",
        "| sampler | " + " | ".join(f"{n:,} rows: CPU s" for n in sizes) + " | wall s | GiB | exponent |",
        "|---" * (len(sizes) + 4) + "|",
    ]
    missed, near, far = [], [], []
    largest = set(rows[rows.rows == sizes[-1]].sampler)
    for name in SAMPLERS:
        some = rows[rows.sampler == name].sort_values("rows")
        done = some[some.wall > 0]
        if some.empty:
            continue
        cpu = dict(zip(done.rows, done.cpu, strict=True))
        ended = {one.rows: f"{one.digest} ({one.cpu:.0f})" for one in some[~(some.wall > 0)].itertuples()}
        cells = " | ".join(f"{cpu[n]:.2f}" if n in cpu else ended.get(n, "") for n in sizes)
        exponent = np.polyfit(np.log(done.rows), np.log(done.cpu), 1)[0] if len(done) > 1 else np.nan
        last = done.iloc[-1] if len(done) else None
        wall, gib = (last.wall, last.mib / 1024) if last is not None else (np.nan, np.nan)
        seconds = last.cpu if last is not None else np.nan
        lines.append(f"| {name} | {cells} | {wall:.1f} | {gib:.1f} | {exponent:.2f} |")
        if sizes[-1] in cpu:
            (near if exponent < _n_log_n(sizes) + CLOSE else far).append(name)
        if name not in UNBOUNDED and (len(done) < len(some) or seconds > 60 * MINUTES or gib > GIB):
            missed.append(name)
    lines += [
        "",
        f"Growth as n log n has the exponent {_n_log_n(sizes):.2f} between these sizes. Within {CLOSE} of it or below: "
        f"{', '.join(near) or 'none'}. Not: {', '.join(far) or 'none'}.",
        "",
        f"Over {MINUTES} minutes of CPU time or {GIB} GiB at the largest size measured: {', '.join(missed) or 'none'}. "
        f"Not measured at {sizes[-1]:,} rows: {', '.join(name for name in SAMPLERS if name not in largest) or 'none'}.",
    ]
    return "\n".join(lines)


def _n_log_n(sizes: list[int]) -> float:
    """The exponent n log n has between the smallest and the largest size."""
    first, last = sizes[0], sizes[-1]
    return float(np.log(last * np.log(last) / (first * np.log(first))) / np.log(last / first))
