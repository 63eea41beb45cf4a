"""The page of kept studies is what their files give."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from tools import study_results

from steelyard.recipes import p001_balancing_the_scales as balancing

STORES = sorted(study_results.STORES.glob("p*/results.parquet"))


def test_the_page_shows_what_the_files_hold() -> None:
    pytest.importorskip(
        "torch"
    )  # a card's claims are read without it, but some recipes need it to be imported
    assert study_results.PAGE.read_text(encoding="utf-8") == study_results.page(), (
        "run python -m tools.study_results"
    )


@pytest.mark.parametrize("path", STORES, ids=lambda path: path.parent.name)
def test_a_kept_file_is_small_and_whole(path: Path) -> None:
    assert path.stat().st_size < 1_000_000
    whole = pd.read_parquet(path)
    assert not whole["state"].isin(["failed", "timeout", "memory", "died"]).any()
    assert whole.loc[whole["state"] == "done", "value"].notna().mean() > 0.99


def test_recipe_001_is_kept_whole() -> None:
    parts = ["data", "arm", "learner", "seed", "split"]
    kept = pd.read_parquet(study_results.STORES / "p001" / "results.parquet")[parts]
    listed = [tuple(getattr(trial, name) for name in parts) for trial in balancing.build("full", 0)]
    assert len(listed) == 9_000
    assert set(kept.itertuples(index=False, name=None)) == set(listed)
