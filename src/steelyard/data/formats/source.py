"""What every reader hands over: named columns in batches, not yet cleaned."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

import pyarrow as pa

from steelyard.core import DataError

__all__ = ["MAX_COLUMNS", "Source", "check_names", "choose", "counted"]

MAX_COLUMNS = 5_000


@dataclass(frozen=True)
class Source:
    """A file that has been opened.

    Attributes:
        names: the chosen columns, in the order of the file.
        batches: the rows, as Arrow batches with these columns.
        kinds: column -> kind, as far as the file itself declares it and it is to be believed.
        decimal: "." or ",", how numbers in text are written.
        notes: what had to be guessed.
    """

    names: list[str]
    batches: Iterator[pa.RecordBatch]
    kinds: Mapping[str, str] = field(default_factory=dict)
    decimal: str = "."
    notes: tuple[str, ...] = ()


def counted(n: int, what: str) -> str:
    """A number with its noun: 1 cell, 2 cells."""
    return f"{n:,} {what}" if n == 1 else f"{n:,} {what}s"


def check_names(file: str, names: Sequence[str]) -> list[str]:
    """Column names without outer blanks; blank ones become "column 3", repeated ones are refused."""
    trimmed = [str(name).strip() for name in names]
    taken = set(trimmed)
    for place, name in enumerate(trimmed, start=1):
        if not name:
            invented = f"column {place}"
            while invented in taken:
                invented += "'"
            trimmed[place - 1] = invented
            taken.add(invented)
    twice = sorted({name for name in trimmed if trimmed.count(name) > 1}) if len(taken) < len(trimmed) else []
    if twice:
        shown = ", ".join(repr(name) for name in twice[:5])
        raise DataError(
            f"{file!r} has more than one column named {shown}; rename them so that every name is unique"
        )
    return trimmed


def _listed(unknown: list[str]) -> str:
    shown = ", ".join(map(repr, unknown[:8])) + (f" and {len(unknown) - 8} more" if len(unknown) > 8 else "")
    return f"column {shown}" if len(unknown) == 1 else f"columns {shown}"


def _hint(unknown: str, names: list[str]) -> str:
    plain = {name.casefold(): name for name in names}
    near = [plain[one] for one in get_close_matches(unknown.casefold(), list(plain), n=3)]
    return f"did you mean {', '.join(near)}" if near else f"it has {', '.join(names[:8])}"


def choose(file: str, names: list[str], columns: Sequence[str] | None) -> list[str]:
    """The asked columns in file order; without asking, all of them up to a limit."""
    if columns is None:
        if len(names) > MAX_COLUMNS:
            raise DataError(
                f"{file!r} has {len(names):,} columns, at most {MAX_COLUMNS:,} are read at once; "
                "name the wanted ones with --column (columns=[…] in Python)"
            )
        return names
    if not columns:
        raise DataError(f"no column of {file!r} was asked for; name at least one, or leave columns out")
    known = set(names)
    unknown = [name for name in columns if name not in known]
    if unknown:
        raise DataError(f"{file!r} has no {_listed(unknown)}; {_hint(unknown[0], names)}")
    wanted = set(columns)
    return [name for name in names if name in wanted]
