"""Every recipe runs at smoke scale, and its claims speak of arms and metrics that it has."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from steelyard.bench import listed_trials
from steelyard.cli.main import main
from steelyard.core import MissingExtra, Paper, catalogue

PAPERS = catalogue.all_papers()


def typed(*words: str) -> None:
    with pytest.raises(SystemExit) as stop:
        main([*words])
    assert stop.value.code == 0


@pytest.mark.parametrize("paper", PAPERS, ids=[paper.number for paper in PAPERS])
def test_a_recipe_runs_at_smoke_scale(
    paper: Paper, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        module = import_module(paper.module)
    except MissingExtra as missing:
        pytest.skip(str(missing))
    n = len(listed_trials(module, "smoke", 0))
    typed("reproduce", paper.number, "--scale", "smoke", "--engine", "serial", "--out", str(tmp_path))
    printed = capsys.readouterr().out
    assert f"done: {n}\n" in printed, printed
    folder = tmp_path / f"p{paper.number}-smoke"
    typed("bench", "report", paper.number, "--scale", "smoke", "--out", str(folder))
    assert "experiments" in (folder / "study.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("paper", PAPERS, ids=[paper.number for paper in PAPERS])
def test_a_recipes_claims_are_about_its_own_arms(paper: Paper) -> None:
    try:
        module = import_module(paper.module)
    except MissingExtra as missing:
        pytest.skip(str(missing))
    arms = {trial.arm for trial in listed_trials(module, "small", 0)}
    named = {name for claim in paper.claims for name in (claim.arm, claim.beats)}
    assert named <= arms
    assert paper.claims
    assert paper.title
    assert paper.area


def test_numbers_are_unique_and_files_are_named_by_them() -> None:
    assert len({paper.number for paper in PAPERS}) == len(PAPERS)
    for paper in PAPERS:
        assert paper.module.rpartition(".")[2].startswith(f"p{paper.number}_")


def test_one_command_covers_the_long_tailed_systems() -> None:
    area = {int(paper.number) for paper in PAPERS if paper.area == "longtail"}
    assert area >= {3, 4, 9, 10, 11, 22, 47, 54, 55, 59, 71, 79, 84, 95, 97, 111}
