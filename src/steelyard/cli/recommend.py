"""`steelyard recommend TABLE`: which arms are most likely to win, without fitting any?"""

from __future__ import annotations

from typing import Annotated

import typer

from steelyard.cli.shared import AsJson, Quiet, Seed, show_json
from steelyard.cli.table_options import Column, Group, Positive, Table, Target, Time, Weight

__all__ = ["recommend"]


def recommend(
    table: Table,
    target: Target = None,
    positive: Positive = None,
    metric: Annotated[
        str,
        typer.Option(
            help="What counts: average_precision, roc_auc, brier, log_loss, f1, mcc or balanced_accuracy."
        ),
    ] = "average_precision",
    weight: Weight = None,
    group: Group = None,
    time: Time = None,
    column: Column = None,
    seed: Seed = 0,
    quiet: Quiet = False,
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
