"""The 30 binary tables of "Balancing the Scales" (arXiv 2409.19751); the rarest class is the positive one."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa

from steelyard.data.formats.columns import clean_column
from steelyard.data.sources.home import Entry, Folder, read_file
from steelyard.data.sources.listing import listed

__all__ = ["SETS"]

HOME = Folder(
    "tab_rt30",
    "MIT (repository); each table keeps its own terms",
    "https://github.com/readytensor/rt-datasets-binary-class-imbalance",
)


def _read(paths: list[Path], entry: Entry) -> pd.DataFrame:
    """Words that were printed as Python bytes, b'true', become words again."""
    frame = read_file(paths, entry)
    for name in frame.columns:
        column = frame[name]
        if not isinstance(column.iloc[0], str | bytes) and column.dtype.kind in "ifbM":
            continue
        words = [None if pd.isna(word) else str(word) for word in column]
        if all(word is None or word[:2] == "b'" for word in words):
            bare = [word and word[2:-1] for word in words]
            frame[name] = clean_column(str(name), pa.array(bare, type=pa.large_string()))[1]
    return frame


SETS = listed("rt30.csv", HOME, _read)
