"""A published system, run and judged."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pandas as pd

from steelyard.bench.judge import Verdict, judge
from steelyard.bench.study import StudyResults, read_study, run_study
from steelyard.bench.study_file import listed_trials
from steelyard.bench.summary import table_of
from steelyard.core import Executor, Listener, Paper, UsageError, catalogue

__all__ = ["Reproduction", "load_recipe", "reproduce"]


@dataclass(frozen=True, eq=False)
class Reproduction:
    """What came out of a recipe.

    Attributes:
        paper: what the recipe says of the publication.
        scale: at which it ran.
        results: scores and states of its trials.
        verdicts: one a claim.
    """

    paper: Paper
    scale: str
    results: StudyResults
    verdicts: tuple[Verdict, ...]

    @property
    def table(self) -> pd.DataFrame:
        """Its arms by the metrics the recipe shows, one row each, best first."""
        return table_of(self.paper, self.results.scores)


def load_recipe(number: str) -> tuple[Paper, ModuleType]:
    """The recipe of a published system: what it says and its module."""
    paper = catalogue.paper(number)
    if paper is None:
        known = ", ".join(one.number for one in catalogue.all_papers())
        raise UsageError(f"system {number} has no recipe; there are recipes of {known}")
    return paper, import_module(paper.module)


def reproduce(
    number: str,
    folder: str | Path,
    executor: Executor,
    *,
    scale: str = "small",
    seed: int = 0,
    retry: bool = False,
    so_far: bool = False,
    listener: Listener | None = None,
) -> Reproduction:
    """Run the recipe of a published system and judge its claims.

    Args:
        number: of the system, such as "021".
        folder: for the ledger; a run that was stopped goes on.
        executor: where to run.
        scale: "smoke", "small" or "full"; a smoke run shows that the recipe runs and judges nothing.
        seed: another one repeats everything with other randomness.
        retry: run failed trials again.
        so_far: run nothing, judge what has finished.
        listener: hears about progress.
    """
    paper, module = load_recipe(number)
    trials = listed_trials(module, scale, seed)
    if so_far:
        results = read_study(trials, folder)
    else:
        results = run_study(trials, folder, executor, retry=retry, listener=listener)
    claims = () if scale == "smoke" else paper.claims
    return Reproduction(paper, scale, results, tuple(judge(claim, results.scores) for claim in claims))
