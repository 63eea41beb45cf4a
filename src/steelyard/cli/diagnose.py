"""`steelyard diagnose TABLE`: what is wrong with this data?"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from steelyard.cli.shared import AsJson, show_json

__all__ = ["diagnose"]


def diagnose(
    table: Annotated[str, typer.Argument(help="A file, or the name of a packaged data set.")],
    target: Annotated[str | None, typer.Option(help="Column with the classes.")] = None,
    positive: Annotated[
        str | None, typer.Option(help="Label of interest; default: the rarest of two.")
    ] = None,
    weight: Annotated[str | None, typer.Option(help="Column of sample weights.")] = None,
    group: Annotated[str | None, typer.Option(help="Column whose rows belong together.")] = None,
    time: Annotated[str | None, typer.Option(help="Column of moments.")] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(help="Column to read (repeatable), beside those named here; default: all, up to 5,000."),
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Write a page instead of printing.")] = None,
    seed: Annotated[int, typer.Option(help="Decides every random choice.")] = 0,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
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
