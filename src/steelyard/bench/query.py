"""Ask a study's results in SQL: DuckDB reads the shards and the ledger, and writes nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from steelyard.core import DataError, UsageError, require

__all__ = ["query_study"]

NEWEST = """
CREATE VIEW scores AS
SELECT data, arm, learner, seed, split, metric, value, key
FROM (SELECT * FROM written QUALIFY row_number() OVER (PARTITION BY key, metric ORDER BY place DESC) = 1)
JOIN trials USING (key)
"""
"""A trial that was run again has several scores; the last one counts."""


def query_study(folder: str | Path, sql: str, *, keys: Iterable[str] | None = None) -> pd.DataFrame:
    """The answer to a query over what a study has found so far.

    When to use it: for questions the page does not answer, also while the study runs. There are two tables: `scores`
    (data, arm, learner, seed, split, metric, value, key), one row a score, and `trials` (key, data, arm, learner,
    seed, split, settings, state, reason, seconds, finished), one row a trial.

    Args:
        folder: of the study.
        sql: one statement in DuckDB's dialect.
        keys: only these trials, such as those a study file lists now; None for all the folder remembers.

    Raises:
        DataError: the folder holds no study.
        UsageError: the statement cannot be run; the message is DuckDB's.
        MissingExtra: DuckDB is not installed.
    """
    duckdb = require("duckdb", extra="studies")
    trials, waiting, shards = _read(Path(folder))
    if keys is not None:
        trials = trials[trials["key"].isin(set(keys))]
    with duckdb.connect(":memory:") as base:
        base.register("trials", pa.Table.from_pandas(trials, preserve_index=False))
        base.register("waiting", pa.Table.from_pandas(waiting, preserve_index=False))
        base.execute(_written(shards))
        base.execute(NEWEST)
        try:
            found = base.execute(sql)
            return found.df() if found.description else pd.DataFrame()
        except duckdb.Error as error:
            said = " ".join(str(error).split())
            raise UsageError(
                f"the query cannot be run: {said[:400]}; there are tables scores(data, arm, learner, seed, split, "
                "metric, value, key) and trials(key, …, state, reason, seconds)"
            ) from error


def _read(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame, list[str]]:
    """States, scores that wait for a shard, and the shards that count."""
    ledger = folder / "ledger.sqlite"
    if not ledger.is_file():
        raise DataError(f"{folder} holds no study; run it first, or name its folder with --out")
    with closing(sqlite3.connect(f"{ledger.resolve().as_uri()}?mode=ro", uri=True, timeout=60)) as base:
        base.execute("BEGIN")  # all three as they were at one moment
        trials = pd.read_sql_query("SELECT * FROM trials", base)
        waiting = pd.read_sql_query("SELECT key, metric, value FROM scores", base).astype({"value": float})
        names = [name for (name,) in base.execute("SELECT name FROM shards ORDER BY name")]
    return trials, waiting, [str((folder / "shards" / name).resolve()) for name in names]


def _written(shards: list[str]) -> str:
    """A view of all scores; `place` grows with the time of writing, for shards are numbered."""
    parts = ["SELECT key, metric, value, '~' AS place FROM waiting"]
    if shards:
        read = f"read_parquet([{', '.join(map(_quoted, shards))}], filename = true)"
        parts.append(f"SELECT key, metric, value, parse_filename(filename) AS place FROM {read}")  # noqa: S608 - quoted names of our own files
    return f"CREATE VIEW written AS {' UNION ALL '.join(parts)}"


def _quoted(text: Any) -> str:
    return "'" + str(text).replace("'", "''") + "'"
