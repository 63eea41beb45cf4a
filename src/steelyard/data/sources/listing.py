"""Long lists of data sets as CSV files beside the modules that read them."""

from __future__ import annotations

import csv
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd

from steelyard.data.sources.home import Entry, Home, read_file

__all__ = ["listed"]

OPTIONAL = ("positive", "rest", "group", "time", "family", "note")


def listed(
    file: str,
    home: Home | Callable[[dict[str, str]], Home],
    read: Callable[[list[Path], Entry], pd.DataFrame] = read_file,
) -> tuple[Entry, ...]:
    """The entries of a list; blanks in it mean the default."""
    text = (files("steelyard.data.sources") / file).read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return tuple(_entry(row, home(row) if callable(home) else home, read=read) for row in rows)


def _entry(row: dict[str, str], home: Home, **options: Any) -> Entry:
    fields: dict[str, Any] = {name: int(row[name]) for name in ("rows", "columns", "classes", "minority")}
    fields |= {name: row[name] for name in OPTIONAL if row.get(name)}
    return Entry(
        name=row["name"],
        title=row["title"],
        files=tuple(row["files"].split("|")),
        home=home,
        target=row["target"],
        drop=tuple(filter(None, row.get("drop", "").split("|"))),
        duplicates=int(row.get("duplicates") or 0),
        **fields,
        **options,
    )
