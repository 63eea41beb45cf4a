"""The whole diagnosis: plain, repeatable, escaped, fast, and at home with every kind of table."""

from __future__ import annotations

import json
import time

import numpy as np
import pandas as pd
import pytest
from sklearn import datasets

from steelyard.diagnose import diagnose

TITLES = [
    "Counts",
    "Effective sample size",
    "Types of minority rows",
    "Class overlap",
    "Hardness",
    "Probable label errors",
]


def test_the_plain_form(clean):
    frame = clean(500).assign(when=np.arange(500))
    found = diagnose(frame, target="target", time="when")
    facts = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert [section["title"] for section in facts["sections"]] == [*TITLES, "Drift over time"]
    for section in facts["sections"]:
        assert set(section) == {"title", "text", "rows"}
        assert section["text"].endswith(".")
        assert all(set(row) == {"name", "value", "text"} for row in section["rows"])
        assert len({row["name"] for row in section["rows"]}) == len(section["rows"])
    share = float((frame["target"] == "bad").mean())
    levels = {row["metric"]: row["value"] for row in facts["no_skill"]}
    assert levels["average_precision"] == pytest.approx(share)
    assert levels["brier"] == pytest.approx(share * (1 - share))


def test_the_same_seed_gives_the_same_figures(clean):
    frame = clean(3_000)
    options = {"target": "target", "rows_limit": 600}
    first, second = diagnose(frame, seed=1, **options), diagnose(frame, seed=1, **options)
    assert first.to_json() == second.to_json()
    assert diagnose(frame, seed=2, **options).to_json() != first.to_json()


def test_the_panel_is_compact(clean):
    frame = clean(500).assign(when=np.arange(500), row_id=np.arange(500))
    lines = str(diagnose(frame, target="target", time="when")).splitlines()
    assert 15 <= len(lines) <= 27
    assert max(map(len, lines)) <= 110
    assert lines[0] == "Diagnosis of 'target'"
    assert any(line.startswith("!!") for line in lines)


def test_html_is_escaped():
    rng = np.random.default_rng(0)
    evil = "<script>alert(1)</script>"
    frame = pd.DataFrame({f"{evil} id": np.arange(200), "x & y": rng.normal(size=200)})
    frame[f"target {evil}"] = np.where(rng.random(200) < 0.2, f"{evil}", '"quoted" <b>')
    page = diagnose(frame, target=f"target {evil}")._repr_html_()
    assert "<script" not in page
    assert "<b>" not in page
    assert "&lt;script&gt;" in page
    assert page.count("<tr>") == page.count("</tr>") > 20


def test_many_classes_text_dates_and_holes():
    rng = np.random.default_rng(0)
    n = 900
    y = rng.choice(["a", "b", "c", "d"], n, p=[0.7, 0.2, 0.08, 0.02])
    words = {
        "a": "the parcel came late",
        "b": "the invoice was wrong",
        "c": "no reply at all",
        "d": "a broken thing",
    }
    frame = pd.DataFrame(
        {
            "note": [f"{words[label]} again {rng.integers(100)}" for label in y],
            "day": (pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, n), unit="D")),
            "kind": pd.Categorical(rng.choice(["p", "q"], n)),
            "flag": rng.random(n) < 0.5,
            "size": pd.Series(rng.normal(size=n)).mask(rng.random(n) < 0.4),
            "target": y,
        }
    )
    found = diagnose(frame, target="target")
    assert [section.title for section in found.sections] == TITLES
    assert found.separation == "separable"  # the note tells the class
    kinds = [row.name for row in found.section("Types of minority rows").rows]
    assert kinds[:4] == [
        "safe rows of 'd'",
        "borderline rows of 'd'",
        "rare rows of 'd'",
        "outlier rows of 'd'",
    ]
    shares = np.array([row.value for row in found.section("Types of minority rows").rows]).reshape(-1, 4)
    assert shares.sum(axis=1) == pytest.approx(np.ones(len(shares)))


def test_known_data_look_as_known():
    iris = datasets.load_iris(as_frame=True).frame
    figure = {row.name: row.value for row in diagnose(iris, target="target").section("Class overlap").rows}
    assert figure["F1"] < 0.1
    assert figure["N3"] < 0.1
    assert figure["N1 of 0"] == pytest.approx(1 / 50)  # one edge of the tree must leave it
    assert figure["N1 of 1"] > 0.05


def test_thinned_and_whole_tables_agree():
    rng = np.random.default_rng(0)
    y = rng.random(12_000) < 0.05
    frame = pd.DataFrame(rng.normal(size=(12_000, 4)) + 1.5 * y[:, None]).rename(columns=str).assign(target=y)
    whole, thinned = (diagnose(frame, target="target", rows_limit=limit) for limit in (20_000, 2_000))
    for title, name, tolerance in [
        ("Class overlap", "N3", 0.02),
        ("Class overlap", "N3 of True", 0.04),
        ("Types of minority rows", "safe rows of True", 0.04),
        ("Types of minority rows", "outlier rows of True", 0.04),
        ("Hardness", "cross-fitted AUC", 0.02),
        ("Hardness", "kDN of True", 0.03),
    ]:
        first, second = (
            {row.name: row.value for row in found.section(title).rows}[name] for found in (whole, thinned)
        )
        assert second == pytest.approx(first, abs=tolerance), name


def test_a_weight_of_zero_is_no_row():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": rng.normal(size=400), "target": np.arange(400) % 4 == 0, "w": 1.0})
    frame.loc[frame["target"] & (frame.index < 200), "w"] = 0
    levels = diagnose(frame, target="target", weight="w").no_skill
    assert levels["average_precision"] == pytest.approx(50 / 350)


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"x": range(8), "target": [0, 0, 0, 0, 0, 0, 0, 1]}),
        pd.DataFrame({"x": [1] * 40, "target": [0, 1] * 20}),
        pd.DataFrame({"x": np.arange(40), "target": [0, 1] * 20}),
        pd.DataFrame({"x": [None] * 40, "z": ["a"] * 40, "target": [0, 1] * 20}),
        pd.DataFrame({"x": [0, 1], "target": [0, 1]}),
        pd.DataFrame({"x": [0.5, 0.7] * 30, "target": list("abc") * 20}),
    ],
    ids=["one positive", "constant", "counter only", "nothing at all", "two rows", "two values"],
)
def test_odd_tables_are_survived(frame):
    found = diagnose(frame, target="target")
    json.dumps(found.to_json(), allow_nan=False)
    assert str(found)
    assert found.sections[0].title == "Counts"


def test_one_group_or_pure_groups_are_survived():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"x": rng.normal(size=200), "target": np.arange(200) < 40, "one": 1, "two": np.arange(200) < 40}
    )
    for group in ("one", "two"):
        assert diagnose(frame, target="target", group=group).verdict


def test_ten_thousand_rows_take_seconds():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(10_000, 20))).rename(columns=str)
    frame["target"] = frame["0"] + rng.normal(size=10_000) > 2
    start = time.process_time()
    diagnose(frame, target="target")
    assert time.process_time() - start < 10


def test_progress_is_told_step_by_step() -> None:
    told: list[tuple[int, int]] = []
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": rng.normal(size=300), "y": (rng.random(300) < 0.2).astype(int)})
    diagnose(frame, target="y", listener=lambda event: told.append((event.done, event.total)))
    assert told == [(step, 4) for step in range(5)]
