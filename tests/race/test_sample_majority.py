"""A race on all rare rows and a part of the common ones gives the probabilities of the whole table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from steelyard.core import LeakError, UsageError
from steelyard.race import run
from steelyard.resample import SMOTE, resample_out_of_core

QUICK = {
    "learners": ("logistic",),
    "remedies": ("RandomUnderSampler",),
    "folds": 3,
    "repeats": 1,
    "max_fits": 12,
}


def world(n, seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    p = expit(X @ [1.2, -0.8, 0.3] - 4.5)
    frame = pd.DataFrame(X, columns=list("abc")).assign(y=(rng.random(n) < p).astype(int))
    return frame.assign(size=rng.integers(1, 4, size=n)), p


def test_probabilities_are_those_of_the_whole_table(tmp_path):
    frame, _ = world(60_000, 0)
    frame.drop(columns="size").to_parquet(tmp_path / "t.parquet", index=False)
    answer = run(
        tmp_path / "t.parquet",
        target="y",
        sample_majority=0.05,
        progress=False,
        jobs=1,
        out=tmp_path / "run",
        **QUICK,
    )
    new, true = world(60_000, 1)
    p = answer.best_.predict_proba(new[list("abc")])[:, 1]
    # five per cent of the common rows were read; unweighted, the mean would be over ten times as large
    assert p.mean() == pytest.approx(true.mean(), rel=0.1)
    assert np.abs(np.log(p / true)).mean() < 0.35
    assert any("were drawn, each weighs" in line for line in answer.facts["log"])


def test_weights_of_the_user_multiply(tmp_path):
    from steelyard.race.request import as_sampled_source

    frame, _ = world(3000, 0)
    frame.to_parquet(tmp_path / "t.parquet", index=False)
    source = as_sampled_source(
        tmp_path / "t.parquet", 0.1, target="y", weight="size", columns=None, seed=0, listener=None
    )
    common = source.frame["y"] == 0
    ratio = (frame["y"] == 0).sum() / common.sum()
    np.testing.assert_allclose(
        source.frame["sampling_weight"], source.frame["size"] * np.where(common, ratio, 1)
    )
    assert (source.weight, source.drop) == ("sampling_weight", ("size",))


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"target": "y", "alerts": 10}, "alerts count rows"),
        ({}, "no target was named"),
        ({"target": "y", "sample_majority": 2.0}, "expected a share"),
    ],
)
def test_refusals(tmp_path, options, match):
    world(3000, 0)[0].to_parquet(tmp_path / "t.parquet", index=False)
    with pytest.raises(UsageError, match=match):
        run(tmp_path / "t.parquet", **{"sample_majority": 0.1, **QUICK, **options}, progress=False)


def test_resampled_rows_are_no_rows_to_judge_on(tmp_path):
    source = tmp_path / "t.parquet"
    world(3000, 0)[0].to_parquet(source, index=False)
    made = resample_out_of_core(
        SMOTE(random_state=0), source, tmp_path / "more.parquet", target="y", progress=False
    )
    for options in ({}, {"sample_majority": 0.5}):
        with pytest.raises(LeakError, match="resampled by SMOTE"):
            run(made.path, target="y", progress=False, **options, **QUICK)


def test_only_files_are_read_in_part():
    with pytest.raises(UsageError, match="only a file"):
        run(world(300, 0)[0], target="y", sample_majority=0.1, progress=False, **QUICK)
