"""Which pictures there are, and what is known of each: from class folders, or from a table of paths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from steelyard.core import DataError, UsageError
from steelyard.data import read_table

__all__ = ["Listing", "list_files", "list_folder", "list_table"]

ENDINGS = frozenset(
    [".bmp", ".gif", ".jpeg", ".jpg", ".jp2", ".pbm", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"]
)
PART_WORDS = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "dev": "validation",
    "test": "test",
    "testing": "test",
}
PATH_WORDS = ("path", "file", "filename", "file_name", "image", "image_path", "filepath", "file_path", "img")


@dataclass(frozen=True, eq=False)
class Listing:
    """Pictures to be read.

    Attributes:
        paths: the files.
        names: what to call them: their paths below the folder or table.
        target: their classes as text; None when they are only to be classified.
        part: "train", "validation" or "test" for each, where the source has parts.
        groups: what must not straddle a split.
        name, source: short name of the collection, and where it was.
        target_name: where the classes come from.
        notes: what was left out on the way.
    """

    paths: tuple[Path, ...]
    names: tuple[str, ...]
    target: tuple[str, ...] | None
    part: tuple[str, ...] | None
    groups: NDArray[Any] | None
    name: str
    source: str
    target_name: str
    notes: tuple[str, ...] = ()


def list_folder(folder: Path) -> Listing:
    """A folder of class folders, below folders of parts where the folder has those.

    Raises:
        DataError: no class folders, or no pictures in them.
    """
    below = _folders(folder)
    parts = {child: PART_WORDS.get(child.name.lower()) for child in below}
    if "train" in parts.values():
        strays = [child.name for child, part in parts.items() if part is None]
        if strays:
            raise DataError(
                f"{str(folder)!r} holds a training part beside {strays[0]!r}; keep parts and classes in folders of "
                "their own"
            )
        homes = [(klass, str(part)) for child, part in parts.items() for klass in _folders(child)]
    else:
        homes = [(klass, "") for klass in below]
    if not homes:
        raise DataError(
            f"{str(folder)!r} has no class folders; put the pictures of each class in a folder of its own, or give a "
            "table of paths and classes"
        )
    rows = [(file, klass.name, part) for klass, part in homes for file in _pictures(klass)]
    if not rows:
        raise DataError(
            f"the folders in {str(folder)!r} hold no pictures ({', '.join(sorted(ENDINGS))}); check the path"
        )
    empty = sorted({klass.name for klass, _ in homes} - {klass for _, klass, _ in rows})
    other = sum(1 for klass, _ in homes for _ in _others(klass))
    notes = [f"class folders without a picture: {', '.join(empty[:8])}"] if empty else []
    notes += [f"{other:,} files are no pictures by their ending and were not read"] if other else []
    return Listing(
        paths=tuple(file for file, _, _ in rows),
        names=tuple(file.relative_to(folder).as_posix() for file, _, _ in rows),
        target=tuple(klass for _, klass, _ in rows),
        part=tuple(part for _, _, part in rows) if "train" in parts.values() else None,
        groups=None,
        name=folder.resolve().name,
        source=str(folder),
        target_name="the folder's name",
        notes=tuple(notes),
    )


def list_table(
    table: Path,
    *,
    target: str | None,
    path: str | None = None,
    group: str | None = None,
    part: str | None = None,
) -> Listing:
    """A table with a column of paths; relative ones start at the table's folder.

    Args:
        table: CSV, Parquet and so on.
        target: the column of classes; None when the pictures are only to be classified.
        path: the column of paths; None to look for one that is called so.
        group: the column of what must not straddle a split.
        part: the column that says train, validation or test.

    Raises:
        UsageError: a column that is not there.
        DataError: no row to use, or a part that is none.
    """
    read = read_table(table)
    frame = read.frame
    column = path or _path_column(frame, table)
    for name in (column, target, group, part):
        if name is not None and name not in frame.columns:
            shown = ", ".join(map(repr, frame.columns[:12]))
            raise UsageError(f"{table.name!r} has no column {name!r}; its columns are {shown}")
    kept = frame[column].notna() if target is None else frame[column].notna() & frame[target].notna()
    frame = frame.loc[kept]
    if not len(frame):
        raise DataError(
            f"no row of {table.name!r} has a path{' and a class' if target else ''}; check the columns"
        )
    names = tuple(frame[column].astype(str))
    left = int((~kept).sum())
    return Listing(
        paths=tuple(table.parent / name for name in names),
        names=names,
        target=None if target is None else tuple(_text(frame[target])),
        part=None if part is None else tuple(_part(word) for word in frame[part].astype(str)),
        groups=None if group is None else frame[group].to_numpy(),
        name=read.name,
        source=str(table),
        target_name=target or "",
        notes=(f"{left:,} rows without a path or a class were left out",) if left else (),
    )


def list_files(folder: Path) -> Listing:
    """All pictures in a folder and below it, or one picture, to be classified."""
    files = [folder] if folder.is_file() else list(_pictures(folder))
    if not files:
        raise DataError(f"{str(folder)!r} holds no pictures ({', '.join(sorted(ENDINGS))}); check the path")
    root = folder.parent if folder.is_file() else folder
    names = tuple(file.relative_to(root).as_posix() for file in files)
    return Listing(tuple(files), names, None, None, None, folder.resolve().name, str(folder), "")


def _folders(folder: Path) -> list[Path]:
    return sorted(one for one in folder.iterdir() if one.is_dir() and not one.name.startswith("."))


def _files(folder: Path) -> Iterator[Path]:
    return (
        one
        for one in sorted(folder.rglob("*"))
        if one.is_file() and not any(word.startswith(".") for word in one.relative_to(folder).parts)
    )


def _pictures(folder: Path) -> Iterator[Path]:
    return (one for one in _files(folder) if one.suffix.lower() in ENDINGS)


def _others(folder: Path) -> Iterator[Path]:
    return (one for one in _files(folder) if one.suffix.lower() not in ENDINGS)


def _path_column(frame: pd.DataFrame, table: Path) -> str:
    found = [name for name in frame.columns if str(name).lower() in PATH_WORDS]
    found = found or [
        name for name in frame.columns if Path(str(frame[name].iloc[0])).suffix.lower() in ENDINGS
    ]
    if len(found) != 1:
        said = f"{len(found)} columns that look like paths" if found else "no column that looks like paths"
        raise UsageError(f"{table.name!r} has {said}; name it with --path COLUMN (path= in Python)")
    return str(found[0])


def _text(column: pd.Series[Any]) -> list[str]:
    """Class names; whole numbers that missing cells made decimal are whole again."""
    if pd.api.types.is_float_dtype(column) and (column == column.round()).all():
        column = column.astype(np.int64)
    return [str(value) for value in column.tolist()]


def _part(word: str) -> str:
    known = PART_WORDS.get(word.strip().lower())
    if known is None:
        raise DataError(f"the part {word!r} came, expected one of {', '.join(PART_WORDS)}")
    return known
