"""`steelyard diagnose TABLE`: what is wrong with this data?"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from steelyard.cli.shared import AsJson, Quiet, Seed, show_json
from steelyard.cli.table_options import Column, Group, Positive, Table, Target, Time, Weight

__all__ = ["diagnose"]


def diagnose(
    table: Table,
    target: Target = None,
    positive: Positive = None,
    weight: Weight = None,
    group: Group = None,
    time: Time = None,
    column: Column = None,
    html: Annotated[Path | None, typer.Option(help="Write a page instead of printing.")] = None,
    seed: Seed = 0,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Counts, overlap, hardness, label errors, leaks, drift and no-skill levels; nothing is trained to keep.

    \b
    Examples:
      steelyard diagnose taxi
      steelyard diagnose claims.csv --target fraud --time booked --html diagnosis.html
    """  # noqa: D301 - \b keeps the lines below it apart
    from steelyard.core import LiveDisplay
    from steelyard.race import diagnose_table

    with LiveDisplay(quiet=quiet or as_json) as display:
        found = diagnose_table(
            table,
            target=target,
            positive=positive,
            weight=weight,
            group=group,
            time=time,
            columns=column or None,
            seed=seed,
            listener=display,
        )
    if html is not None:
        from steelyard.core import write_text
        from steelyard.report import render_diagnosis

        page = render_diagnosis(
            [one.to_json() for one in found.findings],
            found.to_json(),
            title=table,
            command=shlex.join(["steelyard", *sys.argv[1:]]),
        )
        write_text(html, page)
        if not as_json:
            print(html)
    if as_json:
        show_json(found.to_json())
    elif html is None:
        print(found)
