"""`steelyard run TABLE --target COL`: from a table to an answer."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from steelyard.cli.shared import OUT, AsJson, Fresh, Quiet, Seed, show_json
from steelyard.cli.table_options import DATA, Column, Group, Positive, Table, Target, Time, Weight

__all__ = ["race_table", "run"]

GOAL, RACE = "The goal (choose one kind)", "The race"


def run(
    table: Table,
    target: Target = None,
    positive: Positive = None,
    weight: Weight = None,
    group: Group = None,
    time: Time = None,
    column: Column = None,
    sample_majority: Annotated[
        float | None,
        typer.Option(
            metavar="RATE",
            help="Read only this part of the commonest class (0.01), and all other rows: for files larger than "
            "memory. Weights keep the classes as common as they are in the file.",
            rich_help_panel=DATA,
        ),
    ] = None,
    drop: Annotated[
        list[str] | None, typer.Option(help="Column to leave out (repeatable).", rich_help_panel=DATA)
    ] = None,
    drop_suspects: Annotated[
        bool,
        typer.Option(
            "--drop-suspects", help="Leave out identifiers and leaking columns.", rich_help_panel=DATA
        ),
    ] = False,
    metric: Annotated[
        str | None,
        typer.Option(
            help="average_precision (default), roc_auc, f1, f2, mcc, balanced_accuracy, g_mean, brier, "
            "log_loss, … (`steelyard list --lever metrics`).",
            rich_help_panel=GOAL,
        ),
    ] = None,
    cost_fp: Annotated[
        str | None,
        typer.Option(
            help="Cost of a false alarm: a number, or a column with one cost a row.", rich_help_panel=GOAL
        ),
    ] = None,
    cost_fn: Annotated[
        str | None, typer.Option(help="Cost of a miss: a number, or a column.", rich_help_panel=GOAL)
    ] = None,
    cost_matrix: Annotated[
        str | None,
        typer.Option(
            help="Costs of all confusions, rows = decision, columns = truth, classes sorted (of two, the "
            "positive one last): '0,5;1,0'.",
            rich_help_panel=GOAL,
        ),
    ] = None,
    min_precision: Annotated[
        float | None, typer.Option(help="Best recall with at least this precision.", rich_help_panel=GOAL)
    ] = None,
    min_recall: Annotated[
        float | None, typer.Option(help="Best precision with at least this recall.", rich_help_panel=GOAL)
    ] = None,
    alerts: Annotated[
        int | None, typer.Option(help="Rows you can look at, in a table of this size.", rich_help_panel=GOAL)
    ] = None,
    budget: Annotated[
        float | None,
        typer.Option(help="Minutes of wall clock; 5 if neither this nor --max-fits.", rich_help_panel=RACE),
    ] = None,
    max_fits: Annotated[
        int | None,
        typer.Option(
            help="Fits instead of minutes: any machine, same answer.",
            rich_help_panel=RACE,
        ),
    ] = None,
    learner: Annotated[
        list[str] | None,
        typer.Option(help="Learner to race (repeatable).", rich_help_panel=RACE),
    ] = None,
    remedy: Annotated[
        list[str] | None,
        typer.Option(help="Remedy to race (repeatable); 'none': controls.", rich_help_panel=RACE),
    ] = None,
    folds: Annotated[int, typer.Option(help="Folds of cross-validation.", rich_help_panel=RACE)] = 5,
    repeats: Annotated[
        int, typer.Option(help="Times the finalists are cross-validated.", rich_help_panel=RACE)
    ] = 3,
    test_size: Annotated[
        float, typer.Option(help="Share kept for the final judgement.", rich_help_panel=RACE)
    ] = 0.2,
    seed: Seed = 0,
    jobs: Annotated[int | None, typer.Option(help="Processes; speed only.", rich_help_panel=OUT)] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder of the run; default NAME-run.", rich_help_panel=OUT),
    ] = None,
    fresh: Fresh = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Race remedies against doing nothing on TABLE; leave a calibrated model and a report.

    A run that was stopped, even by kill -9, goes on when the same command is given again.

    \b
    Examples:
      steelyard run taxi --budget 2
      steelyard run fraud.csv --target is_fraud --cost-fn amount --cost-fp 5 --time ts --budget 10 -o out
      steelyard run clicks.parquet --target bought --sample-majority 0.01
      steelyard run patients.parquet --target sick --group patient --min-recall 0.9 --max-fits 300
    """  # noqa: D301 - \b keeps the lines below it apart
    import steelyard
    from steelyard.race import cost_option, matrix_option

    place = out or Path(f"{Path(table).name.split('.')[0].replace(':', '-')}-run")
    answer = steelyard.run(
        table,
        target=target,
        positive=positive,
        metric=metric,
        cost_fp=cost_option(cost_fp),
        cost_fn=cost_option(cost_fn),
        cost_matrix=matrix_option(cost_matrix),
        min_precision=min_precision,
        min_recall=min_recall,
        alerts=alerts,
        weight=weight,
        group=group,
        time=time,
        columns=column or None,
        sample_majority=sample_majority,
        drop=tuple(drop or ()),
        drop_suspects=drop_suspects,
        out=place,
        fresh=fresh,
        progress=not (quiet or as_json),
        command=shlex.join(["steelyard", *sys.argv[1:]]),
        folds=folds,
        repeats=repeats,
        test_size=test_size,
        budget=budget,
        max_fits=max_fits,
        learners=tuple(learner) if learner else None,
        remedies=tuple(remedy) if remedy else None,
        seed=seed,
        jobs=jobs,
    )
    files = {
        name: str(place / name) for name in ("report.html", "model.skops", "model.json", "results.parquet")
    }
    if as_json:
        show_json({**answer.card(), "schema": None, "folder": str(place), "files": files})
    else:
        _show(answer, files)


def _show(answer: Any, files: dict[str, str]) -> None:
    from rich.console import Console

    goal = answer.facts["goal"]
    rows = [row for row in answer.facts["race"]["rows"] if row.get("score") is not None]
    console = Console(highlight=False)
    console.print(race_table(rows, goal["label"]))
    if len(rows) > MOST_ROWS:
        more = len(rows) - MOST_ROWS
        console.print(f"… {more} more {'arm' if more == 1 else 'arms'} in the report\n", style="dim")
    if any(row["score"] < 0 for row in rows) and goal["kind"].startswith("min_"):
        console.print("A score below zero says by how much the bound is missed.\n", style="dim")
    for sentence in answer.verdict_:
        console.print(sentence, markup=False)
    console.print()
    for label, name in (("report", "report.html"), ("model", "model.skops")):
        console.print(f"{label:7} {files[name]}", markup=False, soft_wrap=True)


def race_table(rows: list[dict[str, Any]], label: str) -> Any:
    """The best arms and the chosen one, for the terminal."""
    from rich.table import Table

    table = Table(title=f"The race, by {label}", title_justify="left", header_style="bold")
    for name in ("", "arm", "score", "95 % interval", "against doing nothing"):
        table.add_column(name, justify="left" if name == "arm" else "right")
    for row in _shown(rows):
        mark = "→" if row["chosen"] else ""
        table.add_row(mark, row["arm"], *_figures(row), style="bold green" if row["chosen"] else None)
    return table


MOST_ROWS = 14


def _shown(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The best arms, and always the chosen one and doing nothing."""
    top = rows[:MOST_ROWS]
    return top + [row for row in rows[MOST_ROWS:] if row["chosen"]]


def _figures(row: dict[str, Any]) -> tuple[str, str, str]:
    def number(value: float | None, sign: str = "") -> str:
        return "–" if value is None else f"{value:{sign}.3g}"

    low, high = number(row["difference_low"], "+"), number(row["difference_high"], "+")
    gap = f"{number(row['difference'], '+')} ({low} to {high})"
    return number(row["score"]), f"{number(row['low'])} to {number(row['high'])}", gap
