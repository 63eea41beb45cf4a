"""`steelyard recommend TABLE`: which arms are most likely to win, without fitting any?"""

from __future__ import annotations

from typing import Annotated

import typer

from steelyard.cli.shared import AsJson, show_json

__all__ = ["recommend"]


def recommend(
    table: Annotated[str, typer.Argument(help="A file, or the name of a packaged data set.")],
    target: Annotated[str | None, typer.Option(help="Column with the classes.")] = None,
    positive: Annotated[
        str | None, typer.Option(help="Label of interest; default: the rarest of two.")
    ] = None,
    metric: Annotated[
        str,
        typer.Option(
            help="What counts: average_precision, roc_auc, brier, log_loss, f1, mcc or balanced_accuracy."
        ),
    ] = "average_precision",
    weight: Annotated[str | None, typer.Option(help="Column of sample weights.")] = None,
    group: Annotated[str | None, typer.Option(help="Column whose rows belong together.")] = None,
    time: Annotated[str | None, typer.Option(help="Column of moments.")] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(help="Column to read (repeatable), beside those named here; default: all, up to 5,000."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Decides every random choice.")] = 0,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
    as_json: AsJson = False,
) -> None:
    """Name the three arms most likely to win on TABLE, by what all arms reached on other tables.

    Nothing is raced. How often such a recommendation is right, on tables left out, stands beside it, and so does
    the plain answer: the arms of best mean rank, whatever the table. `steelyard run` tells what helps here.

    \b
    Examples:
      steelyard recommend churn
      steelyard recommend claims.csv --target fraud --metric f1
    """  # noqa: D301 - \b keeps the lines below it apart
    from steelyard.core import LiveDisplay
    from steelyard.race import recommend as learned

    with LiveDisplay(quiet=quiet or as_json) as display:
        found = learned(
            table,
            target=target,
            positive=positive,
            metric=metric,
            weight=weight,
            group=group,
            time=time,
            columns=column or None,
            seed=seed,
            listener=display,
        )
    if as_json:
        show_json(found.to_json())
    else:
        print(found)
