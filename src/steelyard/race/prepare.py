"""Take the data apart before anything is learned: features, target, and a final part nobody looks at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from steelyard.core import Listener, UsageError, derive
from steelyard.data import final_split
from steelyard.decide import Goal
from steelyard.diagnose import Diagnosis, Finding, diagnose, inspect
from steelyard.race.problem import Problem
from steelyard.race.request import Request

__all__ = ["Parts", "examine", "prepare"]

DUPLICATE_SHARE = 0.5
"""Above this share of repeated rows, keeping copies together would leave too little to split."""


@dataclass(frozen=True, eq=False)
class Parts:
    """The data of one run: what may be learned from, and what judges at the end."""

    train: Problem
    test: Problem | None
    split: str
    goal: Goal
    train_frame: pd.DataFrame | None
    notes: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    dropped: tuple[str, ...] = ()
    diagnosis: Diagnosis | None = None


def prepare(request: Request) -> Parts:
    """Split off the final test part; refuses what cannot be used, in one sentence."""
    source, columns = request.source, request.columns
    if source.frame is not None:
        whole = Problem.of_table(source.frame, columns, positive=request.positive)
    else:
        whole = Problem.of_arrays(source.X, np.asarray(source.y), positive=request.positive)
    goal = request.make_goal(whole.n_classes)
    whole = _with_costs(whole, goal, request)
    whole, notes = _keep_copies_together(whole)
    options = request.options
    if options.test_size == 0:
        train, test, how = np.arange(whole.n), None, "none"
    else:
        split = final_split(
            whole.y,
            groups=whole.groups,
            time=whole.time,
            size=options.test_size,
            seed=derive(options.seed, "final"),
        )
        train, test, how = split.train, split.test, split.how
    frame = None
    if source.frame is not None:
        known = source.frame[columns.target].notna().to_numpy()
        frame = source.frame.loc[known].reset_index(drop=True).iloc[train].reset_index(drop=True)
    return Parts(
        train=whole.take(train),
        test=None if test is None else whole.take(test),
        split=how,
        goal=goal,
        train_frame=frame,
        notes=(*source.notes, *whole.notes, *notes),
        dropped=columns.drop,
    )


def examine(parts: Parts, request: Request, listener: Listener | None = None) -> Parts:
    """Inspect and diagnose the training part only; drop suspects when asked."""
    if parts.train_frame is None:
        return parts
    columns = request.columns
    roles: dict[str, Any] = {
        "target": columns.target,
        "positive": str(parts.train.labels[-1]) if parts.train.n_classes == 2 else None,
        "group": columns.group,
        "time": columns.time,
        "weight": columns.weight,
    }
    frame = parts.train_frame.drop(columns=[name for name in columns.drop if name in parts.train_frame])
    suspects: list[str] = []
    found: tuple[Finding, ...] = ()
    if request.drop_suspects:
        found = tuple(inspect(frame, **roles))
        suspects = [c for f in found if f.droppable for c in f.columns if c in parts.train.X.columns]
        suspects = list(dict.fromkeys(suspects))
        if len(suspects) >= parts.train.X.shape[1]:
            suspects = []
        frame = frame.drop(columns=suspects)
        parts = replace(
            parts, train=_without(parts.train, suspects), test=parts.test and _without(parts.test, suspects)
        )
    seed = derive(request.options.seed, "diagnose")
    diagnosis = diagnose(frame, **roles, seed=seed, listener=listener)
    return replace(
        parts,
        findings=found or diagnosis.findings,
        dropped=(*parts.dropped, *suspects),
        diagnosis=diagnosis,
    )


def _with_costs(problem: Problem, goal: Goal, request: Request) -> Problem:
    """Costs a row come from columns of the whole table, before it is split."""
    frame = request.source.frame
    if not goal.per_row:
        return problem
    if frame is None:
        raise UsageError("costs from a column need a table; a sparse matrix has no columns")
    known = frame.loc[frame[request.columns.target].notna()]
    return replace(problem, costs=goal.row_costs({str(name): known[name] for name in known.columns}))


def _without(problem: Problem, names: list[str]) -> Problem:
    return replace(problem, X=problem.X.drop(columns=names))


def _keep_copies_together(problem: Problem) -> tuple[Problem, tuple[str, ...]]:
    """Exact copies of a row on both sides of a split would be a leak, so copies become a group."""
    if not isinstance(problem.X, pd.DataFrame) or problem.groups is not None or problem.time is not None:
        return problem, ()
    codes = _row_codes(problem.X)
    sizes = np.bincount(codes)
    copies = int((sizes - 1).sum())
    if not copies:
        return problem, ()
    share = copies / problem.n
    if share > DUPLICATE_SHARE or sizes.max() > problem.n / 50:
        return problem, (
            f"{100 * share:.0f} % of the rows repeat another row; too many to keep together, so copies may stand "
            "on both sides of a split and scores may be optimistic",
        )
    note = f"{copies} rows repeat another row; copies are kept on the same side of every split"
    return replace(problem, groups=codes), (note,)


def _row_codes(frame: pd.DataFrame) -> NDArray[np.int64]:
    hashed = pd.util.hash_pandas_object(
        frame.astype({c: str for c in frame if frame[c].dtype == object}), index=False
    )
    return np.asarray(pd.factorize(hashed.to_numpy())[0])
