"""The streams that lie in river's wheel; those river would download are left out."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import pandas as pd

from steelyard.data.read import read_as
from steelyard.data.sources.home import Entry, Package

__all__ = ["SETS"]

HOME = Package("river", "BSD-3-Clause", "https://pypi.org/project/river", install="--no-deps river")


def _read_zip(paths: list[Path], _entry: Entry) -> pd.DataFrame:
    """The one table in an archive."""
    with TemporaryDirectory() as folder, ZipFile(paths[0]) as archive:
        member = next(name for name in archive.namelist() if not name.startswith("__MACOSX"))
        return read_as(archive.extract(member, folder), "delimited").frame


SETS = (
    Entry(
        name="shuttle",
        title="Space shuttle readings, anomalous or not",
        files=("river/datasets/shuttle.csv.gz",),
        home=HOME,
        target="anomaly",
        positive="1",
        rows=49_097,
        columns=10,
        classes=2,
        minority=3_511,
        family="shuttle",
    ),
    Entry(
        name="phishing",
        title="Web pages that phish",
        files=("river/datasets/phishing.csv.gz",),
        home=HOME,
        target="is_phishing",
        positive="1",
        rows=1_250,
        columns=10,
        classes=2,
        minority=548,
        duplicates=587,
    ),
    Entry(
        name="image-segments",
        title="Pieces of outdoor pictures, seven kinds",
        files=("river/datasets/segment.csv.zip",),
        home=HOME,
        target="category",
        rows=2_310,
        columns=19,
        classes=7,
        minority=330,
        duplicates=224,
        family="segment",
        read=_read_zip,
    ),
)
