"""The folder that remembers a study: states in SQLite, results in Parquet, every trial written once."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from steelyard.bench.trial import Outcome, Trial
from steelyard.core import DataError, atomic_path

__all__ = ["Ledger"]

SCHEMA = """
CREATE TABLE IF NOT EXISTS trials (
  key TEXT PRIMARY KEY, data TEXT NOT NULL, arm TEXT NOT NULL, learner TEXT NOT NULL, seed INTEGER NOT NULL,
  split INTEGER NOT NULL, settings TEXT NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL,
  seconds REAL NOT NULL, finished TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS scores (
  key TEXT NOT NULL, metric TEXT NOT NULL, value REAL, PRIMARY KEY (key, metric)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS shards (name TEXT PRIMARY KEY);
"""
FINAL = ("done", "declined")
SHARD = 100_000
"""Scores that wait in SQLite before they become a Parquet file."""
COLUMNS = ["key", "metric", "value"]
TRIAL = ["data", "arm", "learner", "seed", "split"]


class Ledger:
    """Outcomes of trials on disk.

    A trial's state and scores are written in one transaction, so a killed study loses nothing that finished.
    Scores move from SQLite into Parquet shards in bulk; a shard counts only once SQLite lists it.

    Args:
        folder: made when absent; holds `ledger.sqlite` and `shards/`.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        try:
            (self.folder / "shards").mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(self.folder / "ledger.sqlite", timeout=60, isolation_level=None)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.executescript(SCHEMA)
        except (OSError, sqlite3.DatabaseError) as error:
            raise DataError(f"{self.folder} cannot hold a study: {error}; give another folder") from error

    def __enter__(self) -> Self:
        """Use as a context; leaving it moves waiting scores into a shard."""
        return self

    def __exit__(self, *_: object) -> None:
        """Flush and close."""
        self.flush()
        self._db.close()

    def record(self, trial: Trial, outcome: Outcome) -> None:
        """Write what became of a trial; a second outcome replaces the first."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        row = (
            *(outcome.key, trial.data, trial.arm, trial.learner, trial.seed, trial.split),
            json.dumps(dict(trial.settings)),
            *(outcome.state, outcome.reason, outcome.seconds, now),
        )
        with self._transaction():
            self._db.execute(f"INSERT OR REPLACE INTO trials VALUES ({','.join('?' * len(row))})", row)  # noqa: S608 - question marks only
            self._db.executemany(
                "INSERT OR REPLACE INTO scores VALUES (?, ?, ?)",
                [(outcome.key, name, value) for name, value in outcome.scores.items()],
            )
        if self._db.execute("SELECT COUNT(*) FROM scores").fetchone()[0] >= SHARD:
            self.flush()

    def finished(self, *, failures: bool = True) -> set[str]:
        """Keys that need no further run: those done or declined and, if wanted, those that failed."""
        states = dict(self._db.execute("SELECT key, state FROM trials"))
        return {key for key, state in states.items() if failures or state in FINAL}

    def seconds(self) -> dict[tuple[str, str], float]:
        """The mean seconds of a finished trial, by arm and learner."""
        found = self._db.execute("SELECT arm, learner, AVG(seconds) FROM trials GROUP BY arm, learner")
        return {(arm, learner): seconds for arm, learner, seconds in found}

    def trials(self, keys: Iterable[str] | None = None) -> pd.DataFrame:
        """One row a trial with its state, reason and seconds."""
        frame = pd.read_sql_query("SELECT * FROM trials", self._db)
        return frame if keys is None else frame[frame["key"].isin(set(keys))].reset_index(drop=True)

    def results(self, keys: Iterable[str] | None = None) -> pd.DataFrame:
        """One row a score: data, arm, learner, seed, split, metric, value, key; in an order that is always the same."""
        listed = [name for (name,) in self._db.execute("SELECT name FROM shards ORDER BY name")]
        parts = [pq.read_table(self.folder / "shards" / name).to_pandas() for name in listed]
        parts.append(pd.read_sql_query("SELECT * FROM scores", self._db))
        filled = [part for part in parts if len(part)]
        scores = pd.concat(filled) if filled else pd.DataFrame(columns=COLUMNS)
        # a trial that was run again has its newest scores last
        scores = scores.drop_duplicates(["key", "metric"], keep="last").astype({"value": float})
        about = self.trials(keys)[["key", *TRIAL]]
        order = [*TRIAL, "metric"]
        merged = about.merge(scores, on="key").sort_values(order, kind="stable")
        return merged[[*order, "value", "key"]].reset_index(drop=True)

    def flush(self) -> None:
        """Move waiting scores into a Parquet shard."""
        waiting = self._db.execute("SELECT key, metric, value FROM scores ORDER BY key, metric").fetchall()
        if not waiting:
            return
        columns = list(zip(*waiting, strict=True))
        types = (pa.string(), pa.string(), pa.float64())
        arrays = [pa.array(values, type=kind) for values, kind in zip(columns, types, strict=True)]
        table = pa.Table.from_arrays(arrays, names=COLUMNS)
        digest = hashlib.sha256(repr(waiting).encode()).hexdigest()[:16]
        number = self._db.execute("SELECT COUNT(*) FROM shards").fetchone()[0]
        name = f"{number:05d}-{digest}.parquet"
        with atomic_path(self.folder / "shards" / name) as temporary:
            pq.write_table(table, temporary, compression="zstd")
        with self._transaction():
            self._db.execute("INSERT OR REPLACE INTO shards VALUES (?)", (name,))
            self._db.executemany(
                "DELETE FROM scores WHERE key = ? AND metric = ?", [row[:2] for row in waiting]
            )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")
