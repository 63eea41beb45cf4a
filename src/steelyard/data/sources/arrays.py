"""Folders whose tables lie in numpy archives: numbers, labels, and sometimes names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from steelyard.data.sources.home import Entry, Folder
from steelyard.data.sources.listing import listed

__all__ = ["SETS"]

ADBENCH = Folder("tab_adbench", "BSD-2-Clause (repository)", "https://github.com/Minqi824/ADBench")
OIL = Folder("tab_oil_spill", "none stated; public benchmark", "https://github.com/jbrownlee/Datasets")
CUT = Folder("tab_binarised_regression", "public (Torgo, DELVE, StatLib)", "https://www.openml.org")
ELECTRICITY = Folder("stream_elec2", "none stated; public benchmark", "https://www.openml.org/d/151")
WEATHER = Folder(
    "stream_weather", "NOAA, public domain", "https://github.com/scikit-multiflow/streaming-datasets"
)


def _read(paths: list[Path], entry: Entry) -> pd.DataFrame:
    with np.load(paths[0], allow_pickle=False) as stored:
        numbers = stored["X"].astype(np.float64)
        names = (
            stored["columns"] if "columns" in stored else [f"x{k}" for k in range(1, numbers.shape[1] + 1)]
        )
        frame = pd.DataFrame(numbers, columns=[str(name) for name in names])
        if "y_value" in stored:  # OpenML cuts these at the mean and calls the lower part P
            frame[entry.target] = np.where(stored["y_value"] < stored["y_value"].mean(), "P", "N")
        else:
            frame[entry.target] = stored["y"].astype(np.int64)
    if entry.time:
        frame.insert(0, entry.time, np.arange(len(frame)))
    return frame


HOMES = {
    "adbench": ADBENCH,
    "oil-spill": OIL,
    "binarised": CUT,
    "elec2": ELECTRICITY,
    "weather": WEATHER,
}
SETS = listed("arrays.csv", lambda row: HOMES[row["name"].partition("/")[0]], _read)
