"""`steelyard reproduce NNN`: run a published system's recipe and judge its claims."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from steelyard.cli.shared import AsJson, Seed, show_json
from steelyard.cli.study_options import (
    Address,
    Engine,
    Jobs,
    MegabytesEach,
    Retry,
    Scale,
    SecondsEach,
)

if TYPE_CHECKING:
    from steelyard.bench import Reproduction

__all__ = ["reproduce"]


def reproduce(
    number: Annotated[str | None, typer.Argument(help="Number of a published system, such as 021.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All recipes, every claim.")] = False,
    area: Annotated[
        str | None, typer.Option(help="All recipes of one area, such as tabular or longtail.")
    ] = None,
    scale: Scale = "small",
    out: Annotated[
        Path,
        typer.Option("--out", help="Folder of all recipes, with one of its own for each; the same goes on."),
    ] = Path("studies"),
    engine: Engine = "processes",
    address: Address = None,
    jobs: Jobs = None,
    seed: Seed = 0,
    seconds: SecondsEach = None,
    megabytes: MegabytesEach = None,
    retry: Retry = False,
    so_far: Annotated[bool, typer.Option("--so-far", help="Run nothing; judge what has finished.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run the recipe of published system NUMBER and say which of its claims hold here.

    One number prints the table of its arms as well, --area and --all every claim of many systems. Finished trials
    are kept in the folder; a run that was stopped goes on when it is repeated. A claim that does not hold is an
    answer, not an error: the exit code is 0. Trials that failed make it 1.
    """
    from steelyard import bench
    from steelyard.bench.executors import make_executor
    from steelyard.core import LiveDisplay

    done = []
    for one in _numbers(number, everything, area):
        executor = make_executor(engine, jobs=jobs, limits=bench.Limits(seconds, megabytes), address=address)
        folder = out / f"p{one}-{scale}"
        with LiveDisplay(quiet=as_json) as display:
            done.append(
                bench.reproduce(
                    one,
                    folder,
                    executor,
                    scale=scale,
                    seed=seed,
                    retry=retry,
                    so_far=so_far,
                    listener=display,
                )
            )
        if not as_json:
            print(_row(done[-1]) if number is None else _page(done[-1], folder))
    if as_json:
        show_json([_facts(one) for one in done])
    elif number is None:
        print(_total(done))
    if any(set(one.results.states) - {"done", "declined", "open"} for one in done):
        raise typer.Exit(1)


def _numbers(number: str | None, everything: bool, area: str | None) -> list[str]:
    from steelyard.bench import load_recipe
    from steelyard.core import UsageError, catalogue

    asked = [number is not None, everything, area is not None]
    if sum(asked) != 1:
        raise UsageError("give one of: a number such as 021, --all, or --area AREA")
    if number is not None:
        return [load_recipe(number)[0].number]
    papers = catalogue.all_papers()
    areas = sorted({paper.area for paper in papers})
    if area is not None and area not in areas:
        raise UsageError(f"{area!r} is no area with recipes; known are {', '.join(areas)}")
    return [paper.number for paper in papers if area is None or paper.area == area]


def _page(one: Reproduction, folder: Path) -> str:
    from steelyard.bench import as_markdown

    lines = [f"{one.paper.number} {one.paper.title}", f"  {one.paper.source}"] if one.paper.source else []
    lines += [f"  note: {note}" for note in one.paper.notes]
    lines += [f"  {state}: {n}" for state, n in one.results.states.items()]
    lines += [f"  {verdict}" for verdict in one.verdicts]
    if one.scale == "smoke":
        lines.append("  claims are judged at --scale small or full")
    if len(one.table):
        lines += ["", as_markdown(one.table), ""]
    return "\n".join([*lines, f"  kept in {folder}"])


def _row(one: Reproduction) -> str:
    states = ", ".join(f"{n} {state}" for state, n in one.results.states.items())
    head = f"{one.paper.number}  {one.paper.title}  ({states})"
    return "\n".join([head, *(f"  {verdict}" for verdict in one.verdicts)])


def _total(done: list[Reproduction]) -> str:
    answers = [verdict.answer for one in done for verdict in one.verdicts]
    counts = ", ".join(f"{answers.count(answer)} {answer}" for answer in dict.fromkeys(answers))
    minutes = sum(float(one.results.trials["seconds"].sum()) for one in done) / 60
    judged = f"{len(answers)} claims: {counts}" if answers else "claims are judged at --scale small or full"
    return f"{len(done)} systems, {judged}; {minutes:.1f} minutes of trials"


def _facts(one: Reproduction) -> dict[str, Any]:
    verdicts = [
        {name: value for name, value in verdict.__dict__.items() if name != "claim"}
        | {"says": verdict.claim.says, "metric": verdict.claim.metric}
        for verdict in one.verdicts
    ]
    return {"number": one.paper.number, "states": one.results.states, "verdicts": verdicts}
