"""The columns a table had in training, and how a new table is matched to them."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pandas as pd

from steelyard.core import DataError

__all__: list[str] = []


class Schema:
    """Column names and whether they are the table's own (an array has none)."""

    def __init__(self, columns: list[Any], *, named: bool) -> None:
        self.columns = columns
        self.named = named

    def match(self, frame: pd.DataFrame, *, named: bool) -> tuple[pd.DataFrame, list[Hashable]]:
        """The learned columns of `frame` in their learned order, and the names of those left over.

        Raises:
            DataError: columns are missing (by name), or their number differs (by position).
        """
        if not (named and self.named):
            self.check_width(frame.shape[1])
            return frame.set_axis(self.columns, axis=1), []
        missing = [name for name in self.columns if name not in frame.columns]
        if missing:
            more = f" and {len(missing) - 10} more" if len(missing) > 10 else ""
            raise DataError(
                f"{len(missing)} of the {len(self.columns)} learned columns are missing: "
                f"{', '.join(map(repr, missing[:10]))}{more}; add them, empty where unknown"
            )
        known = set(self.columns)
        return frame[self.columns], [name for name in frame.columns if name not in known]

    def check_width(self, width: int) -> None:
        """Refuse a table of another number of columns."""
        if width != len(self.columns):
            raise DataError(
                f"X has {width} features, but TableEncoder is expecting {len(self.columns)} features as input; "
                "pass the columns it learned, in their order"
            )
