"""Every recipe runs at smoke scale, and its claims speak of arms and metrics that it has."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from steelyard.bench import Limits, listed_trials, reproduce
from steelyard.bench.executors import Serial
from steelyard.cli.reproduce import _page
from steelyard.core import MissingExtra, Paper, catalogue

PAPERS = catalogue.all_papers()


@pytest.mark.parametrize("paper", PAPERS, ids=[paper.number for paper in PAPERS])
def test_a_recipe_runs_at_smoke_scale(paper: Paper, tmp_path: Path) -> None:
    try:
        done = reproduce(paper.number, tmp_path, Serial(Limits(seconds=300)), scale="smoke")
    except MissingExtra as missing:
        pytest.skip(str(missing))
    trials = done.results.trials
    bad = trials[trials["state"] != "done"]
    assert bad.empty, bad[["arm", "state", "reason"]].to_string()
    assert f"done: {len(trials)}" in _page(done, tmp_path)


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
