"""`steelyard report RUN`: rebuild the page of a finished run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from steelyard.cli.shared import AsJson, show_json

__all__ = ["report"]


def report(
    run: Annotated[Path, typer.Argument(help="Folder of a finished run.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write; default RUN/report.html.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write the report of RUN again, from the facts the run has kept."""
    from steelyard.race import Run
    from steelyard.race.image import ImageRun

    target = output or run / "report.html"
    finished = ImageRun.load(run) if ImageRun.is_here(run) else Run.load(run)
    finished.report(target)
    if as_json:
        show_json({"report": str(target), "verdict": finished.verdict_})
    else:
        print(target)
