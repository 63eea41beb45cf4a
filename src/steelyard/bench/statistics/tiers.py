"""Where does an arm help? Means within tiers of the data sets."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from steelyard.core import UsageError

__all__ = ["by_tier"]


def by_tier(table: pd.DataFrame, trait: pd.Series[float], edges: Sequence[float]) -> pd.DataFrame:
    """Mean score of every arm within tiers of a trait of the data sets.

    Args:
        table: data sets × arms.
        trait: a number a data set, such as its imbalance ratio, by name.
        edges: where one tier ends and the next begins, ascending.

    Returns:
        Tiers × (arms, and "data sets", how many there are); tiers without data sets are left out.

    >>> table = pd.DataFrame({"a": [0.9, 0.6, 0.4]}, index=["x", "y", "z"])
    >>> by_tier(table, pd.Series({"x": 2, "y": 20, "z": 40}), [10]).to_dict("index")
    {'up to 10': {'a': 0.9, 'data sets': 1}, 'over 10': {'a': 0.5, 'data sets': 2}}
    """
    missing = [name for name in table.index if name not in trait.index]
    if missing:
        raise UsageError(f"the trait has no value for {missing[0]!r}; give one for every data set")
    names = [
        f"up to {edges[0]:g}",
        *(f"{low:g} to {high:g}" for low, high in pairwise(edges)),
        f"over {edges[-1]:g}",
    ]
    place = np.searchsorted(np.asarray(edges, dtype=float), trait.loc[table.index].to_numpy(dtype=float))
    grouped = table.groupby(place)
    found = grouped.mean().assign(**{"data sets": grouped.size()})
    found.index = pd.Index([names[i] for i in found.index])
    return found
