"""The sets scikit-learn carries."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from steelyard.data.sources.home import Bundled, Entry

__all__ = ["SETS"]

HOME = Bundled("BSD-3-Clause (scikit-learn); UCI CC BY 4.0", "https://scikit-learn.org/stable/datasets")


def _read(_paths: list[Path], entry: Entry) -> pd.DataFrame:
    from sklearn import datasets

    bunch = getattr(datasets, f"load_{entry.options['loader']}")()
    columns = [str(name) for name in bunch.feature_names]
    frame = pd.DataFrame(np.asarray(bunch.data), columns=columns)
    frame[entry.target] = np.asarray(bunch.target_names).astype(str)[bunch.target]
    return frame


SETS = (
    Entry(
        name="breast-cancer",
        title="Breast tumours, malignant or benign (Wisconsin diagnostic)",
        files=("breast_cancer",),
        home=HOME,
        target="diagnosis",
        positive="malignant",
        rows=569,
        columns=31,
        classes=2,
        minority=212,
        family="wdbc",
        read=_read,
        options={"loader": "breast_cancer"},
    ),
    Entry(
        name="wine",
        title="Wines of three growers by chemical analysis",
        files=("wine",),
        home=HOME,
        target="grower",
        rows=178,
        columns=14,
        classes=3,
        minority=48,
        read=_read,
        options={"loader": "wine"},
    ),
    *(
        Entry(
            name=f"digits/{digit}",
            title=f"Handwritten digits, {digit} against the rest",
            files=("digits",),
            home=HOME,
            target="digit",
            positive=str(digit),
            rest="other",
            rows=1797,
            columns=65,
            classes=2,
            minority=count,
            family="optdigits",
            read=_read,
            options={"loader": "digits"},
        )
        for digit, count in enumerate((178, 182, 177, 183, 181, 182, 181, 179, 174, 180))
    ),
)
