"""A table that was read: the frame, where it came from, and what its columns were taken for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from steelyard.core import DataError, atomic_path

__all__ = ["Table", "write_table"]


@dataclass(frozen=True, eq=False)
class Table:
    """Rows and columns, with their origin.

    Attributes:
        frame: the rows, with a plain RangeIndex, so that an index value is a row number of the file.
        name: a short name, such as "claims".
        source: the path or the data set's name, as given.
        digest: SHA-256 of the bytes of the file, in hexadecimal.
        schema: column -> "number", "bool", "date", "date-dmy", "date-mdy", "text" or "empty": what each
            column was taken for. Pass it to `stream_table` or `read_table` to have new rows read the same way.
        notes: sentences about what had to be guessed.
    """

    frame: pd.DataFrame
    name: str
    source: str
    digest: str
    schema: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def write_table(frame: pd.DataFrame, path: str | Path) -> None:
    """Write a frame as `.csv`, `.tsv` (either may end in `.gz`), `.parquet`, `.feather` or `.arrow`.

    The file appears under its name only when it is complete. The index is not written.

    Raises:
        DataError: the ending is none of these.

    >>> import tempfile
    >>> from steelyard.data import read_table
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_table(pd.DataFrame({"age": [31, 47], "late": ["no", "yes"]}), f"{folder}/few.csv.gz")
    ...     read_table(f"{folder}/few.csv.gz").frame["age"].tolist()
    [31, 47]
    """
    target = Path(path)
    endings = [ending.lower() for ending in target.suffixes]
    packed = endings[-1:] == [".gz"]
    kind = (endings[:-1] if packed else endings)[-1:]
    with atomic_path(target) as temporary:
        if kind in ([".csv"], [".tsv"]):
            frame.to_csv(
                temporary,
                index=False,
                sep="," if kind == [".csv"] else "\t",
                compression="gzip" if packed else None,
            )
        elif kind == [".parquet"] and not packed:
            frame.to_parquet(temporary, index=False)
        elif kind in ([".feather"], [".arrow"]) and not packed:
            frame.reset_index(drop=True).to_feather(temporary)
        else:
            raise DataError(
                f"{target.name!r} has no ending a table can be written to; "
                "use .csv, .tsv, .csv.gz, .tsv.gz, .parquet, .feather or .arrow"
            )
