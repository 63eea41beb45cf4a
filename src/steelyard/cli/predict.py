"""`steelyard predict RUN NEW`: score new rows with a finished run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from steelyard.cli.shared import AsJson, Quiet, show_json

__all__ = ["predict"]


def predict(
    run: Annotated[Path, typer.Argument(help="Folder of a finished run.")],
    table: Annotated[
        str,
        typer.Argument(
            help="Table of new rows, which may be larger than memory; for a run on pictures a picture, a folder, a "
            "table of paths or an archive."
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="A .csv or .parquet file.")] = Path(
        "scores.csv"
    ),
    prevalence: Annotated[
        str | None,
        typer.Option(
            help="Share of the positive class among the new rows, such as 0.001, or 'estimate' (by EM). "
            "The model is re-targeted, not refitted."
        ),
    ] = None,
    reject: Annotated[
        float | None,
        typer.Option(
            help="Cost of asking a human, in units of a wrong decision (0 to 1); adds a column `reject`."
        ),
    ] = None,
    coverage: Annotated[
        float | None,
        typer.Option(
            help="Adds a column `set`: the classes a row may belong to, holding the true one this often in "
            "every class, such as 0.9. Made from the run's out-of-fold scores."
        ),
    ] = None,
    trusted: Annotated[
        list[str] | None,
        typer.Option(
            help="Full name of a type from elsewhere that the model file may hold, when an own arm won; may be "
            "repeated. The error names the types a file needs. Trust only files you know."
        ),
    ] = None,
    path: Annotated[str | None, typer.Option(help="Column of paths, for tables of pictures.")] = None,
    chunk_rows: Annotated[int, typer.Option(help="Rows read at a time.")] = 100_000,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Write `row`, `probability` (or one column a class) and `decision` for every row of TABLE or every picture.

    Columns are checked against those the model was trained on; drift of the columns or of the prevalence is
    reported.

    \b
    Examples:
      steelyard predict taxi-run new.csv -o scores.csv
      steelyard predict taxi-run new.parquet -o scores.parquet --prevalence estimate
      steelyard predict taxi-run new.csv --prevalence 0.001 --reject 0.2
      steelyard predict taxi-run new.csv --coverage 0.9
      steelyard predict animals-run new-pictures/ -o decisions.csv
    """  # noqa: D301 - \b keeps the lines below it apart
    from steelyard.core import LiveDisplay, UsageError
    from steelyard.race import Run, prevalence_option, score_table
    from steelyard.race.image import ImageRun, score_images

    if ImageRun.is_here(run):
        if trusted or any(option is not None for option in (prevalence, reject, coverage)):
            raise UsageError(
                "--prevalence, --reject, --coverage and --trusted are for runs on tables; leave them out for pictures"
            )
        with LiveDisplay(quiet=quiet or as_json) as display:
            summary = score_images(ImageRun.load(run), table, output, path=path, listener=display)
        _say(summary, "pictures", output, as_json=as_json)
        return
    if path is not None:
        raise UsageError("--path names a column of pictures, and this run is on a table; leave it out")
    finished = Run.load(run, trusted=trusted or ())
    with LiveDisplay(quiet=quiet or as_json) as display:
        summary = score_table(
            finished,
            table,
            output,
            prevalence=prevalence_option(prevalence, finished),
            reject=reject,
            coverage=coverage,
            chunk_rows=chunk_rows,
            listener=display,
        )
    _say(summary, "rows", output, as_json=as_json, coverage=coverage)


def _say(
    summary: dict[str, Any], noun: str, output: Path, *, as_json: bool, coverage: float | None = None
) -> None:
    if as_json:
        show_json(summary)
        return
    for warning in summary["warnings"]:
        print(f"warning: {warning}", file=sys.stderr)
    print(f"{summary['rows']:,} {noun} → {output}; {summary['decided']}")
    if coverage is not None:
        sizes = summary["sets"].items()
        shares = ", ".join(f"{100 * count / summary['rows']:.0f} % name {size}" for size, count in sizes)
        print(f"sets of classes, to hold the true one in {100 * coverage:g} % of each class: {shares}")
