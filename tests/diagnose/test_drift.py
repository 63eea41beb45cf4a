"""Drift between time parts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from steelyard.diagnose import diagnose


def table(*, columns: bool, prevalence: bool, n: int = 3_000) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    when = np.arange(n)
    share = np.where(when > 0.8 * n, 0.3, 0.1) if prevalence else np.full(n, 0.1)
    frame = pd.DataFrame({"when": when, "a": rng.normal(size=n), "b": rng.choice(list("xyz"), n)})
    if columns:
        frame["a"] += (when > 0.8 * n) * 1.5
    frame["target"] = rng.random(n) < share
    return frame.sample(frac=1, random_state=0).reset_index(drop=True)


def figures(frame: pd.DataFrame) -> tuple[str, dict[str, float]]:
    section = diagnose(frame, target="target", time="when").section("Drift over time")
    return section.text, {row.name: row.value for row in section.rows}


@pytest.mark.parametrize("columns", [False, True])
@pytest.mark.parametrize("prevalence", [False, True])
def test_each_kind_is_told_from_the_other(columns, prevalence):
    text, figure = figures(table(columns=columns, prevalence=prevalence))
    assert ("1 of 2 columns drift (PSI from 0.1): 'a'" in text) is columns
    assert ("runs from" in text) is prevalence
    assert (figure["PSI of 'a'"] > 0.25) is columns
    assert (figure["adversarial AUC"] > 0.7) is columns
    assert figure["adversarial AUC"] > 0.44
    assert (figure["share of True in time part 5"] > 0.2) is prevalence


def test_dates_written_as_text_order_rows_too():
    frame = table(columns=True, prevalence=False)
    numbers = figures(frame)[1]
    frame["when"] = (pd.Timestamp("2020-01-01") + pd.to_timedelta(frame["when"], unit="D")).astype(str)
    assert figures(frame)[1] == numbers


def test_no_time_no_section():
    frame = table(columns=True, prevalence=True).drop(columns="when")
    assert diagnose(frame, target="target").section("Drift over time") is None


def test_too_few_rows_or_times_no_section():
    frame = table(columns=False, prevalence=False, n=60)
    assert diagnose(frame, target="target", time="when").section("Drift over time") is None
    frame = table(columns=False, prevalence=False).assign(when=7)
    assert diagnose(frame, target="target", time="when").section("Drift over time") is None


def test_real_loans_drift(real_data):
    frame = pd.read_csv(real_data / "tab_sba_case" / "sba_case.csv.gz")
    keep = ["ApprovalDate", "Term", "NoEmp", "UrbanRural", "RevLineCr", "Default", "NewExist"]
    section = diagnose(frame[keep], target="Default", time="ApprovalDate").section("Drift over time")
    figure = {row.name: row.value for row in section.rows}
    assert figure["share of 1 in time part 1"] < 0.1 < 0.4 < figure["share of 1 in time part 5"]
    assert figure["adversarial AUC"] > 0.7
