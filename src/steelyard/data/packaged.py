"""Real data sets by name: those in installed packages, in folders of data, and on OpenML."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable
from difflib import get_close_matches
from functools import cache, partial
from importlib import import_module
from importlib.metadata import EntryPoint
from pathlib import Path

import pandas as pd

from steelyard.core import DataError, UsageError, each_plugin
from steelyard.data.dataset import Dataset, DatasetInfo
from steelyard.data.sources.home import Entry, Package

__all__ = ["Entry", "Package", "datasets", "load_dataset"]

SOURCES = (
    *("scikit", "dmba", "islp", "widedeep", "river", "timed", "tables", "rt30", "arrays", "keel"),
    "cuts",
)


def datasets() -> tuple[DatasetInfo, ...]:
    """All packaged data sets, also those that are not here, with what they need.

    When to use it: to look for a real table of a certain kind to try something on.

    >>> {info.task for info in datasets()} == {"binary", "multiclass"}
    True
    >>> [info.name for info in datasets() if info.group and info.rows > 145_000]
    ['protein', 'walking-activity']
    """
    return tuple(entry.info for entry in entries().values())


def load_dataset(name: str) -> Dataset:
    """Load a packaged data set, or one of OpenML's by number as "openml:31" (over the network).

    Nothing is downloaded for packaged sets and no pickle is opened. The target's labels stay as the source
    has them; binary sets name the positive one, which is the rarest unless the source's question says otherwise.

    Raises:
        UsageError: no set has this name; near names are listed.
        MissingExtra: the package that holds it is not installed; the message is the pip line.
        DataError: the folder that holds it is not there.

    >>> cancer = load_dataset("breast-cancer")
    >>> cancer.target, cancer.positive, cancer.frame.shape
    ('diagnosis', 'malignant', (569, 31))
    """
    if name.startswith("openml:"):
        from steelyard.data.openml import fetch  # only this branch needs the network

        return fetch(name)
    entry = entries().get(name)
    if entry is None:
        near = get_close_matches(name, list(entries()), n=3, cutoff=0.5)
        hint = f"did you mean {', '.join(near)}" if near else "`steelyard data` lists them"
        raise UsageError(f"{name!r} is neither a file nor a packaged data set; {hint}")
    paths = entry.paths()
    frame = entry.read(paths, entry)
    if entry.target not in frame:
        raise DataError(f"data set {name!r} has no column {entry.target!r}; its package may have changed")
    if entry.rest:
        is_positive = frame[entry.target].astype(str) == entry.positive
        frame[entry.target] = pd.Series(is_positive).map({True: entry.positive, False: entry.rest})
    return Dataset(frame, entry.info, _positive(frame, entry), _digest(paths))


@cache
def entries() -> dict[str, Entry]:
    """Every entry of every source by name, then those that other packages add."""
    found: dict[str, Entry] = {}
    for source in SOURCES:
        for entry in import_module(f"steelyard.data.sources.{source}").SETS:
            if entry.name in found:
                raise UsageError(
                    f"two data sets are called {entry.name!r}; rename one in sources/{source}.py"
                )
            found[entry.name] = entry
    each_plugin("steelyard.datasets", partial(_add, found))
    return found


def _add(known: dict[str, Entry], plugin: EntryPoint) -> None:
    """Add the data sets of another package, all or none."""
    added: dict[str, Entry] = {}
    for entry in plugin.load():
        if not isinstance(entry, Entry):
            raise UsageError(f"{plugin.value} holds a {type(entry).__name__}, expected steelyard.data.Entry")
        if entry.name in known or entry.name in added:
            raise UsageError(f"another data set is called {entry.name!r}")
        added[entry.name] = entry
    known |= added


def _positive(frame: pd.DataFrame, entry: Entry) -> Hashable | None:
    if not entry.positive:
        return None
    for label in frame[entry.target].unique().tolist():
        if str(label) == entry.positive:
            found: Hashable = label
            return found
    raise DataError(
        f"data set {entry.name!r} has no label {entry.positive!r} in {entry.target!r}; its package may have changed"
    )


def _digest(paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()
