"""Where data sets live: in an installed package, in a folder of data, or inside scikit-learn."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Protocol

import pandas as pd

from steelyard.core import DataError, MissingExtra
from steelyard.data.dataset import DatasetInfo
from steelyard.data.read import read_as

__all__ = ["Bundled", "Entry", "Folder", "Home", "Package", "data_folder", "read_file"]


class Home(Protocol):
    """What every place can say of itself."""

    @property
    def needs(self) -> str:
        """How to get it; "" when it is always there."""
        ...

    @property
    def license(self) -> str:
        """The terms of what lies there."""
        ...

    @property
    def url(self) -> str:
        """Its public home."""
        ...

    def find(self, file: str) -> Path | None:
        """The file, or None when the place is not here."""
        ...


@dataclass(frozen=True)
class Package:
    """A PyPI package whose wheel holds the data as files."""

    name: str
    license: str
    url: str
    install: str = ""

    @property
    def needs(self) -> str:
        """The pip line."""
        return f"pip install {self.install or self.name}"

    def find(self, file: str) -> Path | None:
        """The file inside the installed wheel."""
        try:
            path = Path(str(distribution(self.name).locate_file(file)))
        except PackageNotFoundError:
            return None
        return path if path.exists() else None


@dataclass(frozen=True)
class Folder:
    """A folder of copied data, found through STEELYARD_DATA or beside the checkout."""

    name: str
    license: str
    url: str

    @property
    def needs(self) -> str:
        """The folder."""
        return f"the folder {self.name} under STEELYARD_DATA (its public home: {self.url})"

    def find(self, file: str) -> Path | None:
        """The file in the folder of data."""
        root = data_folder()
        path = root / self.name / file if root else None
        return path if path and path.exists() else None


@dataclass(frozen=True)
class Bundled:
    """Data inside a library that is always installed."""

    license: str
    url: str
    needs: str = ""

    def find(self, file: str) -> Path | None:  # noqa: ARG002 - there is no file to look for
        """Always here."""
        return Path(__file__)


def data_folder() -> Path | None:
    """The folder that STEELYARD_DATA names, else `shared/data` beside the checkout, if it exists."""
    named = os.environ.get("STEELYARD_DATA")
    folder = Path(named) if named else Path(__file__).resolve().parents[5] / "shared" / "data"
    return folder if folder.is_dir() else None


def read_file(paths: list[Path], entry: Entry) -> pd.DataFrame:
    """Read the files of an entry by their endings and put them one under the other."""
    frames = [read_as(path, entry.form).frame for path in paths]
    return frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)


@dataclass(frozen=True)
class Entry:
    """One data set: what `DatasetInfo` says of it, and how to read it.

    Attributes:
        files: the files, relative to the home; more than one are rows of one table.
        home: where they lie.
        read: paths and entry -> frame.
        rest: when given, every label but the positive one becomes this label.
        form: the format, where the ending does not tell.
        options: whatever `read` needs besides.
        The other attributes are those of `DatasetInfo`.
    """

    name: str
    title: str
    files: tuple[str, ...]
    home: Home
    target: str
    rows: int
    columns: int
    classes: int
    minority: int
    positive: str = ""
    rest: str = ""
    group: str | None = None
    time: str | None = None
    weight: str | None = None
    drop: tuple[str, ...] = ()
    family: str = ""
    duplicates: int = 0
    note: str = ""
    read: Callable[[list[Path], Entry], pd.DataFrame] = read_file
    form: str | None = None
    options: dict[str, str] = field(default_factory=dict)

    def paths(self) -> list[Path]:
        """The files on this machine; MissingExtra or DataError says what to get."""
        found = [path for file in self.files if (path := self.home.find(file)) is not None]
        if len(found) == len(self.files):
            return found
        if self.home.needs.startswith("pip install"):
            raise MissingExtra(
                f"data set {self.name!r} lies in a package that is not installed; run: {self.home.needs}"
            )
        raise DataError(f"data set {self.name!r} is not here; it needs {self.home.needs}")

    @property
    def info(self) -> DatasetInfo:
        """The entry as users see it."""
        return DatasetInfo(
            name=self.name,
            title=self.title,
            rows=self.rows,
            columns=self.columns,
            classes=self.classes,
            minority=self.minority,
            needs=self.home.needs,
            available=all(self.home.find(file) is not None for file in self.files),
            target=self.target,
            positive=self.positive,
            group=self.group,
            time=self.time,
            weight=self.weight,
            drop=self.drop,
            license=self.home.license,
            source_url=self.home.url,
            family=self.family,
            duplicates=self.duplicates,
            note=self.note,
        )
