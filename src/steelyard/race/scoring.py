"""Score tables larger than memory with a finished run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from steelyard.core import DataError, Floats, UsageError, atomic_path
from steelyard.core.progress import Event, Listener
from steelyard.data import stream_table
from steelyard.decide import ConformalSets, Goal, Reject, RowCosts, estimate_prior
from steelyard.diagnose import covariate_drift
from steelyard.race.model import TableModel
from steelyard.race.result import Run

__all__ = ["score_table"]

DRIFT_ROWS = 100_000


@dataclass
class Batch:
    """One chunk of new rows, scored."""

    start: int
    p: Floats
    costs: RowCosts | None


@dataclass
class Summary:
    """What was noticed while scoring."""

    rows: int = 0
    sums: Floats = field(default_factory=lambda: np.zeros(0))
    decisions: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    sets: NDArray[np.int64] = field(default_factory=lambda: np.zeros(3, dtype=np.int64))
    warnings: list[str] = field(default_factory=list)


def score_table(
    run: Run,
    table: str,
    output: str | Path,
    *,
    prevalence: float | list[float] | str | None = None,
    reject: float | None = None,
    coverage: float | None = None,
    chunk_rows: int = 100_000,
    listener: Listener | None = None,
) -> dict[str, Any]:
    """Write `row`, `probability` (or one column a class), `decision` and, when asked, `reject` and `set`.

    When to use it: new rows wait in a file of any size. The table is read once in chunks; estimating the
    prevalence, or a rule that ranks all rows (top-k), reads it twice.

    Args:
        run: a finished run.
        table: path of the new rows.
        output: a .csv or .parquet file, written whole or not at all.
        prevalence: share of the positive class (or one share a class) where the rows come from, "estimate" to
            estimate it by EM, or None for the training prevalence.
        reject: cost of asking a human in units of a wrong decision, or None.
        coverage: how often, in every class, `set` is to hold the true class, such as 0.9; or None. A set lists
            labels with " | " between them; it may be empty, for a row unlike those of any class.
        chunk_rows: rows in memory at a time.
        listener: receives progress events.

    Returns:
        rows, counts of decisions, mean probability, prevalence used and estimated, sets that name no, one or
        several classes, and warnings.

    Raises:
        DataError: columns are missing or cannot be read as at training time. Other columns are not read.
    """
    target = Path(output)
    if target.suffix not in {".csv", ".parquet"}:
        raise UsageError(f"output {target.name!r} must end in .csv or .parquet; rename it")
    if not target.parent.is_dir():
        raise UsageError(f"the folder {str(target.parent)!r} does not exist; make it first")
    model, summary = run.best_, Summary()
    estimated = None
    if prevalence == "estimate" or model.rule["kind"] == "top_k":
        p = np.concatenate(
            [batch.p for batch in _batches(run, model, table, chunk_rows, Summary(), listener)]
        )
        if prevalence == "estimate":
            estimated = _estimate(p, model, summary)
            prevalence = estimated if len(estimated) > 2 else estimated[1]
        ranked = p
    else:
        ranked = None
    if prevalence is not None and not isinstance(prevalence, str):
        model.set_prevalence(prevalence)
    top = (
        None if ranked is None or model.rule["kind"] != "top_k" else model.decide(model.at_prevalence(ranked))
    )
    conformal = None if coverage is None else model.conformal_sets(coverage)
    if conformal is not None:
        summary.warnings += _cannot_be_ruled_out(conformal, model)
    with atomic_path(target) as temporary:
        writer = _Writer(temporary, target.suffix)
        for batch in _batches(run, model, table, chunk_rows, summary, listener):
            decided = (
                model.decide(batch.p, costs=batch.costs)
                if top is None
                else top[batch.start :][: len(batch.p)]
            )
            _count(summary, batch.p, decided, len(model.labels))
            frame = _frame(batch, decided, model, reject)
            if conformal is not None:
                sets = conformal.sets(batch.p)
                frame["set"] = _named(sets, model.labels)
                summary.sets += np.bincount(np.minimum(sets.sum(axis=1), 2), minlength=3)
            writer.write(frame)
        writer.close()
    return _report(summary, model, estimated, target, prevalence_given=prevalence is not None)


def _batches(
    run: Run, model: TableModel, table: str, chunk_rows: int, summary: Summary, listener: Listener | None
) -> Iterator[Batch]:
    start = 0
    goal = Goal.from_json(model.goal)
    prices = [cost for cost in (goal.cost_fp, goal.cost_fn) if isinstance(cost, str)]
    needed = list(dict.fromkeys([*(one["name"] for one in run.schema["columns"]), *prices]))
    for frame in stream_table(table, chunk_rows=chunk_rows, columns=needed, schema=run.schema["kinds"]):
        if start == 0 and run.schema.get("summary"):
            drifted = covariate_drift(run.schema["summary"], frame.head(DRIFT_ROWS))
            summary.warnings += [
                f"column {one.column!r} has moved since training (population stability index {one.psi:.2f}, "
                f"{100 * one.unseen:.0f} % unseen values, {100 * one.missing_now:.0f} % missing)"
                for one in drifted
                if one.level == "strong"
            ]
        yield Batch(
            start,
            model.predict_proba(frame),
            goal.row_costs({str(name): frame[name] for name in frame.columns}),
        )
        start += len(frame)
        if listener is not None:
            listener(Event("Scoring", start, 0, f"{start:,} rows"))
    if start == 0:
        raise DataError(f"{table!r} holds no rows; nothing was scored")


def _estimate(p: Floats, model: TableModel, summary: Summary) -> list[float]:
    estimate = estimate_prior(p, model.natural, method="em", known=(model.evidence.p, model.evidence.y))
    if not estimate.reliable:
        summary.warnings.append(f"the estimated prevalence is doubtful: {estimate.reason}")
    return [float(share) for share in np.clip(estimate.p, 1e-6, None)]


def _frame(batch: Batch, decided: NDArray[np.int64], model: TableModel, reject: float | None) -> pd.DataFrame:
    columns: dict[str, Any] = {"row": np.arange(batch.start, batch.start + len(batch.p))}
    if len(model.labels) == 2:
        columns["probability"] = batch.p[:, 1]
    else:
        columns |= {f"probability_{label}": batch.p[:, k] for k, label in enumerate(model.labels)}
    columns["decision"] = np.asarray(model.labels)[decided]
    if reject is not None:
        columns["reject"] = Reject(reject)(batch.p)
    return pd.DataFrame(columns)


def _named(sets: NDArray[np.bool_], labels: list[Any]) -> list[str]:
    """The labels in each set, with a bar between them."""
    kinds, which = np.unique(sets, axis=0, return_inverse=True)
    names = [" | ".join(str(labels[k]) for k in np.flatnonzero(kind)) for kind in kinds]
    return [names[kind] for kind in which.reshape(-1)]


def _cannot_be_ruled_out(conformal: ConformalSets, model: TableModel) -> list[str]:
    needed = int(np.ceil(1 / conformal.alpha - 1 - 1e-9))
    return [
        f"class {label} has only {count} out-of-fold rows, and {needed} are needed to rule a class out at this "
        "coverage; it is in every set"
        for label, count in zip(model.labels, conformal.n_rows_.tolist(), strict=True)
        if count < needed
    ]


def _count(summary: Summary, p: Floats, decided: NDArray[np.int64], n_classes: int) -> None:
    counts = np.bincount(decided, minlength=n_classes)
    summary.sums = p.sum(axis=0) if not summary.rows else summary.sums + p.sum(axis=0)
    summary.decisions = counts if not summary.rows else summary.decisions + counts
    summary.rows += len(p)


def _report(
    summary: Summary,
    model: TableModel,
    estimated: list[float] | None,
    target: Path,
    *,
    prevalence_given: bool,
) -> dict[str, Any]:
    labels = [str(label) for label in model.labels]
    mean = summary.sums / summary.rows
    expected = np.asarray(model.prevalence)
    spread = np.sqrt(expected * (1 - expected) / summary.rows)
    rare = int(np.argmin(model.natural))
    ratio = mean[rare] / expected[rare]
    if abs(mean[rare] - expected[rare]) > 5 * spread[rare] and not 2 / 3 < ratio < 1.5:
        hint = "" if prevalence_given else "; --prevalence estimate re-targets the model to the new rows"
        summary.warnings.append(
            f"the mean probability of class {labels[rare]} is {mean[rare]:.4g}, {ratio:.2g} times the prevalence "
            f"{expected[rare]:.4g} the model expects{hint}"
        )
    decided = dict(zip(labels, summary.decisions.tolist(), strict=True))
    return {
        "output": str(target),
        "rows": summary.rows,
        "decisions": decided,
        "decided": ", ".join(f"{count:,} × {label}" for label, count in decided.items()),
        "mean_probability": dict(zip(labels, mean.tolist(), strict=True)),
        "prevalence": dict(zip(labels, expected.tolist(), strict=True)),
        "sets": dict(zip(("none", "one", "several"), summary.sets.tolist(), strict=True))
        if summary.sets.any()
        else None,
        "estimated_prevalence": None if estimated is None else dict(zip(labels, estimated, strict=True)),
        "warnings": summary.warnings,
    }


class _Writer:
    """CSV or Parquet, chunk by chunk."""

    def __init__(self, path: Path, suffix: str) -> None:
        self.path, self.suffix = path, suffix
        self._parquet: Any = None
        self._started = False

    def write(self, frame: pd.DataFrame) -> None:
        """Append one chunk."""
        if self.suffix == ".csv":
            frame.to_csv(self.path, mode="a" if self._started else "w", header=not self._started, index=False)
            self._started = True
            return
        import pyarrow as pa
        import pyarrow.parquet as pq

        made = pa.Table.from_pandas(frame, preserve_index=False)
        if self._parquet is None:
            self._parquet = pq.ParquetWriter(self.path, made.schema)
        self._parquet.write_table(made)

    def close(self) -> None:
        """Finish the file."""
        if self._parquet is not None:
            self._parquet.close()
