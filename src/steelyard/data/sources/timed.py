"""Folders whose tables need their time, groups or words put back before they can be split honestly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from steelyard.data.sources.home import Entry, Folder, read_file

__all__ = ["SETS"]

BANK = Folder("tab_bank_marketing", "UCI 222, CC BY 4.0", "https://archive.ics.uci.edu/dataset/222")
LOANS = Folder(
    "tab_sba_case",
    "none stated; article data on US government records",
    "https://doi.org/10.1080/10691898.2018.1434342",
)
WALKING = Folder("tab_walking_activity", "UCI 286, CC BY 4.0", "https://archive.ics.uci.edu/dataset/286")
NETWORK = Folder("tab_kddcup99_10pct", "UCI, CC BY 4.0", "https://archive.ics.uci.edu/dataset/130")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
BLOCK_ROWS = 100
CONNECTION = """
duration protocol_type service flag src_bytes dst_bytes land wrong_fragment urgent hot num_failed_logins
logged_in num_compromised root_shell su_attempted num_root num_file_creations num_shells num_access_files
num_outbound_cmds is_host_login is_guest_login count srv_count serror_rate srv_serror_rate rerror_rate
srv_rerror_rate same_srv_rate diff_srv_rate srv_diff_host_rate dst_host_count dst_host_srv_count
dst_host_same_srv_rate dst_host_diff_srv_rate dst_host_same_src_port_rate dst_host_srv_diff_host_rate
dst_host_serror_rate dst_host_srv_serror_rate dst_host_rerror_rate dst_host_srv_rerror_rate
""".split()  # noqa: SIM905 - forty-one quoted names would be harder to read


def _read_bank(paths: list[Path], entry: Entry) -> pd.DataFrame:
    """The file runs from May 2008 on without saying the year: it turns when the month falls back."""
    frame = read_file(paths, entry)
    month = frame["month"].map({word: number for number, word in enumerate(MONTHS, start=1)}).to_numpy()
    year = 2008 + np.cumsum(np.diff(month, prepend=month[0]) < 0)
    parts = pd.DataFrame({"year": year, "month": month, "day": frame["day"]})
    frame.insert(0, "date", pd.to_datetime(parts).astype("datetime64[us]"))
    return frame


def _read_loans(paths: list[Path], entry: Entry) -> pd.DataFrame:
    """Dates are counted in days from 1960, as SAS does."""
    frame = read_file(paths, entry)
    days = pd.to_timedelta(frame["ApprovalDate"], unit="D")
    frame["ApprovalDate"] = (pd.Timestamp("1960-01-01") + days).astype("datetime64[us]")
    return frame


def _read_walking(paths: list[Path], entry: Entry) -> pd.DataFrame:
    """A person is what is to be predicted, so the groups are stretches of each walk, not people."""
    with np.load(paths[0], allow_pickle=False) as stored:
        frame = pd.DataFrame(stored["X"].astype(np.float64), columns=["time", "x", "y", "z"])
        frame[entry.target] = stored["y"].astype(np.int64)
    within = frame.groupby(entry.target).cumcount() // BLOCK_ROWS
    frame["block"] = frame[entry.target] * 1_000 + within
    return frame


def _read_network(paths: list[Path], entry: Entry) -> pd.DataFrame:
    with np.load(paths[0], allow_pickle=False) as stored:
        frame = pd.DataFrame(stored["X"].astype(np.float64), columns=CONNECTION)
        for name, words in (("protocol_type", "protocol"), ("service", "service"), ("flag", "flag")):
            frame[name] = pd.Series(stored[words].astype(str)[frame[name].astype(int)])
        frame[entry.target] = pd.Series(stored["classes"].astype(str)[stored["y"]])
    return frame


SETS = (
    Entry(
        name="bank-marketing",
        title="Phone calls of a Portuguese bank that sold a deposit",
        files=("bank.csv.gz",),
        home=BANK,
        target="deposit",
        positive="yes",
        time="date",
        drop=("duration",),
        rows=45_211,
        columns=18,
        classes=2,
        minority=5_289,
        duplicates=16,
        read=_read_bank,
        note="rows are in date order from May 2008 to November 2010; the length of the call gives its result away",
    ),
    Entry(
        name="sba-loans",
        title="Californian small business loans of 1988 to 2011 that defaulted",
        files=("sba_case.csv.gz",),
        home=LOANS,
        target="Default",
        positive="1",
        time="ApprovalDate",
        drop=(
            "Selected",
            "LoanNr_ChkDgt",
            "Name",
            "MIS_Status",
            "ChgOffDate",
            "ChgOffPrinGr",
            "BalanceGross",
            "xx",
            "daysterm",
        ),
        rows=2_101,
        columns=35,
        classes=2,
        minority=686,
        read=_read_loans,
        note="the default rate rises from 4 % to 61 %; the dropped columns are known only after the loan ended",
    ),
    Entry(
        name="walking-activity",
        title="Who walks, from a phone's acceleration (22 people)",
        files=("walking.npz",),
        home=WALKING,
        target="person",
        group="block",
        drop=("time",),
        rows=149_332,
        columns=6,
        classes=22,
        minority=911,
        duplicates=1_082,
        read=_read_walking,
        note="neighbouring rows are nearly equal: block is a stretch of 100 rows of one walk, split by it",
    ),
    Entry(
        name="kddcup99",
        title="Network connections by kind of attack (KDD Cup 1999, 10 %)",
        files=("kdd99.npz",),
        home=NETWORK,
        target="attack",
        rows=494_021,
        columns=42,
        classes=23,
        minority=2,
        read=_read_network,
        duplicates=348_435,
        note="most rows are exact duplicates; pass duplicate_groups as groups",
    ),
)
