"""Rows of Parquet files, read a piece at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from steelyard.core import DataError
from steelyard.data import even_pieces
from steelyard.resample.streams.rows import Work

__all__ = ["ParquetRows"]

T = TypeVar("T")
PIECE_BYTES = 2**25
MOST_ROWS, FEWEST_ROWS = 65_536, 4_096


class ParquetRows:
    """The rows of one Parquet file, or of all in a folder in the order of their names.

    Raises:
        DataError: no such file, none in the folder, a damaged one, or files with different columns.
    """

    n_jobs: int | None = None

    def __init__(self, path: str | Path) -> None:
        self.name = str(path)
        self.files = _files(Path(path))
        self.schema = _schema(self.files[0]).remove_metadata()
        for file in self.files[1:]:
            if not _schema(file).remove_metadata().equals(self.schema):
                raise DataError(
                    f"{file.name!r} has other columns or types than {self.files[0].name!r}; "
                    "a folder must hold one table"
                )
        width = 8 * max(len(self.schema), 1)
        self.piece_rows = int(min(max(PIECE_BYTES // width, FEWEST_ROWS), MOST_ROWS))
        self.n_rows = sum(pq.read_metadata(file).num_rows for file in self.files)
        if not self.n_rows:
            raise DataError(f"{self.name!r} holds no rows; pass a table with at least one row of every class")

    def __len__(self) -> int:
        """How many pieces there are."""
        return int(-(-self.n_rows // self.piece_rows))

    def map(self, work: Work[T], columns: Sequence[str]) -> Iterator[T]:
        """What `work` makes of every piece, in order."""
        for number, piece in enumerate(even_pieces(self._batches(list(columns)), self.piece_rows)):
            yield work(number, piece)

    def _batches(self, columns: list[str]) -> Iterator[Any]:
        for file in self.files:
            try:
                # buffering ahead would hold every row group until the end
                with pq.ParquetFile(file, pre_buffer=False) as reader:
                    for batch in reader.iter_batches(batch_size=self.piece_rows, columns=columns):
                        yield batch.select(columns)
            except MemoryError:  # Arrow's own is one of its other errors too
                raise
            except (pa.ArrowException, OSError) as error:
                raise _damaged(file, error) from error


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise DataError(f"there is no file or folder {str(path)!r}; check the path")
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.rglob("*.parquet") if not file.name.startswith((".", "_")))
    if not found:
        raise DataError(f"the folder {str(path)!r} holds no .parquet files; name a folder that does")
    return found


def _schema(file: Path) -> Any:
    try:
        return pq.read_schema(file)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(file, error) from error


def _damaged(file: Path, error: Exception) -> DataError:
    reason = str(error).splitlines()[0].partition(". ")[0].rstrip(".")
    return DataError(f"{str(file)!r} is not a whole Parquet file ({reason}); write or copy it again")
