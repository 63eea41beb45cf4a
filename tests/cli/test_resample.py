"""`steelyard resample`: what it writes and prints, and how it refuses."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from steelyard.cli.main import main
from steelyard.resample import SMOTE, EditedNearestNeighbours, RandomUnderSampler, TomekLinks


@pytest.fixture
def source(tmp_path):
    rng = np.random.default_rng(0)
    y = (rng.random(800) < 0.1).astype(int)
    frame = pd.DataFrame(rng.normal(size=(800, 4)) + y[:, None]).add_prefix("x").assign(y=y)
    frame.to_parquet(tmp_path / "in.parquet", index=False)
    return tmp_path / "in.parquet"


def call(*words, code=0):
    with pytest.raises(SystemExit) as stop:
        main(["resample", *map(str, words)])
    assert stop.value.code == code


@pytest.mark.parametrize(
    ("words", "sampler"),
    [
        (["under", "--strategy", "0.5"], RandomUnderSampler(random_state=0, sampling_strategy=0.5)),
        (["under", "--strategy", "0=100"], RandomUnderSampler(random_state=0, sampling_strategy={0: 100})),
        (["smote", "--neighbors", "3"], SMOTE(random_state=0, k_neighbors=3)),
        (["tomek", "--strategy", "all"], TomekLinks(sampling_strategy="all")),
        (
            ["enn", "--neighbors", "5", "--by", "mode"],
            EditedNearestNeighbours(n_neighbors=5, kind_sel="mode"),
        ),
    ],
)
def test_every_method(source, tmp_path, capsys, words, sampler):
    out = tmp_path / "out.parquet"
    call(source, "--target", "y", "--method", *words, "-o", out)
    frame = pd.read_parquet(source)
    rows, _ = sampler.fit_resample(frame.drop(columns="y"), frame["y"])
    written = pq.read_table(out)
    assert sorted(written["sample_index"].to_pylist()) == sorted(sampler.sample_indices_.tolist())
    said = capsys.readouterr().out
    assert f"{len(frame):,}" not in said.splitlines()[0]
    assert "rows in" in said
    assert said.splitlines()[-1] == str(out)
    assert len(rows) == written.num_rows


def test_json_and_fresh(source, tmp_path, capsys):
    out = tmp_path / "out.parquet"
    words = (source, "--target", "y", "--method", "over", "-o", out, "--json")
    call(*words)
    said = json.loads(capsys.readouterr().out)
    assert said["after"]["0"] == said["after"]["1"] == said["before"]["0"]
    call(*words, code=2)
    assert "exists" in json.loads(capsys.readouterr().out)["error"]
    call(*words, "--fresh")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--target", "z", "--method", "tomek"], "no column 'z'"),
        (["--target", "y", "--method", "tomek", "--neighbors", "3"], "looks at none"),
        (["--target", "y", "--method", "smote", "--by", "mode"], "only enn"),
        (["--target", "y", "--method", "under", "--strategy", "0=many"], "CLASS=ROWS"),
        (["--target", "y", "--method", "under", "--strategy", "most"], "'most' is unknown"),
        (["--target", "y", "--method", "magic"], "magic"),
    ],
)
def test_nonsense_is_one_sentence(source, tmp_path, capsys, words, said):
    call(source, *words, "-o", tmp_path / "out.parquet", code=2)
    error = capsys.readouterr().err
    assert said in error
    assert sum(line.startswith("steelyard:") for line in error.splitlines()) == 1
    assert "Traceback" not in error
    assert not (tmp_path / "out.parquet").exists()
