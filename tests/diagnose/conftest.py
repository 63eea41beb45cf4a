"""Generated tables without and with defects."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest


def clean_table(n: int = 600, seed: int = 0, share: float = 0.15) -> pd.DataFrame:
    """Mixed columns, a real but imperfect signal, nothing wrong."""
    rng = np.random.default_rng(seed)
    y = rng.random(n) < share
    return pd.DataFrame(
        {
            "amount": np.round(rng.normal(size=n) + y, 3),
            "age": rng.integers(18, 80, n),
            "city": rng.choice(["Rome", "Oslo", "Lima", "Bern"], n),
            "score": rng.gamma(2.0, size=n) + 0.4 * y,
            "target": np.where(y, "bad", "good"),
        }
    )


@pytest.fixture(scope="session")
def clean() -> Callable[..., pd.DataFrame]:
    return clean_table
