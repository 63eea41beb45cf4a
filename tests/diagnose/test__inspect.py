"""The whole list of findings: clean tables raise nothing, real leaks are named, it is fast and repeatable."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from sklearn import datasets

from steelyard.diagnose import Finding, inspect


def serious(findings: list[Finding]) -> list[str]:
    return [f"{finding.kind}: {finding.message}" for finding in findings if finding.level != "info"]


@pytest.mark.parametrize("seed", range(10))
def test_clean_generated_tables_raise_nothing(clean, seed):
    assert serious(inspect(clean(400, seed), target="target")) == []


@pytest.mark.parametrize("name", ["wine", "breast_cancer", "digits"])
def test_clean_real_tables_raise_nothing(name):
    frame = getattr(datasets, f"load_{name}")(as_frame=True).frame
    assert serious(inspect(frame, target="target")) == []


CLEAN_REAL = [
    ("tab_bank_marketing/bank.csv.gz", "deposit"),
    ("tab_churn/churn5000.csv.gz", None),
    ("tab_online_shoppers/online_shoppers.csv.gz", "Revenue"),
    ("tab_rt30/wilt.csv.gz", "target"),
    ("tab_rt30/abalone_binarized.csv.gz", "target"),
    ("tab_rt30/club_loan.csv.gz", "target"),
    ("tab_rt30/us_crime.csv.gz", "target"),
    ("tab_uci_arff/dermatology.csv.gz", "target"),
    ("tab_uci_arff/waveform5000.csv.gz", "target"),
    ("tab_uci_arff/heart_c.csv.gz", "target"),
    ("tab_uci_arff/kr_vs_kp.csv.gz", "target"),
]


@pytest.mark.parametrize(("path", "target"), CLEAN_REAL)
def test_more_clean_real_tables_raise_no_suspicion(real_data, path, target):
    frame = pd.read_csv(real_data / path)
    findings = inspect(frame, target=target or frame.columns[-1])
    assert [finding for finding in findings if finding.kind in ("leak", "strong", "identifier")] == []
    assert {finding.kind for finding in findings if finding.level == "warning"} <= {"duplicates", "conflicts"}


@pytest.mark.parametrize(
    ("path", "target", "leaking"),
    [
        ("tab_sba_case/sba_case.csv.gz", "Default", {"MIS_Status", "ChgOffDate", "ChgOffPrinGr", "daysterm"}),
        (
            "tab_compas/compas_two_years.csv.gz",
            "two_year_recid",
            {"is_recid", "r_charge_degree", "r_offense_date"},
        ),
        ("tab_pycaret_small/ctg.csv.gz", "NSP", {"CLASS"}),
    ],
)
def test_leaks_known_from_their_publications_are_named(real_data, path, target, leaking):
    findings = inspect(pd.read_csv(real_data / path), target=target)
    named = {name for finding in findings if finding.kind in ("leak", "strong") for name in finding.columns}
    assert leaking <= named


def test_suspects_come_first_and_every_finding_speaks(clean):
    frame = clean(500)
    frame["copy"] = frame["target"].map({"bad": "B", "good": "G"})
    frame["hole"] = frame["amount"].where(frame.index % 3 > 0)
    frame["row_id"] = np.arange(500)
    findings = inspect(frame, target="target")
    levels = [finding.level for finding in findings]
    assert levels == sorted(levels, key=["suspect", "warning", "info"].index)
    assert {name for finding in findings if finding.droppable for name in finding.columns} == {
        "copy",
        "row_id",
    }
    for finding in findings:
        assert finding.title
        assert any(sign.isdigit() for sign in finding.message) or finding.kind == "roles"
        assert finding.message.endswith(".")
        assert finding.advice.endswith(".")


def test_twice_the_same_and_polars_alike(clean):
    import polars as pl

    frame = clean(300)
    first = [finding.to_json() for finding in inspect(frame, target="target")]
    assert first == [finding.to_json() for finding in inspect(frame, target="target")]
    assert first == [finding.to_json() for finding in inspect(pl.from_pandas(frame), target="target")]


def test_a_hundred_thousand_rows_take_seconds():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(100_000, 25))).rename(columns=lambda j: f"x{j}")
    for j in range(5):
        frame[f"c{j}"] = rng.choice(list("abcdefgh"), 100_000)
    frame["y"] = rng.random(100_000) < 0.01
    start = time.process_time()
    inspect(frame, target="y")
    assert time.process_time() - start < 5
