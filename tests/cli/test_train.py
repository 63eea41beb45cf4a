"""`steelyard train`, and `predict` and `report` on what it leaves; bad input gets one sentence and leaves nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("torch")
pytest.importorskip("safetensors")
Image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")

from race.image.pictures import stripes, write  # noqa: E402 - only with torch
from steelyard.cli.main import main  # noqa: E402 - only with torch
from steelyard.data import image_sets  # noqa: E402 - only with torch
from steelyard.race.image import ImageRun  # noqa: E402 - only with torch


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as stop:
        main([*words])
    return int(stop.value.code or 0)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of paths with groups, trained on for a moment."""
    home = tmp_path_factory.mktemp("train")
    images = stripes()
    folder = write(images, home / "pictures")
    files = sorted(folder.rglob("*.png"))
    frame = pd.DataFrame({"file": [file.relative_to(home).as_posix() for file in files]})
    frame["kind"] = [file.parent.name for file in files]
    frame["who"] = np.arange(len(files)) // 2
    frame.to_csv(home / "table.csv", index=False)
    words = [
        "--target",
        "kind",
        "--group",
        "who",
        "--epochs",
        "2",
        "--remedy",
        "balanced-softmax",
        "--device",
        "cpu",
    ]
    assert run("train", str(home / "table.csv"), *words, "--quiet", "--out", str(home / "out")) == 0
    return home


def test_what_is_said_at_the_end(trained: Path, capsys) -> None:
    words = [
        "--target",
        "kind",
        "--group",
        "who",
        "--epochs",
        "2",
        "--remedy",
        "balanced-softmax",
        "--device",
        "cpu",
    ]
    assert run("train", str(trained / "table.csv"), *words, "--out", str(trained / "out")) == 0
    said = capsys.readouterr().out
    assert "The race, by balanced accuracy" in said
    assert "balanced softmax" in said
    assert f"report  {trained / 'out' / 'report.html'}" in said
    assert run("train", str(trained / "table.csv"), *words, "--out", str(trained / "out"), "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["kind"] == "image"
    assert answer["classes"] == ["columns", "plain", "rows"]
    assert Path(answer["files"]["model.safetensors"]).exists()


def test_predict_and_report_know_a_run_on_pictures(trained: Path, tmp_path: Path, capsys) -> None:
    out = trained / "out"
    page = (out / "report.html").read_text(encoding="utf-8")
    assert run("report", str(out), "-o", str(tmp_path / "again.html")) == 0
    assert (tmp_path / "again.html").read_text(encoding="utf-8") == page
    capsys.readouterr()
    target = str(tmp_path / "said.csv")
    assert run("predict", str(out), str(trained / "pictures"), "-o", target, "--quiet") == 0
    assert capsys.readouterr().out.startswith("115 pictures → ")
    assert len(pd.read_csv(target)) == 115
    assert run("predict", str(out), str(trained / "table.csv"), "-o", target, "--path", "file", "--json") == 0
    assert json.loads(capsys.readouterr().out)["rows"] == 115
    one = next((trained / "pictures").rglob("*.png"))
    assert run("predict", str(out), str(one), "-o", target, "--quiet") == 0
    assert len(pd.read_csv(target)) == 1
    for words in (["--prevalence", "0.1"], ["--reject", "0.2"]):
        assert run("predict", str(out), str(one), "-o", target, *words) == 2
        assert "for runs on tables" in capsys.readouterr().err
    assert run("predict", str(tmp_path), str(one), "-o", target) == 1


def test_sets_of_pictures_are_listed(capsys) -> None:
    assert run("data", "--images") == 0
    assert "digits" in capsys.readouterr().out
    assert run("data", "--images", "--all", "--json") == 0
    assert len(json.loads(capsys.readouterr().out)) == 5


def _folder(folder: Path) -> str:
    return str(write(stripes((12, 8, 6)), folder / "p"))


def _empty(folder: Path) -> str:
    (folder / "p").mkdir()
    return str(folder / "p")


def _flat(folder: Path) -> str:
    home = write(stripes((4, 4)), folder / "p") / "rows"
    return str(home)


def _one_class(folder: Path) -> str:
    home = Path(_folder(folder))
    for other in ("columns", "plain"):
        (home / other).rename(folder / other)
    return str(home)


def _two_rare(folder: Path) -> str:
    return str(write(stripes((20, 20, 2)), folder / "p"))


def _damaged(folder: Path) -> str:
    home = Path(_folder(folder))
    for file in home.rglob("*.png"):
        file.write_bytes(b"\x89PNG\r\n\x1a\n broken")
    return str(home)


def _no_pictures(folder: Path) -> str:
    for name in ("a", "b"):
        (folder / "p" / name).mkdir(parents=True)
        (folder / "p" / name / "notes.txt").write_text("x")
    return str(folder / "p")


def _table(**columns: object) -> Callable[[Path], str]:
    def make(folder: Path) -> str:
        write(stripes((12, 8)), folder / "p")
        files = [file.relative_to(folder).as_posix() for file in sorted((folder / "p").rglob("*.png"))]
        known = {"path": files, "y": [Path(one).parent.name for one in files]}
        frame = pd.DataFrame(known | {k: v(files) if callable(v) else v for k, v in columns.items()})
        frame.to_csv(folder / "t.csv", index=False)
        return str(folder / "t.csv")

    return make


def _archive(**arrays: object) -> Callable[[Path], str]:
    def make(folder: Path) -> str:
        np.savez(folder / "t.npz", **{k: np.asarray(v) for k, v in arrays.items()})
        return str(folder / "t.npz")

    return make


def _pickled(folder: Path) -> str:
    np.savez(folder / "t.npz", images=np.array([{}], dtype=object), labels=np.array([0]))
    return str(folder / "t.npz")


def _text(name: str, content: bytes = b"x") -> Callable[[Path], str]:
    def make(folder: Path) -> str:
        (folder / name).write_bytes(content)
        return str(folder / name)

    return make


GREY = np.zeros((20, 8, 8), np.uint8)
CASES: dict[str, tuple[Callable[[Path], str], list[str], int]] = {
    "no such folder": (lambda f: str(f / "no" / "such"), [], 1),
    "no such name": (lambda _: "no-such-set", [], 2),
    "an empty folder": (_empty, [], 1),
    "pictures without class folders": (_flat, [], 1),
    "class folders without pictures": (_no_pictures, [], 1),
    "one class": (_one_class, [], 1),
    "a class of two pictures": (_two_rare, [], 1),
    "all pictures damaged": (_damaged, [], 1),
    "a picture": (_text("one.png"), [], 1),
    "a text file": (_text("notes.md"), [], 1),
    "an empty table": (_text("t.csv", b""), ["--target", "y"], 1),
    "a table without target": (_table(), [], 2),
    "an unknown target": (_table(), ["--target", "kind"], 2),
    "an unknown path column": (_table(), ["--target", "y", "--path", "where"], 2),
    "an unknown group": (_table(), ["--target", "y", "--group", "who"], 2),
    "paths that lead nowhere": (
        _table(path=lambda files: [f"x/{one}" for one in files]),
        ["--target", "y"],
        1,
    ),
    "one group": (_table(who=1), ["--target", "y", "--group", "who"], 1),
    "an unknown part": (_table(part="dev2"), ["--target", "y", "--part", "part"], 1),
    "only a training class in training": (
        _table(part=lambda files: ["train" if "rows" in one else "test" for one in files]),
        ["--target", "y", "--part", "part"],
        1,
    ),
    "a class a picture": (_table(y=lambda files: files), ["--target", "y"], 1),
    "an archive of something else": (_archive(x=[1, 2]), [], 1),
    "an archive of fractions": (_archive(images=GREY / 2.0, labels=[0, 1] * 10), [], 1),
    "an archive with too few labels": (_archive(images=GREY, labels=[0, 1]), [], 1),
    "an archive of objects": (_pickled, [], 1),
    "a broken archive": (_text("t.npz"), [], 1),
    "only equal pictures": (_archive(images=GREY, labels=[0, 1] * 10), [], 1),
    "a target for a folder": (_folder, ["--target", "y"], 2),
    "a group for a folder": (_folder, ["--group", "who"], 2),
    "an unknown backbone": (_folder, ["--backbone", "vgg16"], 2),
    "a backbone that is not installed": (_folder, ["--backbone", "timm:resnet18"], 1),
    "pretrained without weights": (_folder, ["--pretrained"], 2),
    "an unknown remedy": (_folder, ["--remedy", "SMOTE"], 2),
    "an unknown metric": (_folder, ["--metric", "acuracy"], 2),
    "an unknown augmentation": (_folder, ["--augment", "twist"], 2),
    "no epochs": (_folder, ["--epochs", "0"], 2),
    "epochs and a budget": (_folder, ["--epochs", "1", "--budget", "1"], 2),
    "a negative budget": (_folder, ["--budget", "-1"], 2),
    "a size of nothing": (_folder, ["--size", "1"], 2),
    "an unknown profile": (_folder, ["--imbalance", "pareto:3"], 2),
    "a profile too steep": (_folder, ["--imbalance", "exp:5000"], 1),
    "an unknown positive": (_folder, ["--positive", "rows"], 2),
    "a device that is not here": (_folder, ["--device", "nowhere"], 2),
    "an unknown option": (_folder, ["--no-such-option"], 2),
}


@pytest.mark.parametrize("name", CASES)
def test_one_sentence_and_nothing_left(name: str, tmp_path: Path, capsys, monkeypatch) -> None:
    make, options, code = CASES[name]
    source, work = tmp_path / "source", tmp_path / "work"
    source.mkdir()
    work.mkdir()
    monkeypatch.chdir(work)
    if "timm:resnet18" in options:
        monkeypatch.setitem(__import__("sys").modules, "timm", None)
    limit = [] if {"--budget", "--epochs"} & set(options) else ["--epochs", "1"]
    left = run("train", make(source), *options, *limit, "--quiet", "--out", str(work / "out"))
    shown = capsys.readouterr()
    said = shown.err.strip()
    assert left == code, said
    assert said.startswith("steelyard: "), said
    assert "\n" not in said
    assert "unexpected" not in said, said
    assert len(said) > 30
    assert not list(work.iterdir())


def test_errors_as_json(tmp_path: Path, capsys) -> None:
    assert run("train", str(tmp_path), "--json") == 1
    assert "has no class folders" in json.loads(capsys.readouterr().out)["error"]


@pytest.mark.small
@pytest.mark.parametrize(
    ("name", "words", "counts"),
    [
        ("cifar10-jpeg", ["--imbalance", "exponential:100"], (4000, 40)),
        ("plankton-32", [], (1266, 6)),
    ],
)
def test_a_remedy_finds_more_of_the_rare_classes_of_real_long_tails(
    name: str, words: list[str], counts: tuple[int, int], tmp_path: Path
) -> None:
    """Two epochs: far from trained, but what is common is learned first."""
    known = {one.name: one for one in image_sets()}[name]
    if not known.available:
        pytest.skip(f"{name} is not here: {known.needs}")
    short = ["--epochs", "2", "--remedy", "balanced-softmax", "--device", "cpu", "--quiet"]
    assert run("train", name, *words, *short, "--out", str(tmp_path / "out")) == 0
    found = ImageRun.load(tmp_path / "out")
    trained_on = found.facts["frequency"]["nothing"]["counts"]
    assert (max(trained_on), min(trained_on)) == counts
    assert found.facts["test"]["gain"]["low"] > 0
    assert "Common and rare classes" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
