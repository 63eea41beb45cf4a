"""`run`: from a table to an answer. The steps stand here in order; each is a file of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import UsageError
from steelyard.core.progress import Event, Listener, LiveDisplay, Log
from steelyard.race.clock import Clock
from steelyard.race.folder import RunFolder
from steelyard.race.options import Options
from steelyard.race.prepare import Parts, examine, prepare
from steelyard.race.problem import Columns
from steelyard.race.request import Request, Source, as_sampled_source, as_source
from steelyard.race.result import Run
from steelyard.race.solve import solve
from steelyard.race.write import write_run

__all__ = ["run"]

DEFAULT_BUDGET = 5.0


def run(
    table: Any,
    y: ArrayLike | None = None,
    *,
    target: str | None = None,
    positive: Any = None,
    metric: str | None = None,
    cost_fp: float | str | None = None,
    cost_fn: float | str | None = None,
    cost_matrix: ArrayLike | None = None,
    min_precision: float | None = None,
    min_recall: float | None = None,
    alerts: int | None = None,
    weight: str | None = None,
    group: str | None = None,
    time: str | None = None,
    columns: Sequence[str] | None = None,
    sample_majority: float | None = None,
    drop: tuple[str, ...] = (),
    drop_suspects: bool = False,
    out: str | Path | None = None,
    fresh: bool = False,
    progress: bool | Listener = True,
    command: str = "",
    **options: Any,
) -> Run:
    """Race remedies honestly against doing nothing and deliver a calibrated, thresholded model.

    When to use it: you have a table with a rare class and want to know what, if anything, to do about it.

    Args:
        table: a file (CSV, TSV, Parquet, Feather, ARFF; gz too), the name of a packaged data set, a DataFrame,
            or a feature matrix with `y`.
        y: labels, when `table` holds features only.
        target: the column to predict (packaged sets know theirs).
        positive: the label of interest in a two-class target; default the rarest.
        metric: what to optimise, such as "average_precision" (the default), "f1", "mcc", "log_loss".
        cost_fp, cost_fn: instead of a metric, the cost of a false alarm and of a miss; a number or a column.
        cost_matrix: for many classes, rows = decision, columns = truth.
        min_precision, min_recall: instead, the best recall at a precision or the reverse.
        alerts: instead, how many rows can be looked at, in a table of this size.
        weight, group, time: columns with sample weights, groups that must not straddle, moments to respect.
        columns: what to read of a file, beside the columns named otherwise; default all, needed beyond 5,000.
        sample_majority: of a file larger than memory, the part of the commonest class to read (such as 0.01), all
            other rows being read; the rows drawn weigh more, so that the classes stay as common as they are.
        drop: columns to leave out; `drop_suspects` also drops identifiers and leaking columns.
        out: folder for model, results and report; a killed run started again with the same `out` resumes.
        fresh: replace what is in `out`.
        progress: show progress, or a function that receives events.
        command: the command line to print in the report.
        **options: `folds`, `repeats`, `test_size`, `budget` (minutes), `max_fits`, `learners`, `remedies`,
            `seed`, `jobs`, and `arms`: name -> a scikit-learn classifier or pipeline of your own, raced on the same
            folds, calibrated and thresholded alike; see `Options`.
            Without `budget` and `max_fits` a run takes five minutes at most.

    Returns:
        A `Run`: `.best_` (the model), `.results_` (a DataFrame), `.verdict_`, `.report()`.

    Raises:
        DataError: the data cannot be used; the sentence says why and what to do.
        UsageError: options contradict each other.

    >>> from sklearn.datasets import make_classification
    >>> X, y = make_classification(400, weights=[0.9], random_state=0)
    >>> answer = run(X, y, metric="average_precision", learners=("logistic",), remedies=("SMOTE",),
    ...              repeats=1, folds=3, max_fits=20, jobs=1, progress=False)
    >>> answer.best_.predict_proba(X[:2]).shape
    (2, 2)
    """
    asked = (target, weight, group, time, *(cost for cost in (cost_fp, cost_fn) if isinstance(cost, str)))
    named = None if columns is None else [*columns, *(one for one in asked if one is not None)]
    if sample_majority is None:
        source = as_source(table, y, named)
    else:
        with LiveDisplay(quiet=progress is not True) as display:
            source = as_sampled_source(
                table,
                sample_majority,
                target=target,
                weight=weight,
                columns=named,
                seed=options.get("seed", 0),
                listener=display if progress is True else progress or None,
            )
        weight = source.weight
    roles = Columns(
        target=target or source.target or _no_target(source),
        weight=weight or source.weight,
        group=group or source.group,
        time=time or source.time,
        drop=tuple(dict.fromkeys((*drop, *source.drop))),
    )
    goal = {
        "metric": metric,
        "cost_fp": cost_fp,
        "cost_fn": cost_fn,
        "cost_matrix": None if cost_matrix is None else np.asarray(cost_matrix, dtype=float).tolist(),
        "min_precision": min_precision,
        "min_recall": min_recall,
        "alerts": alerts,
    }
    if options.get("budget") is None and options.get("max_fits") is None:
        options["budget"] = DEFAULT_BUDGET
    request = Request(
        source=source,
        columns=roles,
        goal=goal,
        options=Options(**options),
        positive=source.positive if positive is None else positive,
        drop_suspects=drop_suspects,
        command=command,
    )
    if progress is True:
        with LiveDisplay() as display:
            return _answer(request, Log(display), out, fresh=fresh)
    return _answer(request, Log(progress or None), out, fresh=fresh)


def _answer(request: Request, log: Log, out: str | Path | None, *, fresh: bool) -> Run:
    parts = prepare(request)  # what cannot be used is refused here, before any folder is made
    if out is None:
        with tempfile.TemporaryDirectory(prefix="steelyard-") as place:
            return _steps(request, parts, log, Path(place), Clock(request.options.budget))
    folder = RunFolder(out)
    plan = request.plan()
    if not fresh and folder.finished(plan):
        log.note("Done", f"{out} already holds this run")
        return Run.load(folder.out)
    clock = Clock(request.options.budget, used=folder.open(plan, fresh=fresh))
    listener = log.listener

    def keep_time(event: Event) -> None:
        folder.note_time(clock.used)
        if listener is not None:
            listener(event)

    log.listener = keep_time
    try:
        answer = _steps(request, parts, log, folder.partial, clock)
    except BaseException:
        folder.abandon()
        raise
    folder.complete()
    answer.folder = folder.out
    return answer


def _steps(request: Request, parts: Parts, log: Log, work: Path, clock: Clock) -> Run:
    options = request.options
    for note in parts.notes:
        log.note("Reading", note)
    log(Event("Diagnosing", note=f"{parts.train.n:,} training rows"))
    parts = examine(parts, request, log)
    answer = solve(
        parts.train,
        parts.goal,
        options,
        work=work,
        clock=clock,
        log=log,
        diagnosis=parts.diagnosis,
        name=request.source.name,
    )
    log(
        Event(
            "Judging", note="the final test part" if parts.test is not None else "no final test part was kept"
        )
    )
    return write_run(request, parts, answer, clock=clock, log=log, work=work)


def _no_target(source: Source) -> str:
    names = "" if source.frame is None else ", ".join(map(repr, list(source.frame.columns)[:12]))
    raise UsageError(f"no target was named; give --target COLUMN (target= in Python), one of {names}")
