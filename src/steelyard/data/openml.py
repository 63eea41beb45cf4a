"""OpenML's tables by number, and two published collections of imbalanced tables as lists."""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd

from steelyard.core import DataError, Prior, TargetError, UsageError
from steelyard.data.dataset import Dataset, DatasetInfo
from steelyard.data.formats.columns import TEXT_DTYPE

__all__ = ["SuiteMember", "suite"]

MAX_CLASSES = 1_000


@dataclass(frozen=True)
class SuiteMember:
    """One table of a collection.

    Attributes:
        name: its name there.
        openml: its number on OpenML, or None where the collection took it from elsewhere.
        rows, classes: its size.
        imbalance_ratio: largest class divided by smallest.
        tier: "low" below 5, "medium" below 10, "high" below 50, "extreme" from 50 on.
        packaged: a packaged set with the same rows and class counts, or "".
    """

    name: str
    openml: int | None
    rows: int
    classes: int
    imbalance_ratio: float
    tier: str
    packaged: str

    @property
    def source(self) -> str:
        """What to pass to `load_dataset`: the packaged set, which needs no network, else OpenML's."""
        return self.packaged or f"openml:{self.openml}"


def suite(name: str) -> tuple[SuiteMember, ...]:
    """A published collection of imbalanced tables; nothing is loaded or downloaded.

    "climb73" holds the 73 OpenML tables of CLIMB (Liu et al., 2025) in the order of their imbalance ratio;
    "scales30" the 30 binary tables of "Balancing the Scales" (arXiv 2409.19751).

    Raises:
        UsageError: no collection has this name.

    >>> climb = suite("climb73")
    >>> len(climb), climb[-1].openml, climb[-1].imbalance_ratio
    (73, 42397, 577.88)
    >>> [member.source for member in suite("scales30")][:2]
    ['rt30/abalone_binarized', 'rt30/auction']
    """
    known = _suites()
    if name not in known:
        raise UsageError(f"{name!r} is no collection steelyard lists; it lists {', '.join(known)}")
    return known[name]


def fetch(name: str) -> Dataset:
    """Download "openml:31" and the like; scikit-learn keeps a copy in its data folder.

    The target is the one OpenML names; the rarest label is the positive one.
    """
    number = name.removeprefix("openml:")
    if not number.isdigit():
        raise UsageError(f"{name!r} names no OpenML table; write its number, as in openml:31")
    import sklearn.datasets

    try:
        bunch = sklearn.datasets.fetch_openml(data_id=int(number), as_frame=True, parser="auto")
    except OSError as error:  # URLError and HTTPError among them
        raise DataError(
            f"OpenML table {number} could not be fetched ({error}); check the number and the network"
        ) from error
    targets = list(bunch.target_names or [])
    if len(targets) != 1:
        raise TargetError(
            f"OpenML table {number} names {len(targets)} targets, one is needed; download it as a file"
        )
    frame = bunch.frame.apply(_plain).reset_index(drop=True)
    frame = frame[frame[targets[0]].notna()].reset_index(drop=True)
    prior = Prior.of(frame[targets[0]].to_numpy())
    if not 2 <= prior.n_classes <= MAX_CLASSES:
        raise TargetError(
            f"the target {targets[0]!r} of OpenML table {number} has {prior.n_classes} different values; "
            "it is no classification table"
        )
    positive = prior.rarest if prior.n_classes == 2 else None
    details: dict[str, Any] = dict(bunch.details or {})
    info = DatasetInfo(
        name=name,
        title=str(details.get("name", f"OpenML {number}")),
        rows=len(frame),
        columns=frame.shape[1],
        classes=prior.n_classes,
        minority=int(prior.counts.min()),
        needs="the network",
        available=True,
        target=targets[0],
        positive="" if positive is None else str(positive),
        license=str(details.get("licence", "")),
        source_url=f"https://www.openml.org/d/{number}",
    )
    return Dataset(frame, info, positive, _digest(frame))


@cache
def _suites() -> dict[str, tuple[SuiteMember, ...]]:
    text = (files("steelyard.data") / "suites.csv").read_text(encoding="utf-8")
    found: dict[str, list[SuiteMember]] = {}
    for row in csv.DictReader(text.splitlines()):
        found.setdefault(row["suite"], []).append(
            SuiteMember(
                name=row["name"],
                openml=int(row["openml"]) if row["openml"] else None,
                rows=int(row["rows"]),
                classes=int(row["classes"]),
                imbalance_ratio=float(row["imbalance_ratio"]),
                tier=row["tier"],
                packaged=row["packaged"],
            )
        )
    return {name: tuple(members) for name, members in found.items()}


def _plain(column: pd.Series[Any]) -> pd.Series[Any]:
    """Categories as text, since steelyard's own readers give text."""
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return column
    words = [np.nan if pd.isna(word) else str(word) for word in column]
    text: pd.Series[Any] = pd.Series(words, index=column.index, name=column.name, dtype=TEXT_DTYPE)
    return text


def _digest(frame: pd.DataFrame) -> str:
    rows = pd.util.hash_pandas_object(frame, index=False).to_numpy()
    return hashlib.sha256(rows.tobytes()).hexdigest()
