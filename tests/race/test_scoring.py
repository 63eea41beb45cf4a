"""`predict`: new rows of any size and kind, checked against the training table, written whole or not at all."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

import steelyard
from steelyard.cli.main import main
from steelyard.core import DataError, UsageError
from steelyard.race import Run, score_table
from steelyard.race.model import Evidence
from steelyard.race.storage import save_model
from steelyard.resample import RandomUnderSampler, make_pipeline
from worlds import logistic_world, three_classes

QUICK = {
    "learners": ("logistic",), "remedies": (), "folds": 3, "repeats": 1, "max_fits": 9, "jobs": 1, "progress": False,
}  # fmt: skip


def _rows(n: int, prevalence: float = 0.1, seed: int = 4) -> pd.DataFrame:
    made = logistic_world(n, prevalence=prevalence, seed=seed).frame
    rng = np.random.default_rng(seed)
    return made.assign(
        booked=pd.date_range("2024-01-01", periods=3000, freq="h")[rng.integers(0, 3000, n)].astype(str),
        amount=rng.lognormal(3, 1, n),
    )


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("predict")
    _rows(3000, seed=0).to_csv(folder / "train.csv", index=False)
    for name, goal in (
        ("f1", {"metric": "f1"}),
        ("costs", {"cost_fn": "amount", "cost_fp": 5}),
        ("top", {"alerts": 300}),
    ):
        steelyard.run(str(folder / "train.csv"), target="y", out=folder / name, **goal, **QUICK)
    steelyard.run(three_classes(), target="y", metric="balanced_accuracy", out=folder / "many", **QUICK)
    return folder


@pytest.fixture
def new(tmp_path) -> pd.DataFrame:
    return _rows(500).drop(columns="y")


def _file(frame: pd.DataFrame, folder: Path, name: str = "new.csv") -> str:
    if name.endswith("parquet"):
        frame.to_parquet(folder / name)
    else:
        frame.to_csv(folder / name, index=False)
    return str(folder / name)


def _scores(
    run: Path, table: str, folder: Path, *, name: str = "scores.csv", **options
) -> tuple[pd.DataFrame, dict]:
    told = score_table(Run.load(run), table, folder / name, **options)
    read = pd.read_csv if name.endswith("csv") else pd.read_parquet
    return read(folder / name), told


def test_a_row_a_probability_a_decision(place, new, tmp_path) -> None:
    scores, told = _scores(place / "f1", _file(new, tmp_path), tmp_path)
    assert list(scores.columns) == ["row", "probability", "decision"]
    assert scores.row.tolist() == list(range(500))
    model = Run.load(place / "f1").best_
    assert np.allclose(scores.probability, model.predict_proba(new)[:, 1])
    assert scores.decision.tolist() == model.predict(new).tolist()
    assert told["rows"] == 500
    assert told["decisions"] == scores.decision.astype(str).value_counts().to_dict()
    assert told["warnings"] == []


@pytest.mark.parametrize("given", ["new.csv", "new.csv.gz", "new.tsv", "new.parquet"])
@pytest.mark.parametrize("wanted", ["scores.csv", "scores.parquet"])
def test_formats_in_and_out_agree(given, wanted, place, new, tmp_path) -> None:
    if given == "new.tsv":
        new.to_csv(tmp_path / given, sep="\t", index=False)
    table = str(tmp_path / given) if given == "new.tsv" else _file(new, tmp_path, given)
    scores, _ = _scores(place / "f1", table, tmp_path, name=wanted)
    expected = Run.load(place / "f1").best_.predict_proba(new)[:, 1]
    assert np.allclose(scores.probability, expected, atol=1e-9)


@pytest.mark.parametrize("goal", ["f1", "costs", "top"])
@pytest.mark.parametrize("name", ["new.csv", "new.parquet"])
def test_chunks_change_nothing(goal, name, place, new, tmp_path) -> None:
    table = _file(new, tmp_path, name)
    whole, _ = _scores(place / goal, table, tmp_path)
    parts, told = _scores(place / goal, table, tmp_path, name="parts.csv", chunk_rows=37)
    pd.testing.assert_frame_equal(whole, parts)
    assert told["rows"] == len(new)


def test_alerts_flag_the_share_that_was_asked(place, new, tmp_path) -> None:
    scores, _ = _scores(place / "top", _file(new, tmp_path), tmp_path, chunk_rows=90)
    flagged = scores[scores.decision == 1]
    assert len(flagged) == 50  # 300 alerts in 3,000 rows
    assert flagged.probability.min() >= scores[scores.decision == 0].probability.max()


def test_costs_are_read_from_the_new_rows(place, new, tmp_path) -> None:
    scores, _ = _scores(place / "costs", _file(new, tmp_path), tmp_path)
    assert (
        scores.decision.tolist()
        == (scores.probability * new.amount > (1 - scores.probability) * 5).astype(int).tolist()
    )


def test_many_classes_have_a_column_each(place, tmp_path) -> None:
    frame = three_classes(seed=5).drop(columns="y")
    scores, told = _scores(place / "many", _file(frame, tmp_path), tmp_path)
    names = ["probability_common", "probability_rare", "probability_rarest"]
    assert list(scores.columns) == ["row", *names, "decision"]
    assert np.allclose(scores[names].sum(axis=1), 1)
    assert set(scores.decision) <= {"common", "rare", "rarest"}
    even, told = _scores(
        place / "many", str(tmp_path / "new.csv"), tmp_path, prevalence=[1 / 3, 1 / 3, 1 / 3]
    )
    assert even.probability_rarest.mean() > 2 * scores.probability_rarest.mean()
    assert told["prevalence"] == pytest.approx(dict.fromkeys(["common", "rare", "rarest"], 1 / 3))


def test_reject_marks_rows_whose_decision_is_doubtful(place, new, tmp_path) -> None:
    scores, _ = _scores(place / "f1", _file(new, tmp_path), tmp_path, reject=0.2)
    assert scores.reject.tolist() == (np.minimum(scores.probability, 1 - scores.probability) > 0.2).tolist()
    assert 0 < scores.reject.sum() < len(scores)


def test_a_prevalence_moves_probabilities_and_the_threshold(place, new, tmp_path) -> None:
    table = _file(new, tmp_path)
    before, _ = _scores(place / "f1", table, tmp_path)
    after, told = _scores(place / "f1", table, tmp_path, prevalence=0.001)
    natural = Run.load(place / "f1").best_.natural[1]
    odds = before.probability / (1 - before.probability) * (0.001 / 0.999) / (natural / (1 - natural))
    assert np.allclose(after.probability, odds / (1 + odds))
    assert told["prevalence"]["1"] == pytest.approx(0.001)
    assert after.decision.sum() <= before.decision.sum()


def test_em_finds_the_prevalence_of_the_new_rows(place, tmp_path) -> None:
    rows = _rows(6000, prevalence=0.4)
    table = _file(rows.drop(columns="y"), tmp_path)
    _, told = _scores(place / "f1", table, tmp_path)
    (warning,) = [one for one in told["warnings"] if "mean probability" in one]
    assert "--prevalence estimate" in warning  # the estimate is offered where it is needed
    scores, told = _scores(place / "f1", table, tmp_path, prevalence="estimate")
    assert told["estimated_prevalence"]["1"] == pytest.approx(rows.y.mean(), abs=0.06)
    assert scores.probability.mean() == pytest.approx(rows.y.mean(), abs=0.06)
    assert not [one for one in told["warnings"] if "--prevalence" in one]


def test_a_column_that_moved_is_named(place, new, tmp_path) -> None:
    _, told = _scores(place / "f1", _file(new.assign(noise=new.noise + 4), tmp_path), tmp_path)
    assert any("'noise' has moved" in one for one in told["warnings"])
    _, told = _scores(place / "f1", _file(new.assign(kind="zebra"), tmp_path), tmp_path)
    assert any("'kind'" in one and "100 % unseen" in one for one in told["warnings"])


def test_order_and_other_columns_do_not_matter(place, new, tmp_path) -> None:
    plain, _ = _scores(place / "f1", _file(new, tmp_path), tmp_path)
    odd = new.assign(comment="left alone")[["comment", *new.columns[::-1]]]
    again, _ = _scores(place / "f1", _file(odd, tmp_path), tmp_path)
    pd.testing.assert_frame_equal(plain, again)


def test_unseen_categories_and_missing_cells_are_scored(place, new, tmp_path) -> None:
    gaps = new.assign(kind=["zebra", *new.kind[1:]], x0=[np.nan, np.nan, *new.x0[2:]], booked=None)
    scores, _ = _scores(place / "f1", _file(gaps, tmp_path), tmp_path)
    assert scores.probability.between(0, 1).all()


BAD = {
    "a column is missing": (lambda f: f.drop(columns="x0"), r"no column 'x0'"),
    "several are missing": (lambda f: f.drop(columns=["x0", "kind"]), r"no columns 'x0', 'kind'"),
    "a column is renamed": (
        lambda f: f.rename(columns={"amount": "Amounts"}),
        r"'amount'; did you mean Amounts",
    ),
    "words for numbers": (lambda f: f.assign(x0="low"), r"'x0' holds 'low' in row 1, expected a number"),
    "a word far down": (lambda f: f.assign(x0=[*f.x0[:-1].astype(str), "low"]), r"'low' in row 500"),
    "words for dates": (
        lambda f: f.assign(booked="soon"),
        r"'booked' holds 'soon' in row 1, expected a date",
    ),
    "no rows": (lambda f: f.head(0), r"no rows"),
}


@pytest.mark.parametrize("case", BAD)
def test_tables_that_do_not_fit_are_refused_in_one_sentence(case, place, new, tmp_path) -> None:
    change, said = BAD[case]
    table = _file(change(new), tmp_path)
    with pytest.raises(DataError, match=said) as caught:
        score_table(Run.load(place / "f1"), table, tmp_path / "scores.csv", chunk_rows=100)
    assert "\n" not in str(caught.value)
    assert [one.name for one in tmp_path.iterdir()] == ["new.csv"]


def test_costs_per_row_need_their_column(place, new, tmp_path) -> None:
    with pytest.raises(DataError, match="'amount'"):
        score_table(
            Run.load(place / "costs"), _file(new.drop(columns="amount"), tmp_path), tmp_path / "scores.csv"
        )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["-o", "scores.xlsx"], "end in .csv or .parquet"),
        (["-o", "nowhere/scores.csv"], "does not exist"),
        (["--prevalence", "2"], "between 0 and 1"),
        (["--prevalence", "often"], "between 0 and 1"),
        (["--reject", "-1"], "cost of rejecting"),
        (["--chunk-rows", "0"], "at least one row"),
        (["--coverage", "1"], "between 0 and 1"),
    ],
)
def test_options_that_make_no_sense(options, said, place, new, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    table = _file(new, tmp_path)
    with pytest.raises(SystemExit) as stop:
        main(["predict", str(place / "f1"), table, *options, "-q"])
    shown = capsys.readouterr().err.strip()
    assert stop.value.code in (1, 2)
    assert shown.startswith("steelyard: ")
    assert said in shown
    assert "\n" not in shown
    assert [one.name for one in tmp_path.iterdir()] == ["new.csv"]


def test_the_command_line_prints_json_and_what_it_noticed(place, new, tmp_path, capsys) -> None:
    table, out = _file(new.assign(noise=new.noise + 4), tmp_path), str(tmp_path / "s.csv")
    with pytest.raises(SystemExit) as stop:
        main(["predict", str(place / "f1"), table, "-o", out, "--json"])
    told = json.loads(capsys.readouterr().out)
    assert (stop.value.code, told["rows"], told["output"]) == (0, 500, out)
    assert set(told) >= {"decisions", "mean_probability", "prevalence", "estimated_prevalence", "warnings"}
    with pytest.raises(SystemExit):
        main(["predict", str(place / "f1"), table, "-o", out, "-q"])
    shown = capsys.readouterr()
    assert shown.err.startswith("warning: column 'noise' has moved")
    assert shown.out.startswith("500 rows")
    with pytest.raises(SystemExit) as stop:
        main(["predict", str(tmp_path), table, "-o", out, "--json"])
    assert stop.value.code == 1
    assert "no finished run" in json.loads(capsys.readouterr().out)["error"]


def test_ctrl_c_leaves_no_half_file_and_the_old_scores(place, new, tmp_path) -> None:
    table = _file(pd.concat([new] * 200, ignore_index=True), tmp_path)
    (tmp_path / "scores.csv").write_text("of yesterday")
    command = ["-m", "steelyard", "predict", str(place / "f1"), table, "--chunk-rows", "50", "-q"]
    process = subprocess.Popen([sys.executable, *command], cwd=tmp_path, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and not list(tmp_path.glob(".scores.csv.*.tmp")):
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 1
    assert b"Traceback" not in said
    assert (tmp_path / "scores.csv").read_text() == "of yesterday"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["new.csv", "scores.csv"]


def test_wide_files_are_scored_by_the_columns_that_are_needed(place, new, tmp_path) -> None:
    wide = pd.concat(
        [new.head(5), pd.DataFrame(0, index=range(5), columns=[f"c{i}" for i in range(5_001)])], axis=1
    )
    scores, _ = _scores(place / "f1", _file(wide, tmp_path), tmp_path)
    assert len(scores) == 5


def test_a_run_on_a_frame_reads_files_as_the_frame_was(tmp_path) -> None:
    """Codes with leading zeros stay words, whatever the new file holds."""
    frame = logistic_world(1200, prevalence=0.2).frame
    frame["code"] = np.where(frame.x0 > 1, "007", "12")
    run = steelyard.run(frame, target="y", metric="f1", out=tmp_path / "run", **QUICK)
    assert run.schema["kinds"] == {"x0": "number", "noise": "number", "kind": "text", "code": "text"}
    rows = frame[frame.code == "12"].drop(columns="y").head(40)  # read on their own these would be numbers
    scores, _ = _scores(tmp_path / "run", _file(rows, tmp_path), tmp_path)
    assert np.allclose(scores.probability, run.best_.predict_proba(rows)[:, 1])


def test_prevalence_in_python_is_checked_too(place, new, tmp_path) -> None:
    with pytest.raises(DataError, match="does not fit 2 classes"):
        score_table(Run.load(place / "f1"), _file(new, tmp_path), tmp_path / "s.csv", prevalence=1.5)
    with pytest.raises(UsageError):
        score_table(Run.load(place / "f1"), _file(new, tmp_path), tmp_path / "s.txt")


@pytest.mark.parametrize("prevalence", [None, 0.3])
def test_sets_hold_the_true_class_in_every_class(prevalence, place, tmp_path) -> None:
    rows = _rows(6000, seed=11)
    table = _file(rows.drop(columns="y"), tmp_path)
    scores, told = _scores(place / "f1", table, tmp_path, coverage=0.9, prevalence=prevalence)
    named = scores["set"].fillna("").astype(str).str.split(" | ", regex=False)
    held = np.array([str(label) in names for label, names in zip(rows.y, named, strict=True)])
    for label, share in held_shares(rows.y, held).items():
        assert share > 0.9 - 3 * np.sqrt(0.09 / (rows.y == label).sum()) - 0.03, (label, share)
        assert share < 0.97, (label, share)
    sizes = named.map(lambda names: min(len([name for name in names if name]), 2)).value_counts()
    assert told["sets"] == {name: int(sizes.get(k, 0)) for k, name in enumerate(("none", "one", "several"))}


def held_shares(y, held) -> dict:
    return {label: held[np.asarray(y == label)].mean() for label in np.unique(y)}


def test_sets_do_not_depend_on_the_prevalence(place, new, tmp_path) -> None:
    table = _file(new, tmp_path)
    plain, _ = _scores(place / "f1", table, tmp_path, coverage=0.8)
    moved, _ = _scores(place / "f1", table, tmp_path, coverage=0.8, prevalence=0.4)
    assert plain["set"].equals(moved["set"])


def test_sets_of_many_classes(place, tmp_path) -> None:
    rows = three_classes()
    scores, _ = _scores(
        place / "many", _file(rows.drop(columns="y"), tmp_path), tmp_path, coverage=0.95, name="s.parquet"
    )
    held = np.array([str(y) in names.split(" | ") for y, names in zip(rows.y, scores["set"], strict=True)])
    assert min(held_shares(rows.y, held).values()) > 0.85


def test_a_class_too_rare_to_be_ruled_out_is_named(place, new, tmp_path) -> None:
    table = _file(new.head(20), tmp_path)
    scores, told = _scores(place / "f1", table, tmp_path, coverage=0.9999)
    assert all("in every set" in line for line in told["warnings"])
    assert told["warnings"]
    assert scores["set"].astype(str).str.contains("1").all()


def test_a_model_without_held_out_scores_makes_no_sets(place, new, tmp_path) -> None:
    run = Run.load(place / "f1")
    run.best_.evidence = Evidence(np.zeros((0, 2)), np.zeros(0, dtype=np.int64), np.zeros(0))
    with pytest.raises(DataError, match="no out-of-fold scores"):
        score_table(run, _file(new, tmp_path), tmp_path / "scores.csv", coverage=0.9)
    assert not (tmp_path / "scores.csv").exists()


def test_repeated_folds_hold_every_row_once(place) -> None:
    evidence = Run.load(place / "f1").best_.evidence
    assert evidence.distinct.tolist() == np.bincount(evidence.y).tolist()
    frame = logistic_world(600, prevalence=0.2).frame
    twice = steelyard.run(frame, target="y", metric="f1", **{**QUICK, "repeats": 2, "max_fits": 40})
    evidence = twice.best_.evidence
    assert (evidence.distinct * 2).tolist() == np.bincount(evidence.y).tolist()
    assert evidence.distinct.sum() == twice.facts["data"]["train_rows"]


def test_types_from_elsewhere_are_named_and_can_be_trusted(place, new, tmp_path, capsys) -> None:
    shutil.copytree(place / "f1", tmp_path / "own")
    model = Run.load(place / "f1").best_
    (member,) = model.members
    X = model.encoders[member.encoding].transform(new)
    member.estimator = make_pipeline(RandomUnderSampler(random_state=0), LogisticRegression())
    member.estimator.fit(X, np.arange(len(X)) % 2)
    save_model(model, tmp_path / "own" / "model.skops")
    command = ["predict", str(tmp_path / "own"), _file(new, tmp_path), "-o", str(tmp_path / "s.csv"), "-q"]
    with pytest.raises(SystemExit) as stop:
        main(command)
    said = capsys.readouterr().err.strip()
    assert stop.value.code == 1
    assert "\n" not in said
    wanted = re.findall(r"--trusted (\S+)", said)
    assert any("RandomUnderSampler" in name for name in wanted)
    assert all(name in said.split("if you know")[0] for name in wanted)
    with pytest.raises(SystemExit) as stop:
        main([*command, *(part for name in wanted for part in ("--trusted", name))])
    assert stop.value.code == 0
    assert len(pd.read_csv(tmp_path / "s.csv")) == 500
