"""All rare rows, an exact part of the common ones, and weights that leave the prior as it is."""

from __future__ import annotations

from unittest import mock

import numpy as np
import pandas as pd
import pytest

from steelyard.core import DataError, Prior, UsageError
from steelyard.data import _sample_majority as module
from steelyard.data import read_table, sample_majority


def world(n=5000, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.choice(["no", "yes", "maybe"], size=n, p=[0.9, 0.02, 0.08])
    word = rng.choice(["a", "b", None], size=n)
    return pd.DataFrame({"x": rng.normal(size=n), "word": word, "row": np.arange(n), "y": y})


@pytest.fixture(params=["parquet", "csv", "csv.gz", "feather"])
def stored(request, tmp_path):
    frame = world()
    path = tmp_path / f"t.{request.param}"
    if request.param == "parquet":
        frame.to_parquet(path, row_group_size=700, index=False)
    elif request.param == "feather":
        frame.to_feather(path)
    else:
        frame.to_csv(path, index=False)
    return path


def test_rare_rows_all_common_rows_by_an_exact_part(stored):
    whole = read_table(stored).frame
    table = sample_majority(stored, target="y", rate=0.1, seed=3)
    found = table.frame
    common = whole["y"] == "no"
    assert (found["y"] == "no").sum() == round(0.1 * common.sum())
    assert found.loc[found["y"] != "no", "row"].tolist() == whole.loc[~common, "row"].tolist()
    pd.testing.assert_frame_equal(found.drop(columns="sampling_weight"), whole.loc[found.index])
    before = Prior.of(whole["y"].to_numpy())
    after = Prior.of(found["y"].to_numpy(), sample_weight=found["sampling_weight"])
    np.testing.assert_allclose(after.counts, before.counts, rtol=1e-12)
    assert "were drawn, each weighs 10" in table.notes[-1]
    assert table.schema["sampling_weight"] == "number"
    assert table.digest == read_table(stored).digest


def test_the_rows_depend_on_the_seed_and_not_on_the_pieces(tmp_path):
    frame = world()
    for rows in (300, 4096):
        frame.to_parquet(tmp_path / f"{rows}.parquet", row_group_size=rows, index=False)
    one, other = (sample_majority(tmp_path / f"{n}.parquet", target="y", rate=0.2).frame for n in (300, 4096))
    pd.testing.assert_frame_equal(one, other)
    third = sample_majority(tmp_path / "300.parquet", target="y", rate=0.2, seed=1).frame
    assert third["row"].tolist() != one["row"].tolist()


def test_every_row_is_as_likely_as_any_other():
    """Counts over many draws, chunked and not, against the binomial they follow."""
    with mock.patch.object(module, "CHUNK", 7):
        hits = sum(module._drawn(40, 10, seed).astype(int) for seed in range(2000))
    assert (np.abs(hits - 500) < 5 * np.sqrt(2000 * 0.25 * 0.75)).all()
    assert all(module._drawn(40, 10, seed).sum() == 10 for seed in range(20))


def test_columns_schema_and_missing_targets(tmp_path):
    frame = world()
    frame.loc[:9, "y"] = None
    frame.to_parquet(tmp_path / "t.parquet", index=False)
    table = sample_majority(
        tmp_path / "t.parquet", target="y", rate=0.01, columns=["row"], schema={"row": "text"}
    )
    assert list(table.frame.columns) == ["row", "y", "sampling_weight"]
    assert table.frame["row"].tolist()[:10] == [str(i) for i in range(10)]
    assert table.frame["y"].isna().sum() == 10


def test_progress(tmp_path):
    world().to_parquet(tmp_path / "t.parquet", row_group_size=500, index=False)
    events = []
    sample_majority(tmp_path / "t.parquet", target="y", rate=0.01, listener=events.append)
    assert [e.done for e in events if e.stage == "Reading the rows"][-1] == 5000
    assert events[-1].seconds_left == 0


def test_refusals(tmp_path):
    path = tmp_path / "t.parquet"
    world().to_parquet(path, index=False)
    for rate in (0, 1.5, -1, True):
        with pytest.raises(UsageError, match="rate"):
            sample_majority(path, target="y", rate=rate)
    with pytest.raises(UsageError, match="no column 'z'"):
        sample_majority(path, target="z", rate=0.1)
    world().assign(sampling_weight=1).to_parquet(path, index=False)
    with pytest.raises(DataError, match="rename it"):
        sample_majority(path, target="y", rate=0.1)
    world().assign(y="no").to_parquet(path, index=False)
    with pytest.raises(DataError, match="1 class"):
        sample_majority(path, target="y", rate=0.1)
