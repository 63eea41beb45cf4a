"""Every sampler beside imbalanced-learn's of the same name: the same rows, the time, the memory, a million rows.

    python -m benchmarks.resample                      # everything that is not in the results yet
    python -m benchmarks.resample --part speed --only TomekLinks SMOTEENN --again
    python -m benchmarks.resample --print              # the tables of what has been measured

Three parts. `exact` compares the selected rows on made and real tables, in float32 and float64. `speed` times
both sides on 100,000 rows of 30 columns with 2 % rare ones (fewer where imbalanced-learn would take hours).
`million` times steelyard alone on 10,000 to 1,000,000 rows and fits the growth. Every cell runs in a process of its
own and is kept in --out as it ends, so a stopped run goes on; what takes less than two CPU seconds is repeated, and the
median counts. CPU seconds move with the load of the machine, wall seconds far more. Where a shared machine has a lock,
name its command: BENCHMARK_LOCK="flock /tmp/lock".
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.resample_cells import SAMPLERS, SIDES, UNBOUNDED
from benchmarks.resample_exact import tables
from benchmarks.resample_tables import printed

OUT = Path(__file__).with_suffix(".csv")
KEY = ["part", "sampler", "side", "where", "rows", "columns"]
FIGURES = ["cpu", "wall", "mib", "out", "digest"]
GROWTH = (10_000, 100_000, 1_000_000)
REAL = {"tab_adbench/donors": 10, "tab_kddcup99_10pct/kdd99": 41}
"""Large real tables and their columns; the second is mostly duplicates."""


def cells(part: str, rows: int) -> Iterator[dict[str, Any]]:
    """All cells of a part, in the order they are to run: both sides of a sampler next to each other."""
    for name, entry in SAMPLERS.items():
        cell = {"part": part, "sampler": name, "where": "made", "columns": 30}
        if part == "speed":
            for n in sorted({min(entry.most, rows), rows}):
                for side in SIDES if n <= entry.most else SIDES[:1]:
                    yield {**cell, "side": side, "rows": n}
        elif part == "million":
            for n in GROWTH[: 2 if name in UNBOUNDED else 3]:
                yield {**cell, "side": "steelyard", "rows": n}


def child(module: str, asked: str) -> subprocess.CompletedProcess[str]:
    """Run a module of this folder, when it is our turn."""
    lock = shlex.split(os.environ.get("BENCHMARK_LOCK", ""))
    command = [*lock, sys.executable, "-m", f"benchmarks.{module}", asked]
    # a thread that waits gives its core back, so that CPU seconds count work on a busy machine as well
    env = {**os.environ, "OMP_WAIT_POLICY": "passive"}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=env)


def run(cell: dict[str, Any], limit: int) -> dict[str, Any]:
    """Measure one cell in a process of its own."""
    asked = {name: cell[name] for name in ("side", "where", "rows", "columns")}
    done = child("resample_cells", json.dumps({**asked, "name": cell["sampler"], "limit": limit}))
    if done.returncode:
        ended = "over the limit" if "larm" in done.stderr or done.returncode in (-14, 142) else "failed"
        print(done.stderr[-2000:], file=sys.stderr)
        return {"digest": ended, "cpu": float(limit) if ended == "over the limit" else None}
    return json.loads(done.stdout.splitlines()[-1])


class Kept:
    """The results file."""

    def __init__(self, path: Path, *, again: bool) -> None:
        self.path, self.again = path, again

    def read(self) -> pd.DataFrame:
        """All cells so far."""
        if self.path.exists():
            return pd.read_csv(self.path)
        return pd.DataFrame(columns=[*KEY, *FIGURES])

    def has(self, cell: dict[str, Any]) -> bool:
        """Whether a cell needs no measuring."""
        known = self.read()
        return not self.again and bool(
            (known[KEY].astype(str) == pd.Series(cell)[KEY].astype(str)).all(axis=1).any()
        )

    def add(self, cell: dict[str, Any]) -> None:
        """Put a cell in place of an older one of the same key."""
        known = self.read()
        same = (known[KEY].astype(str) == pd.Series(cell)[KEY].astype(str)).all(axis=1)
        rows = [*known[~same].to_dict("records"), cell]
        order = {name: i for i, name in enumerate(SAMPLERS)}
        table = pd.DataFrame(rows, columns=[*KEY, *FIGURES]).sort_values(
            ["part", "where", "sampler", "rows", "side"],
            key=lambda column: column.map(order) if column.name == "sampler" else column,
            kind="stable",
        )
        partial = self.path.with_suffix(".partial")
        table.to_csv(partial, index=False)
        partial.rename(self.path)


def compare(kept: Kept) -> None:
    """Compare the selections, a process a table."""
    for where in tables():
        known = kept.read()
        if not kept.again and ((known.part == "exact") & (known["where"] == where)).any():
            continue
        done = child("resample_exact", where)
        if done.returncode:
            raise SystemExit(f"{where}: {done.stderr[-2000:]}")
        found = json.loads(done.stdout.splitlines()[-1])
        for row in found:
            kept.add({"part": "exact", "side": "both", **row})
        wrong = [row["sampler"] for row in found if row["digest"] != "same"]
        print(f"exact {where:32} {', '.join(wrong) or 'the same'}", flush=True)


def measure(args: argparse.Namespace, kept: Kept) -> None:
    """Run what is missing."""
    only, sides = args.only or list(SAMPLERS), args.side or list(SIDES)
    for part in args.part or ["exact", "speed", "million"]:
        if part == "exact":
            compare(kept)
            continue
        for cell in cells(part, args.rows):
            if (
                cell["sampler"] not in only
                or cell["side"] not in sides
                or cell["rows"] > args.upto
                or kept.has(cell)
            ):
                continue
            start = time.perf_counter()
            figures = run(cell, args.limit)
            kept.add({**cell, **figures})
            print(
                f"{part} {cell['sampler']:34} {cell['side']:17} {cell['where']} {cell['rows']:9,} "
                f"cpu {figures.get('cpu')} wall {figures.get('wall')} MiB {figures.get('mib')} "
                f"({time.perf_counter() - start:.0f} s)",
                flush=True,
            )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--part", nargs="*", choices=["exact", "speed", "million"], help="only these parts")
    parser.add_argument(
        "--only", nargs="*", choices=list(SAMPLERS), help="only these samplers", metavar="SAMPLER"
    )
    parser.add_argument("--side", nargs="*", choices=SIDES, help="measure one side only")
    parser.add_argument("--rows", type=int, default=100_000, help="rows of the speed part")
    parser.add_argument("--upto", type=int, default=GROWTH[-1], help="leave out larger tables")
    parser.add_argument("--limit", type=int, default=3600, help="seconds a cell may take")
    parser.add_argument("--quick", action="store_true", help="speed on 5,000 rows, into a throw-away file")
    parser.add_argument("--again", action="store_true", help="measure anew what is in --out")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--print", action="store_true", help="only print the tables of what is in --out")
    args = parser.parse_args()
    if args.quick:
        args.rows, args.part, args.again = 5_000, ["speed"], True
        args.out = Path(tempfile.mkdtemp()) / "quick.csv"
    kept = Kept(args.out, again=args.again)
    if not args.print:
        measure(args, kept)
    print(printed(kept.read()))


if __name__ == "__main__":
    main()
