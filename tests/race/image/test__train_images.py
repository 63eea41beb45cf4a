"""From pictures to a run folder, and what interruptions leave of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("safetensors")

from race.image.pictures import stripes, write  # noqa: E402 - only with torch
from steelyard.core import UsageError  # noqa: E402 - only with torch
from steelyard.data import ImageSet  # noqa: E402 - only with torch
from steelyard.metrics import balanced_accuracy  # noqa: E402 - only with torch
from steelyard.race.image import ImageRun, score_images, train_images  # noqa: E402 - only with torch

SHARES = ["probability_rows", "probability_columns", "probability_plain"]
QUICK = {"epochs": 3, "progress": False, "device": "cpu", "batch_size": 32}
FILES = {
    "model.json", "model.safetensors", "plan.json", "report.html", "report.json", "results.parquet", "run.log",
}  # fmt: skip


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run") / "run"
    train_images(stripes(), out=out, seeds=2, **QUICK)
    return out


def test_a_run_leaves_everything_and_nothing_else(finished: Path) -> None:
    assert {file.name for file in finished.iterdir()} == FILES
    assert [one.name for one in finished.parent.iterdir()] == ["run"]
    run = ImageRun.load(finished)
    facts = run.facts
    assert [row["arm"] for row in run.results_.to_dict("records") if row["chosen"]] == [
        facts["chosen"]["arm"]
    ]
    assert {row["remedy"] for row in facts["race"]["rows"]} == {
        "doing nothing", "retrained classifier", "balanced softmax", "deferred re-weighting",
    }  # fmt: skip
    assert all(row["folds"] == 2 for row in facts["race"]["rows"])
    assert facts["test"]["rows"] == 23
    assert sum(facts["data"]["counts"]["test"].values()) == 23
    assert "Each arm was trained once" not in " ".join(run.verdict_)
    assert json.loads((finished / "model.json").read_text())["kind"] == "image"
    assert facts["versions"]["torch"].split("+")[0] == torch.__version__.split("+")[0]


def test_reported_figures_are_those_of_the_delivered_model(finished: Path) -> None:
    """The final test is judged again from the stored model alone."""
    run, images = ImageRun.load(finished), stripes()
    from steelyard.tasks.image import picture_codes, split_images

    rows = split_images(images, picture_codes(images)).test
    test = images.take(rows)
    model = run.best_
    p = model.predict_proba(test)
    decided = model.decide(p)
    assert list(model.labels) == list(images.labels)
    value = balanced_accuracy(test.y, decided)
    assert run.facts["test"]["metrics"]["balanced_accuracy"]["value"] == pytest.approx(value)
    matrix = np.zeros((3, 3))
    np.add.at(matrix, (test.y, decided), 1)
    assert run.facts["test"]["confusion"]["matrix"] == matrix.tolist()
    wrong = [m["name"] for m in run.facts["mistakes"]]
    assert all(
        decided[list(rows).index(int(name.split()[-1]))] != images.y[int(name.split()[-1])] for name in wrong
    )
    frequency = run.facts["frequency"]["chosen"]
    assert frequency["recall"] == pytest.approx([(decided[test.y == k] == k).mean() for k in range(3)])


def test_the_same_settings_give_the_same_answer_and_are_not_run_twice(finished: Path, tmp_path: Path) -> None:
    began = time.monotonic()
    again = train_images(stripes(), out=finished, seeds=2, **QUICK)
    assert time.monotonic() - began < 2
    assert again.facts == ImageRun.load(finished).facts
    other = train_images(stripes(), out=tmp_path / "other", seeds=2, **QUICK)
    for name in ("race", "test", "frequency", "mistakes", "inside", "verdict", "class_calibration"):
        one, two = (_without_time(facts[name]) for facts in (other.facts, again.facts))
        assert one == two, name
    assert (tmp_path / "other" / "model.safetensors").read_bytes() == (
        finished / "model.safetensors"
    ).read_bytes()
    with pytest.raises(UsageError, match="already holds something else"):
        train_images(stripes(), out=finished, seeds=1, **QUICK)


def _without_time(facts):
    if isinstance(facts, dict):
        return {name: _without_time(value) for name, value in facts.items() if name != "seconds"}
    return [_without_time(one) for one in facts] if isinstance(facts, list) else facts


def test_new_pictures_are_decided_and_written(finished: Path, tmp_path: Path) -> None:
    pytest.importorskip("PIL", reason="Pillow is not installed")
    fresh = stripes(seed=9)
    folder = write(fresh, tmp_path / "new")
    (folder / "rows" / "bad.png").write_bytes(b"x")
    run = ImageRun.load(finished)
    summary = score_images(run, folder, tmp_path / "said.csv")
    frame = pd.read_csv(tmp_path / "said.csv")
    assert len(frame) == summary["rows"] == 115
    assert frame.columns.tolist() == ["picture", *SHARES, "decision"]
    assert frame[SHARES].sum(axis=1).to_numpy() == pytest.approx(1)
    place = {name: i for i, name in enumerate(f"{fresh.labels[k]}/{i:03}.png" for i, k in enumerate(fresh.y))}
    order = [place[name] for name in frame["picture"]]
    assert frame["decision"].tolist() == run.best_.predict(fresh)[order].tolist()
    assert "1 pictures could not be read" in summary["warnings"][0]
    score_images(run, folder, tmp_path / "said.parquet")
    assert len(pd.read_parquet(tmp_path / "said.parquet")) == 115
    with pytest.raises(UsageError, match=r"must end in \.csv"):
        score_images(run, folder, tmp_path / "said.txt")


def test_an_interrupted_run_goes_on_to_the_same_answer(finished: Path, tmp_path: Path) -> None:
    """Stopped in the midst of the third training, as Ctrl-C or a full disk would."""
    out = tmp_path / "run"

    def stop(event) -> None:
        if (
            event.stage == "Training"
            and event.note.startswith("balanced softmax, seed 1")
            and "epoch 2" in event.note
        ):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_images(stripes(), out=out, seeds=2, **(QUICK | {"progress": stop}))
    assert not out.exists()
    kept = {file.name for file in (tmp_path / "run.partial" / "fits").iterdir()}
    assert {"nothing-0.safetensors", "retrained-head-0.safetensors", "balanced-softmax-0"} <= kept
    notes: list[str] = []
    train_images(
        stripes(), out=out, seeds=2, **(QUICK | {"progress": lambda event: notes.append(event.note)})
    )
    assert not any(note.startswith("doing nothing, seed 1") for note in notes)
    assert (out / "model.safetensors").read_bytes() == (finished / "model.safetensors").read_bytes()
    assert not (tmp_path / "run.partial").exists()


def test_nothing_is_left_of_a_run_that_did_not_begin(tmp_path: Path) -> None:
    def stop(event) -> None:
        if event.stage == "Training":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_images(stripes(), out=tmp_path / "run", **(QUICK | {"progress": stop}))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.small
def test_a_killed_process_goes_on(tmp_path: Path) -> None:
    """kill -9 in the midst; the repeated command finishes and gives what an undisturbed one gives."""
    code = f"""
import sys; sys.path[:0] = {sys.path!r}
from race.image.pictures import stripes
from steelyard.race.image import train_images
train_images(stripes(), out={str(tmp_path / "run")!r}, epochs=40, remedies=["none"], progress=False, device="cpu")
"""
    state = tmp_path / "run.partial" / "fits" / "nothing-0" / "state.safetensors"
    process = subprocess.Popen([sys.executable, "-c", code])
    until = time.monotonic() + 120
    while not state.exists() and time.monotonic() < until and process.poll() is None:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "run").exists()
    subprocess.run([sys.executable, "-c", code], check=True)
    straight = train_images(
        stripes(), out=tmp_path / "straight", epochs=40, remedies=["none"], progress=False, device="cpu"
    )
    assert (tmp_path / "run" / "model.safetensors").read_bytes() == (
        tmp_path / "straight" / "model.safetensors"
    ).read_bytes()
    assert straight.facts["race"]["epochs"] == 40


def test_a_budget_that_is_used_up_says_so(tmp_path: Path) -> None:
    run = train_images(stripes(), out=tmp_path / "run", budget=1e-4, progress=False, device="cpu")
    assert run.facts["race"]["epochs"] == 3
    assert "the budget leaves 3 epochs" in " ".join(run.verdict_).lower()
    reasons = [row["reason"] for row in run.facts["race"]["rows"] if row["status"] == "declined"]
    assert all("was used up" in reason for reason in reasons)
    assert {row["remedy"] for row in run.facts["race"]["rows"] if row.get("remedy")} >= {"doing nothing"}


def test_an_arm_that_breaks_down_is_declined_with_its_reason(monkeypatch) -> None:
    from steelyard.core import DataError
    from steelyard.tasks.image import NOTHING, ImageArm

    bad = ImageArm(
        "bad", "bad", 2.0, lambda *_: lambda scores, _target: scores.sum() * float("nan"), NOTHING.trained
    )
    monkeypatch.setattr("steelyard.race.image._train_images.chosen_arms", lambda _: (NOTHING, bad))
    run = train_images(stripes(), **QUICK)
    (row,) = [row for row in run.facts["race"]["rows"] if row["arm"] == "bad"]
    assert row["status"] == "declined"
    assert "became nan" in row["reason"]
    assert run.facts["failures"][0]["arm"] == "bad"
    broken = ImageArm("nothing", "doing nothing", 0.0, bad.loss, NOTHING.trained)
    monkeypatch.setattr("steelyard.race.image._train_images.chosen_arms", lambda _: (broken,))
    with pytest.raises(DataError, match="became nan"):
        train_images(stripes(), **QUICK)


def test_two_classes_with_probabilities_as_the_goal(tmp_path: Path) -> None:
    run = train_images(stripes((60, 30)), metric="average_precision", remedies=["FocalLoss"], **QUICK)
    assert run.facts["positive"] == "columns"
    assert run.facts["test"]["binary"] is not None
    assert run.folder is None
    assert run.best_.predict_proba(stripes((60, 30))).shape == (90, 2)
    tuned = [row for row in run.facts["race"]["rows"] if row["finish"] == "tuned"]
    assert all(row["prior_after"] == pytest.approx(1, abs=0.3) for row in tuned)


def test_training_pictures_of_noise_need_no_remedy() -> None:
    rng = np.random.default_rng(0)
    images = ImageSet.of(rng.integers(0, 256, (150, 8, 8), dtype=np.uint8), np.tile(["a", "b", "c"], 50))
    run = train_images(images, remedies=["balanced-softmax"], **QUICK)
    assert run.facts["chosen"]["arm"] == "doing nothing"
    assert run.verdict_[1].startswith("No remedy needed")
