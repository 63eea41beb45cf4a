"""`steelyard bench`: run, look at and export studies."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated

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
    StudyFolder,
)

if TYPE_CHECKING:
    from steelyard.bench import Plan, StudyResults, Trial

__all__ = ["bench"]

bench = typer.Typer(
    help="Studies: many experiments, each run once and remembered.\n\n"
    "A study is a Python file with a function build(scale, seed) that lists trials; see examples/studies.",
    no_args_is_help=True,
)

StudyArgument = Annotated[
    str,
    typer.Argument(help="A study's Python file, the number of a recipe, or the name of an installed study."),
]


@bench.command()
def run(
    study: StudyArgument,
    scale: Scale = "small",
    out: StudyFolder = None,
    engine: Engine = "processes",
    address: Address = None,
    jobs: Jobs = None,
    seed: Seed = 0,
    seconds: SecondsEach = None,
    megabytes: MegabytesEach = None,
    retry: Retry = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Say how many trials there are and how long they take. Arms that never ran are timed on one "
            "trial each, which is kept.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run the trials of STUDY that have not run yet.

    Stop it when you like and give the same command again: what finished is kept.
    """
    from steelyard.bench import Limits, one_of_each, plan_study, run_study
    from steelyard.bench.executors import make_executor
    from steelyard.core import LiveDisplay

    trials, file, name, _ = _study(study, scale, seed)
    folder = out or Path("studies") / f"{name}-{scale}"
    executor = make_executor(
        engine, jobs=jobs, limits=Limits(seconds, megabytes), study=file, address=address
    )
    with LiveDisplay(quiet=as_json) as display:
        if not dry_run:
            results = run_study(trials, folder, executor, retry=retry, listener=display)
        elif plan_study(trials, folder, retry=retry).unknown:
            run_study(one_of_each(trials), folder, executor, listener=display)
    if dry_run:
        plan = plan_study(trials, folder, retry=retry)
        show_json(plan.__dict__) if as_json else print(_forecast(plan))
        return
    _show(results, folder, as_json=as_json)


@bench.command()
def status(
    study: StudyArgument,
    scale: Scale = "small",
    out: StudyFolder = None,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Say how far STUDY is and which trials failed, and why."""
    from steelyard.bench import read_study

    trials, _, name, _ = _study(study, scale, seed)
    folder = out or Path("studies") / f"{name}-{scale}"
    _show(read_study(trials, folder), folder, as_json=as_json)


@bench.command()
def export(
    study: StudyArgument,
    output: Annotated[Path, typer.Option("-o", "--output", help="The Parquet file to write.")],
    scale: Scale = "small",
    out: StudyFolder = None,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Write the results of STUDY as one Parquet file: one row a score, failures with their reasons."""
    from steelyard.bench import read_study, write_results

    trials, _, name, _ = _study(study, scale, seed)
    results = read_study(trials, out or Path("studies") / f"{name}-{scale}")
    write_results(results, output)
    facts = {"file": str(output), "states": results.states, "scores": len(results.scores)}
    show_json(facts) if as_json else print(f"wrote {len(results.scores):,} scores to {output}")


@bench.command()
def report(
    study: StudyArgument,
    metric: Annotated[
        str | None, typer.Option(help="Rank by it; the first claim's metric if left out.")
    ] = None,
    control: Annotated[str | None, typer.Option(help="The arm that others are compared with.")] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="The HTML file; study.html in the folder if left out."),
    ] = None,
    scale: Scale = "small",
    out: StudyFolder = None,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Write the page of STUDY: ranks, gains by data set, where arms help, what they cost.

    It shows what has finished so far; figures can be saved from it as SVG and CSV.
    """
    from steelyard.bench import judge, read_study, study_facts
    from steelyard.core import UsageError, catalogue, write_text
    from steelyard.report import render_study

    trials, _, name, module = _study(study, scale, seed)
    folder = out or Path("studies") / f"{name}-{scale}"
    results = read_study(trials, folder)
    paper = catalogue.paper(study) if name.startswith("p") and study.removeprefix("p").isdigit() else None
    claims = paper.claims if paper is not None and scale != "smoke" else ()
    first = paper.claims[0] if paper and paper.claims else None
    if metric is None and first is None:
        known = ", ".join(sorted(results.scores["metric"].unique()))
        raise UsageError(
            f"say which metric to rank by, with --metric: {known or 'none yet, run the study first'}"
        )
    if first is not None and metric in (None, first.metric):
        metric, ran = first.metric, set(results.scores["arm"])
        control = control or (first.beats if first.beats in ran else None)
    facts = study_facts(
        results,
        metric=metric or "",
        control=control,
        title=paper.title if paper else name,
        verdicts=[judge(claim, results.scores) for claim in claims],
        notes=paper.notes if paper else (),
        figures=module.figures(results.scores) if hasattr(module, "figures") else (),
        command=f"steelyard bench run {study} --scale {scale}",
        versions=_versions(),
    )
    target = output or folder / "study.html"
    write_text(target, render_study(facts))
    show_json({"page": str(target)}) if as_json else print(f"wrote {target}")


@bench.command()
def query(
    study: StudyArgument,
    sql: Annotated[str, typer.Argument(help="One SELECT in DuckDB's dialect, in quotation marks.")],
    scale: Scale = "small",
    out: StudyFolder = None,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Ask what STUDY has found so far, in SQL; nothing is changed, and the study may be running.

    Tables: scores (data, arm, learner, seed, split, metric, value, key) and trials (key, data, arm, learner, seed,
    split, settings, state, reason, seconds, finished).

    Example: steelyard bench query 001 "SELECT arm, avg(value) FROM scores WHERE metric = 'f1' GROUP BY arm"
    """
    from steelyard.bench import query_study

    trials, _, name, _ = _study(study, scale, seed)
    folder = out or Path("studies") / f"{name}-{scale}"
    found = query_study(folder, sql, keys=[trial.key for trial in trials])
    if as_json:
        show_json(json.loads(found.to_json(orient="records", date_format="iso")))
        return
    print(found.to_string(index=False) if len(found) else "no rows")


def _versions() -> dict[str, str]:
    from importlib.metadata import version

    return {name: version(name) for name in ("steelyard", "scikit-learn", "lightgbm", "numpy")}


def _study(study: str, scale: str, seed: int) -> tuple[list[Trial], Path | None, str, ModuleType]:
    from steelyard.bench import installed_study, listed_trials, load_recipe, load_study

    if study.removeprefix("p").isdigit():
        paper, module = load_recipe(study)
        return listed_trials(module, scale, seed), None, f"p{paper.number}", module
    installed = installed_study(study)
    if installed is not None:
        return listed_trials(installed, scale, seed), None, study, installed
    file = Path(study)
    module = load_study(file)
    return listed_trials(module, scale, seed), file, file.stem, module


def _forecast(plan: Plan) -> str:
    if not plan.open:
        return f"{plan.trials} trials, all finished"
    head = f"{plan.trials} trials, {plan.open} open"
    if plan.seconds is None:
        few = ", ".join(plan.unknown[:5]) + (" …" if len(plan.unknown) > 5 else "")
        return f"{head}; no time is known for {few}"
    return f"{head}, about {plan.seconds / 60:.1f} minutes of one process by what their arms took so far"


def _show(results: StudyResults, folder: Path, *, as_json: bool) -> None:
    if as_json:
        show_json({"folder": str(folder), "states": results.states, "scores": len(results.scores)})
        return
    print(", ".join(f"{n} {state}" for state, n in results.states.items()) + f"; kept in {folder}")
    bad = results.trials[~results.trials["state"].isin(["done", "declined"])]
    for (state, reason), rows in list(bad.groupby(["state", "reason"]))[:10]:
        first = rows.iloc[0]
        print(f"  {len(rows)} {state}: {reason} (first: {first['arm']} on {first['data']})")
