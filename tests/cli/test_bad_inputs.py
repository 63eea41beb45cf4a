"""Whatever comes in, the user gets one clear sentence, a non-zero exit, and no half-written folder."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from steelyard.cli.main import main

GOOD = "a,b,y\n" + "".join(f"{i % 7},{i % 5},{int(i % 10 == 0)}\n" for i in range(200))


def _text(text: str, name: str = "t.csv", encoding: str = "utf-8") -> Callable[[Path], str]:
    def make(folder: Path) -> str:
        (folder / name).write_bytes(text.encode(encoding))
        return str(folder / name)

    return make


def _bytes(data: bytes, name: str) -> Callable[[Path], str]:
    def make(folder: Path) -> str:
        (folder / name).write_bytes(data)
        return str(folder / name)

    return make


def _frame(**columns: object) -> Callable[[Path], str]:
    def make(folder: Path) -> str:
        pd.DataFrame(columns).to_csv(folder / "t.csv", index=False)
        return str(folder / "t.csv")

    return make


def _folder(folder: Path) -> str:
    (folder / "d.csv").mkdir()
    return str(folder / "d.csv")


def _zip(folder: Path) -> str:
    with zipfile.ZipFile(folder / "t.zip", "w") as archive:
        archive.writestr("t.csv", GOOD)
    return str(folder / "t.zip")


def _zip_as_csv(folder: Path) -> str:
    Path(_zip(folder)).rename(folder / "t.csv")
    return str(folder / "t.csv")


def _cut_parquet(folder: Path) -> str:
    pd.DataFrame({"a": range(999), "y": [0, 1, 0] * 333}).to_parquet(folder / "t.parquet")
    data = (folder / "t.parquet").read_bytes()
    (folder / "t.parquet").write_bytes(data[: len(data) // 2])
    return str(folder / "t.parquet")


def _cut_gzip(folder: Path) -> str:
    data = gzip.compress(GOOD.encode() * 50)
    (folder / "t.csv.gz").write_bytes(data[: len(data) // 2])
    return str(folder / "t.csv.gz")


def _wide(folder: Path) -> str:
    header = ",".join([f"c{i}" for i in range(10_000)] + ["y"])
    rows = [",".join(["1"] * 10_000 + [str(i % 2)]) for i in range(20)]
    (folder / "t.csv").write_text("\n".join([header, *rows]))
    return str(folder / "t.csv")


Y = ["--target", "y"]
n = 100
half = [0, 1] * 50
CASES: dict[str, tuple[Callable[[Path], str], list[str]]] = {
    "no such file": (lambda f: str(f / "no.csv"), Y),
    "a folder": (_folder, Y),
    "empty": (_text(""), Y),
    "only white space": (_text("  \n\n"), Y),
    "header only": (_text("a,b,y\n"), Y),
    "one row": (_text("a,b,y\n1,2,0\n"), Y),
    "one class": (_frame(a=range(n), y=[1] * n), Y),
    "a row a class": (_frame(a=range(n), y=range(n)), Y),
    "target all missing": (_frame(a=range(n), y=[None] * n), Y),
    "rare class of one row": (_frame(a=range(n), y=[1] + [0] * (n - 1)), Y),
    "all features missing": (_frame(a=[None] * n, b=[None] * n, y=half), Y),
    "all features constant": (_frame(a=[1] * n, y=half), Y),
    "target only": (_frame(y=half), Y),
    "wrong target": (_text(GOOD), ["--target", "nope"]),
    "no target named": (_text(GOOD), []),
    "a number as target": (_frame(a=range(n), y=np.random.default_rng(0).normal(size=n)), Y),
    "infinite target": (_frame(a=range(n), y=[np.inf, 0.0] * 50), Y),
    "positive unknown": (_text(GOOD), [*Y, "--positive", "fraud"]),
    "duplicate headers": (_text("a,a,y\n1,2,0\n3,4,1\n" * 1), Y),
    "ragged rows": (_text("a,b,y\n1,2,0\n1,2,3,4,5\n2,1,1\n"), Y),
    "not a table": (_bytes(bytes(range(256)) * 40, "t.csv"), Y),
    "nul bytes": (_bytes(b"a,y\n1,0\n\x00\x00,1\n" * 30, "t.csv"), Y),
    "a web page": (_text("<!DOCTYPE html><html><body>Sign in</body></html>"), Y),
    "zip": (_zip, Y),
    "zip named csv": (_zip_as_csv, Y),
    "truncated parquet": (_cut_parquet, Y),
    "truncated gzip": (_cut_gzip, Y),
    "text named parquet": (_text(GOOD, "t.parquet"), Y),
    "text named feather": (_text(GOOD, "t.feather"), Y),
    "broken arff": (_text("@relation x\n@attribute a numeric\n@data\n1,2,3\n", "t.arff"), Y),
    "unknown ending": (_text(GOOD, "t.xyz"), Y),
    "10,000 columns": (_wide, Y),
    "unknown packaged name": (lambda f: "no_such_set", Y),
    "unknown metric": (_text(GOOD), [*Y, "--metric", "acuracy"]),
    "two goals": (_text(GOOD), [*Y, "--metric", "f1", "--min-recall", "0.9"]),
    "impossible precision": (_text(GOOD), [*Y, "--min-precision", "1.5"]),
    "negative cost": (_text(GOOD), [*Y, "--cost-fp", "-1", "--cost-fn", "2"]),
    "cost column unknown": (_text(GOOD), [*Y, "--cost-fn", "amount"]),
    "cost matrix not square": (_text(GOOD), [*Y, "--cost-matrix", "0,1;2"]),
    "cost matrix of words": (_text(GOOD), [*Y, "--cost-matrix", "a,b;c,d"]),
    "alerts zero": (_text(GOOD), [*Y, "--alerts", "0"]),
    "budget negative": (_text(GOOD), [*Y, "--budget", "-3"]),
    "budget and fits": (_text(GOOD), [*Y, "--budget", "1", "--max-fits", "9"]),
    "budget a word": (_text(GOOD), [*Y, "--budget", "long"]),
    "one fold": (_text(GOOD), [*Y, "--folds", "1"]),
    "learner unknown": (_text(GOOD), [*Y, "--learner", "xgbost"]),
    "remedy unknown": (_text(GOOD), [*Y, "--remedy", "SMOOTE"]),
    "weights of text": (_frame(a=range(n), w=["x"] * n, y=half), [*Y, "--weight", "w"]),
    "weights negative": (_frame(a=range(n), w=[-1] * n, y=half), [*Y, "--weight", "w"]),
    "one group": (_frame(a=range(n), g=[1] * n, y=half), [*Y, "--group", "g"]),
    "time of words": (_frame(a=range(n), t=["soon"] * n, y=half), [*Y, "--time", "t"]),
    "target as weight": (_text(GOOD), [*Y, "--weight", "y"]),
    "unknown option": (_text(GOOD), [*Y, "--no-such-option"]),
}


@pytest.mark.parametrize("name", CASES)
def test_one_sentence_and_nothing_left(name, tmp_path, capsys, monkeypatch) -> None:
    make, options = CASES[name]
    source, work = tmp_path / "source", tmp_path / "work"
    source.mkdir()
    work.mkdir()
    monkeypatch.chdir(work)
    table = make(source)
    limit = [] if {"--budget", "--max-fits"} & set(options) else ["--max-fits", "8"]
    with pytest.raises(SystemExit) as stop:
        main(["run", table, *options, *limit, "--quiet", "--jobs", "1", "--out", str(work / "out")])
    shown = capsys.readouterr()
    assert stop.value.code in (1, 2), shown
    said = shown.err.strip()
    assert said.startswith("steelyard: "), said
    assert "\n" not in said
    assert "unexpected" not in said, said
    assert "Traceback" not in said
    assert len(said) > 30
    assert not list(work.iterdir())


GENTLE: dict[str, Callable[[Path], str]] = {
    "a byte-order mark": _text("\ufeff" + GOOD),
    "utf-16": _text(GOOD, encoding="utf-16"),
    "latin-1 letters": _text(GOOD.replace("a,b", "ä,b"), encoding="latin-1"),
    "semicolons": _text(GOOD.replace(",", ";")),
    "html and formulas": _frame(
        **{"<script>alert(1)</script>": range(n), "=1+1": range(n)},
        y=["<b>no</b>", "=cmd|' /C calc'!A0"] * 50,
    ),
    "huge integers": _frame(a=[10**30 + i for i in range(n)], b=range(n), y=half),
    "infinite values": _frame(a=[np.inf, -np.inf, 1, 2] * 25, b=range(n), y=half),
    "missing cells": _frame(a=[None, 1, 2, None] * 25, b=["x", None] * 50, y=half),
}


@pytest.mark.parametrize("name", GENTLE)
def test_odd_but_usable_tables_run_through(name, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    table = GENTLE[name](tmp_path)
    options = [
        "--learner",
        "logistic",
        "--remedy",
        "none",
        "--max-fits",
        "8",
        "--folds",
        "2",
        "--repeats",
        "1",
    ]
    with pytest.raises(SystemExit) as stop:
        main(["run", table, "--target", "y", *options, "--quiet", "--jobs", "1", "--out", "out"])
    assert stop.value.code == 0
    assert (tmp_path / "out" / "report.html").exists()
    assert "<script>alert(1)</script>" not in (tmp_path / "out" / "report.html").read_text()


def test_a_wide_table_is_read_in_part(tmp_path, monkeypatch, capsys) -> None:
    """What the refusal of 10,000 columns advises works, for `run` and for `diagnose`."""
    monkeypatch.chdir(tmp_path)
    header = ",".join([f"c{i}" for i in range(10_000)] + ["y"])
    rng = np.random.default_rng(0)
    rows = [",".join([*map(str, rng.integers(0, 9, 10_000)), str(int(i % 5 == 0))]) for i in range(60)]
    Path("t.csv").write_text("\n".join([header, *rows]))
    chosen = ["--column", "c7", "--column", "c99", "--target", "y"]
    quick = ["--learner", "logistic", "--remedy", "none", "--max-fits", "2", "--folds", "2", "--repeats", "1"]
    with pytest.raises(SystemExit) as stop:
        main(["run", "t.csv", *chosen, *quick, "--quiet", "--jobs", "1", "--out", "out", "--json"])
    assert stop.value.code == 0
    schema = json.loads(Path("out/model.json").read_text())["schema"]
    assert [one["name"] for one in schema["columns"]] == ["c7", "c99"]
    with pytest.raises(SystemExit) as stop:
        main(["diagnose", "t.csv", *chosen, "--json"])
    assert stop.value.code == 0
    with pytest.raises(SystemExit) as stop:
        main(["run", "t.csv", "--column", "c7x", "--target", "y", "--out", "other"])
    assert "no column 'c7x'; did you mean c7" in capsys.readouterr().err
