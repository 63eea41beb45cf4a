"""Streamed resampling selects and makes the rows the samplers do in memory, and leaves nothing half-written."""

from __future__ import annotations

import json
from unittest import mock

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.base import clone

from steelyard.core import DataError, MissingExtra, NotForMe, UsageError
from steelyard.resample import (
    SMOTE,
    AllKNN,
    EditedNearestNeighbours,
    RandomOverSampler,
    RandomUnderSampler,
    TomekLinks,
    resample_out_of_core,
)
from steelyard.resample.streams import cleaning, growing, parquet_rows

SAMPLERS = {
    "under": RandomUnderSampler(random_state=0),
    "under with replacement": RandomUnderSampler(random_state=3, replacement=True),
    "over": RandomOverSampler(random_state=0),
    "smote": SMOTE(random_state=0, k_neighbors=3),
    "tomek": TomekLinks(),
    "tomek, both ends": TomekLinks(sampling_strategy="all"),
    "edited": EditedNearestNeighbours(),
    "edited, all classes": EditedNearestNeighbours(sampling_strategy="all", n_neighbors=1),
    "edited, by most": EditedNearestNeighbours(n_neighbors=5, kind_sel="mode", sampling_strategy="all"),
}


def world(n=3000, d=6, classes=2, seed=0, dtype="float64"):
    rng = np.random.default_rng(seed)
    share = {2: [0.9, 0.1], 3: [0.82, 0.13, 0.05]}[classes]
    y = rng.choice(classes, size=n, p=share)
    X = rng.normal(size=(n, d))
    X[:, 0] += 1.2 * (y == 1)
    X[:, 1] -= 1.2 * (y == 2)
    frame = pd.DataFrame(X.astype(dtype)).add_prefix("x")
    return frame.assign(y=np.array(["c", "a", "b"])[y])


@pytest.fixture(autouse=True)
def small_pieces():
    with (
        mock.patch.object(parquet_rows, "MOST_ROWS", 500),
        mock.patch.object(parquet_rows, "FEWEST_ROWS", 100),
        mock.patch.object(growing, "CHUNK", 300),
        mock.patch.object(cleaning, "OPEN_BYTES", 20_000),
    ):
        yield


def stored(frame, folder, name="in.parquet"):
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), folder / name, row_group_size=700)
    return folder / name


def same_rows(sampler, frame, out, features):
    """Compare what was written with the sampler in memory; returns both."""
    other = clone(sampler)
    rows, labels = other.fit_resample(frame[features], frame["y"])
    found = pq.read_table(out).to_pandas()
    kept = other.origin_ >= 0
    mine = found["origin"].to_numpy() >= 0
    np.testing.assert_array_equal(
        np.sort(found["sample_index"].to_numpy()[mine]), np.sort(other.sample_indices_[kept])
    )
    for name in frame.columns:
        expected = frame[name].to_numpy()[found["sample_index"].to_numpy()[mine]]
        np.testing.assert_array_equal(found[name].to_numpy()[mine], expected)
    assert len(found) == len(labels)
    assert found["y"].value_counts().to_dict() == labels.value_counts().to_dict()
    return found, other, rows


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("sampler", SAMPLERS.values(), ids=SAMPLERS)
def test_the_same_rows_as_in_memory(tmp_path, sampler, classes):
    frame = world(classes=classes)
    features = [name for name in frame if name != "y"]
    done = resample_out_of_core(
        clone(sampler), stored(frame, tmp_path), tmp_path / "out.parquet", target="y", progress=False
    )
    found, other, rows = same_rows(sampler, frame, done.path, features)
    assert (done.rows_in, done.rows_out) == (3000, len(found))
    assert done.before.labels == done.after.labels == tuple(sorted(frame["y"].unique()))
    np.testing.assert_array_equal(done.after.counts, other.prior_.counts)
    # weighted by what every row stands for, the classes are as common as before
    weighted = found.groupby("y")["sampling_weight"].sum()
    np.testing.assert_allclose(weighted[list(done.before.labels)], done.before.counts)
    if isinstance(sampler, SMOTE | RandomOverSampler):
        np.testing.assert_array_equal(found[features].to_numpy(), rows.to_numpy())
        np.testing.assert_array_equal(found["sample_index"], other.sample_indices_)
        np.testing.assert_array_equal(found["origin"], other.origin_)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("sampler", [TomekLinks(), EditedNearestNeighbours()], ids=["tomek", "edited"])
@pytest.mark.parametrize("name", ["satellite", "annthyroid", "musk"])
def test_the_same_rows_on_real_tables(tmp_path, real_data, sampler, name, dtype):
    table = np.load(real_data / "tab_adbench" / f"{name}.npz")
    frame = pd.DataFrame(table["X"][:4000].astype(dtype)).add_prefix("x").assign(y=table["y"][:4000])
    source = stored(frame, tmp_path)
    done = resample_out_of_core(sampler, source, tmp_path / "out.parquet", target="y", progress=False)
    same_rows(sampler, frame, done.path, [name for name in frame if name != "y"])


def test_made_rows_carry_their_parents_weights_and_other_columns(tmp_path):
    rng = np.random.default_rng(1)
    frame = world().assign(
        w=rng.uniform(1, 3, size=3000),
        word=rng.choice(["u", "v", None], size=3000),
        count=rng.integers(0, 99, 3000),
    )
    features = [name for name in frame if name.startswith("x")] + ["count"]
    done = resample_out_of_core(
        SMOTE(random_state=0),
        stored(frame, tmp_path),
        tmp_path / "out.parquet",
        target="y",
        features=features,
        weight="w",
        progress=False,
    )
    found, other = same_rows_of_smote(frame, done, features)
    made = found["origin"].to_numpy() < 0
    share = found["share"].to_numpy()[made]
    weight = frame["w"].to_numpy()
    start, end = (found[name].to_numpy()[made].astype(int) for name in ("sample_index", "second_parent"))
    expected = (1 - share) * weight[start] + share * weight[end]
    np.testing.assert_allclose(found["w"].to_numpy()[made], expected)
    np.testing.assert_allclose(expected, other.sample_weight_[other.origin_ < 0])
    ratio = done.before.counts / done.after.counts
    stands_for = dict(zip(done.before.labels, ratio, strict=True))
    np.testing.assert_allclose(found["sampling_weight"], found["w"] * found["y"].map(stands_for))
    assert found["word"].to_numpy()[made].tolist() == frame["word"].to_numpy()[start].tolist()
    assert found["count"].dtype == frame["count"].dtype


def same_rows_of_smote(frame, done, features):
    other = SMOTE(random_state=0)
    rows, _ = other.fit_resample(frame[features], frame["y"], sample_weight=frame["w"])
    found = pq.read_table(done.path).to_pandas()
    np.testing.assert_array_equal(found[features].to_numpy(), rows[features].to_numpy())
    return found, other


def test_a_folder_of_files_is_one_table(tmp_path):
    frame = world()
    folder = tmp_path / "parts"
    folder.mkdir()
    for i in range(4):
        stored(frame.iloc[i * 750 : (i + 1) * 750], folder, f"part-{i}.parquet")
    done = resample_out_of_core(TomekLinks(), folder, tmp_path / "out.parquet", target="y", progress=False)
    same_rows(TomekLinks(), frame, done.path, [name for name in frame if name != "y"])


def test_equal_rows_of_two_classes_are_each_others_nearest(tmp_path):
    frame = world(n=600)
    frame.iloc[599, :-1] = frame.iloc[3, :-1].to_numpy()
    frame.loc[[3, 599], "y"] = ["c", "a"]
    source = stored(frame, tmp_path)
    done = resample_out_of_core(TomekLinks(), source, tmp_path / "out.parquet", target="y", progress=False)
    assert 3 not in pq.read_table(done.path)["sample_index"].to_pylist()


def test_a_class_that_loses_all_its_rows_is_named(tmp_path):
    frame = world(n=600)
    sampler = EditedNearestNeighbours(sampling_strategy="all", n_neighbors=9)
    done = resample_out_of_core(
        sampler, stored(frame, tmp_path), tmp_path / "out.parquet", target="y", progress=False
    )
    assert done.after.counts[0] == 0
    assert "class 'a' lost all its 65 rows" in done.notices[0]


def test_the_file_says_how_it_was_made(tmp_path):
    source = stored(world(), tmp_path)
    done = resample_out_of_core(
        RandomUnderSampler(random_state=7), source, tmp_path / "out.parquet", target="y", progress=False
    )
    facts = json.loads(pq.read_schema(done.path).metadata[b"steelyard"])
    assert facts["sampler"] == "RandomUnderSampler"
    assert facts["parameters"]["random_state"] == 7
    assert facts["before"] == dict(zip(done.before.labels, done.before.counts, strict=True))
    assert facts["after"] == dict(zip(done.after.labels, done.after.counts, strict=True))


def test_progress_comes_with_time_left(tmp_path):
    events = []
    source = stored(world(), tmp_path)
    resample_out_of_core(TomekLinks(), source, tmp_path / "out.parquet", target="y", progress=events.append)
    stages = list(dict.fromkeys(event.stage for event in events))
    assert stages[0] == "Counting the classes"
    assert stages[-1] == "Writing the rows that stay"
    last = [event for event in events if event.stage == stages[-1]]
    assert (last[-1].done, last[-1].total, last[-1].seconds_left) == (6, 6, 0)
    assert last[1].seconds_left > 0


@pytest.mark.parametrize(
    "stage", ["Counting the classes", "Nearest rows of the partners", "Writing the rows"]
)
def test_stopping_leaves_nothing_behind(tmp_path, stage):
    source = stored(world(), tmp_path)

    def stop(event):
        if event.stage.startswith(stage) and event.done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        resample_out_of_core(TomekLinks(), source, tmp_path / "out.parquet", target="y", progress=stop)
    assert [path.name for path in tmp_path.iterdir()] == ["in.parquet"]


def test_an_existing_file_is_only_replaced_when_asked(tmp_path):
    source = stored(world(), tmp_path)
    out = tmp_path / "out.parquet"
    out.write_text("mine")
    with pytest.raises(UsageError, match="exists"):
        resample_out_of_core(TomekLinks(), source, out, target="y", progress=False)
    assert out.read_text() == "mine"
    resample_out_of_core(TomekLinks(), source, out, target="y", overwrite=True, progress=False)
    assert pq.read_metadata(out).num_rows < 3000


class TestRefusals:
    def refuse(self, tmp_path, error, match, frame=None, sampler=None, **options):
        source = stored(world(n=300) if frame is None else frame, tmp_path)
        options = {"target": "y", **options}
        with pytest.raises(error, match=match):
            resample_out_of_core(
                sampler or TomekLinks(), source, tmp_path / "out.parquet", progress=False, **options
            )
        assert not list(tmp_path.glob("*out*"))

    def test_samplers_that_need_all_rows(self, tmp_path):
        self.refuse(tmp_path, NotForMe, "AllKNN needs all rows", sampler=AllKNN())
        self.refuse(tmp_path, NotForMe, "shrinkage", sampler=RandomOverSampler(shrinkage=1.0))

    def test_columns(self, tmp_path):
        self.refuse(tmp_path, UsageError, "no column 'label'", target="label")
        self.refuse(tmp_path, UsageError, "no column 'w'", weight="w")
        frame = world(n=300)
        self.refuse(tmp_path, DataError, "rename it", frame=frame.assign(origin=1))
        self.refuse(tmp_path, DataError, "distances need numbers", frame=frame.assign(word="u"))
        self.refuse(tmp_path, DataError, "'x1' lacks values", frame=frame.assign(x1=np.nan))
        self.refuse(tmp_path, DataError, "lacks", frame=frame.assign(y=frame["y"].where(frame.index > 3)))
        self.refuse(tmp_path, DataError, "at least two", frame=frame.assign(y="a"))
        self.refuse(tmp_path, DataError, "'x1' holds missing or infinite", frame=frame.assign(x1=np.inf))

    def test_options(self, tmp_path):
        self.refuse(tmp_path, UsageError, "function of all labels", sampler=SMOTE(sampling_strategy=dict))
        self.refuse(tmp_path, UsageError, "k_neighbors", sampler=SMOTE(k_neighbors=0))
        self.refuse(tmp_path, UsageError, "n_neighbors", sampler=EditedNearestNeighbours(n_neighbors=0))

    def test_data(self, tmp_path):
        with pytest.raises(DataError, match="no file or folder"):
            resample_out_of_core(
                TomekLinks(), tmp_path / "no", tmp_path / "out.parquet", target="y", progress=False
            )
        (tmp_path / "cut.parquet").write_bytes(stored(world(n=300), tmp_path).read_bytes()[:500])
        with pytest.raises(DataError, match="not a whole Parquet file"):
            resample_out_of_core(
                TomekLinks(), tmp_path / "cut.parquet", tmp_path / "out.parquet", target="y", progress=False
            )
        with pytest.raises(UsageError, match="goes to the sampler itself"):
            resample_out_of_core(TomekLinks(), world(), tmp_path / "out.parquet", target="y", progress=False)


class TestElsewhere:
    @pytest.mark.parametrize("sampler", SAMPLERS.values(), ids=SAMPLERS)
    def test_dask(self, tmp_path, sampler):
        dask = pytest.importorskip(
            "dask.dataframe", reason="Dask is not installed; pip install 'steelyard[dask]'"
        )
        frame = world(n=1500)
        data = dask.from_pandas(frame, npartitions=5)
        self.check(tmp_path, sampler, frame, data)

    @pytest.mark.parametrize("name", ["under", "smote", "tomek", "edited"])
    @pytest.mark.filterwarnings("ignore::DeprecationWarning:ray")  # Ray warns about its own settings
    @pytest.mark.filterwarnings("ignore::ResourceWarning")
    def test_ray(self, tmp_path, name):
        ray = pytest.importorskip("ray", reason="Ray is not installed; pip install 'steelyard[ray]'")
        pytest.importorskip("ray.data")
        if not ray.is_initialized():
            ray.init(
                num_cpus=2, include_dashboard=False, object_store_memory=200_000_000, log_to_driver=False
            )
        frame = world(n=1500)
        parts = [frame.iloc[i * 300 : (i + 1) * 300].reset_index(drop=True) for i in range(5)]
        self.check(tmp_path, SAMPLERS[name], frame, ray.data.from_pandas(parts))

    def check(self, folder, sampler, frame, data):
        done = resample_out_of_core(clone(sampler), data, folder / "out.parquet", target="y", progress=False)
        features = [name for name in frame if name != "y"]
        found, _, rows = same_rows(sampler, frame, done.path, features)
        if isinstance(sampler, SMOTE | RandomOverSampler):
            np.testing.assert_array_equal(found[features].to_numpy(), rows.to_numpy())


def test_a_pass_holds_a_few_pieces_and_not_the_file(tmp_path):
    X = np.random.default_rng(0).normal(size=(60, 5000, 10))
    schema = pa.schema([(f"x{i}", pa.float64()) for i in range(10)])
    with pq.ParquetWriter(tmp_path / "t.parquet", schema, use_dictionary=False) as writer:
        for group in X:
            writer.write_table(pa.table([pa.array(column) for column in group.T], schema=schema))
    rows = parquet_rows.ParquetRows(tmp_path / "t.parquet")
    before = pa.total_allocated_bytes()
    most = max(rows.map(lambda number, piece: pa.total_allocated_bytes() - before, schema.names))
    assert most < X.nbytes / 6


def test_a_half_installed_ray_is_named(tmp_path):
    class Dataset:
        __module__ = "ray.data.dataset"

        def materialize(self):
            raise AssertionError

    with (
        mock.patch.dict("sys.modules", {"ray": None}),
        pytest.raises(MissingExtra, match=r"steelyard\[ray\]"),
    ):
        resample_out_of_core(TomekLinks(), Dataset(), tmp_path / "out.parquet", target="y", progress=False)
