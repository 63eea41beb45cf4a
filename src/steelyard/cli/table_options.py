"""Options that all verbs reading a table with classes share."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

__all__ = ["DATA", "Column", "Group", "Positive", "Table", "Target", "Time", "Weight"]

DATA = "The data"

Table: TypeAlias = Annotated[
    str, typer.Argument(help="CSV, TSV, Parquet, Feather, ARFF (.gz too) or a packaged name.")
]
Target: TypeAlias = Annotated[
    str | None, typer.Option("--target", help="Column to predict.", rich_help_panel=DATA)
]
Positive: TypeAlias = Annotated[
    str | None,
    typer.Option("--positive", help="Label of interest; default: the rarest of two.", rich_help_panel=DATA),
]
Weight: TypeAlias = Annotated[
    str | None, typer.Option("--weight", help="Column of sample weights.", rich_help_panel=DATA)
]
Group: TypeAlias = Annotated[
    str | None, typer.Option("--group", help="Column whose rows belong together.", rich_help_panel=DATA)
]
Time: TypeAlias = Annotated[
    str | None,
    typer.Option("--time", help="Column of moments: judge on the latest.", rich_help_panel=DATA),
]
Column: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        help="Column to read (repeatable), beside those named here; default: all, up to 5,000.",
        rich_help_panel=DATA,
    ),
]
