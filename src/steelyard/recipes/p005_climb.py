"""CLIMB: twenty-nine remedies on decision trees over imbalanced tables, and what damaged rows cost.

Every remedy in its standard setting on the tables of the collection that lie in packages and folders, with at most
2,000 rows of each, two of five folds, and thirty members (`small`); all 73 tables with all rows, five folds, a
hundred members and a search of a hundred settings (`full`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from steelyard import resample
from steelyard.bench import Shared, Trial, held_out
from steelyard.core import require
from steelyard.data import suite
from steelyard.ensemble import progressive
from steelyard.recipes.remedies_on_trees import (
    DAMAGES,
    FAMILIES,
    SAMPLERS,
    UNDAMAGED,
    compare,
    compare_damaged,
    table_traits,
)

PAPER = {
    "number": "005",
    "title": "CLIMB: Class-imbalanced Learning Benchmark on Tabular Data",
    "area": "tabular",
    "source": "Liu et al. (2025)",
    "notes": [
        "42 of the 73 tables need no network; at small at most 2,000 rows of each, drawn by class",
        "at small nothing is tuned; the paper tunes each remedy and table by 100 trials of Optuna in spaces it does "
        "not print, at full a random search of 100 settings of the tree stands for it",
        "rows are encoded within the fold; the reference fills and scales the whole table first",
        "bagging members are whole trees on binned columns, boosting members trees of depth five: whole trees end "
        "boosting in its first round",
        "cells are emptied after encoding, and filled with the mean of what is left of their column",
        "groups of rows that belong together, where a table has them, stay together in the folds",
    ],
    "shows": ["average_precision", "f1", "balanced_accuracy", "fit_seconds"],
    "claims": [
        {
            "says": "ensembles win: the self-paced ensemble has more average precision than doing nothing",
            "metric": "average_precision",
            "arm": "SPE",
            "beats": "base",
        },
        {
            "says": "random under-sampling has less average precision than doing nothing",
            "metric": "average_precision",
            "arm": "base",
            "beats": "RUS",
            "p": 0.01,
        },
        {
            "says": "under-bagging has more average precision than random under-sampling",
            "metric": "average_precision",
            "arm": "UnderBagging",
            "beats": "RUS",
            "p": 0.01,
        },
        {
            "says": "the self-paced ensemble has more average precision than under-bagging",
            "metric": "average_precision",
            "arm": "SPE",
            "beats": "UnderBagging",
            "p": 0.01,
        },
        {
            "says": "by balanced accuracy random under-sampling is better than doing nothing",
            "metric": "balanced_accuracy",
            "arm": "RUS",
            "beats": "base",
            "p": 0.01,
        },
        {
            "says": "by balanced accuracy under-bagging is better than the self-paced ensemble",
            "metric": "balanced_accuracy",
            "arm": "UnderBagging",
            "beats": "SPE",
            "p": 0.01,
        },
        {
            "says": "naive re-balancing is limited: SMOTE has less than 0.02 more average precision than nothing",
            "metric": "average_precision",
            "arm": "base",
            "beats": "SMOTE",
            "by": -0.02,
        },
        {
            "says": "a rarest class five times rarer lowers a tree's average precision on 70 % of the tables",
            "metric": "average_precision_damaged",
            "arm": "base, as it is",
            "beats": "base, 5 times rarer",
            "share": 0.7,
        },
        {
            "says": "10 % wrong labels of the rarest class cost about as much (within 0.02 or more)",
            "metric": "average_precision_damaged",
            "arm": "base, 5 times rarer",
            "beats": "base, 10 % of rare labels wrong",
            "by": -0.02,
        },
        {
            "says": "30 % of cells empty cost about as much (within 0.02 or more)",
            "metric": "average_precision_damaged",
            "arm": "base, 5 times rarer",
            "beats": "base, 30 % of cells empty",
            "by": -0.02,
        },
        {
            "says": "the collection has 28 tables of low, 24 of medium, 15 of high and 6 of extreme imbalance",
            "metric": "tables",
            "arm": "listed here",
            "beats": "as published",
            "within": 0.0,
        },
        {
            "says": "progressive under-sampling of 900 and 100 rows in five rounds keeps 900, 700, 500, 300, 100",
            "metric": "majority_rows",
            "arm": "listed here",
            "beats": "as published",
            "within": 0.0,
        },
        {
            "says": "every sampler gives imbalanced-learn's rows with the same seed",
            "metric": "rows_alike",
            "arm": "steelyard",
            "beats": "imbalanced-learn",
            "within": 0.0,
        },
    ],
}

SMALL: dict[str, Any] = {"rows": 2_000, "folds": 5, "members": 30, "forest": 20, "draws": 1}
FULL: dict[str, Any] = {"rows": 0, "folds": 5, "members": 100, "forest": 100, "draws": 100}
SMOKE: dict[str, Any] = {"rows": 400, "folds": 5, "members": 3, "forest": 5, "draws": 2}
REMEDIES = tuple(name for family in FAMILIES.values() for name in family)
EVERYWHERE, FIRST_FOLD = ("base", "SMOTE"), ("SPE",)
TABLES_ALIKE = ("keel/glass1", "keel/yeast3", "keel/ecoli3")
PUBLISHED_TIERS = {"low": 28, "medium": 24, "high": 15, "extreme": 6}
PUBLISHED_ROWS = (900, 700, 500, 300, 100)


def build(scale: str, seed: int) -> list[Trial]:
    """The comparison, the damaged rows, what the tables are like, and what has to be exact."""
    if scale == "smoke":
        return [
            *_of_fold("breast-cancer", seed, 0, SMOKE, ("base",), ()),
            *_exact(("digits/1",), ("SMOTE", "TomekLinks"), seed),
        ]
    members = suite("climb73")
    if scale == "full":
        plan: dict[str, Any] = {"settings": FULL, "splits": 5, "damaged": REMEDIES, "first": ()}
        tables = [member.source for member in members]
    else:
        plan = {"settings": SMALL, "splits": 2, "damaged": EVERYWHERE, "first": FIRST_FOLD}
        tables = [member.packaged for member in members if member.packaged]
    splits = range(plan.pop("splits"))
    found = [trial for split in splits for table in tables for trial in _of_fold(table, seed, split, **plan)]
    return [*found, *_exact(TABLES_ALIKE, tuple(SAMPLERS), seed)]


def _of_fold(
    table: str,
    seed: int,
    split: int,
    settings: Mapping[str, Any],
    damaged: tuple[str, ...],
    first: tuple[str, ...],
) -> Iterator[Trial]:
    """What runs on one fold of a table; `first` are damaged on the first fold only."""
    shares = f"{table} {seed} {split}"
    if split == 0:
        yield Trial(table_traits, table, "the table", "", seed, 0, settings, shares)
    for remedy in REMEDIES:
        yield Trial(compare, table, remedy, "tree", seed, split, settings, shares)
    for remedy in (*damaged, *(first if split == 0 else ())):
        for damage in (UNDAMAGED, *DAMAGES):
            yield Trial(compare_damaged, table, f"{remedy}, {damage}", "tree", seed, split, settings, shares)


def _exact(tables: tuple[str, ...], samplers: tuple[str, ...], seed: int) -> Iterator[Trial]:
    for arm in ("listed here", "as published"):
        for tier in PUBLISHED_TIERS:
            yield Trial(count_tables, "climb73", arm, tier, seed)
        for i in range(len(PUBLISHED_ROWS)):
            yield Trial(progressive_rows, "900 and 100", arm, f"round {i + 1}", seed, i)
    for table in tables:
        for sampler in samplers:
            for arm in ("steelyard", "imbalanced-learn"):
                yield Trial(rows_alike, table, arm, sampler, seed, 0, {}, f"{table} {sampler}")


def count_tables(trial: Trial, _shared: Shared) -> Mapping[str, float]:
    """Tables of one tier, as listed or as published."""
    listed = sum(member.tier == trial.learner for member in suite("climb73"))
    return {"tables": listed if trial.arm == "listed here" else PUBLISHED_TIERS[trial.learner]}


def progressive_rows(trial: Trial, _shared: Shared) -> Mapping[str, float]:
    """Rows of the majority in one of five rounds."""
    rounds = len(PUBLISHED_ROWS)
    rows = progressive(np.array([900.0, 100.0]), np.array([100.0, 100.0]), trial.split, rounds)
    return {"majority_rows": rows[0] if trial.arm == "listed here" else PUBLISHED_ROWS[trial.split]}


def rows_alike(trial: Trial, shared: Shared) -> Mapping[str, float]:
    """The share of a sampler's rows that are those of imbalanced-learn, in the same order."""
    if trial.arm == "imbalanced-learn":
        return {"rows_alike": 1.0}
    part = held_out(trial, shared, kind="linear")
    theirs = require("imblearn", extra="imblearn")
    name = SAMPLERS[trial.learner].__name__
    modules = (theirs.over_sampling, theirs.under_sampling)
    peer = next(getattr(module, name) for module in modules if hasattr(module, name))
    results = []
    for sampler in (getattr(resample, name)(), peer()):
        if "random_state" in sampler.get_params():
            sampler.set_params(random_state=trial.seed)
        results.append(sampler.fit_resample(part.X, part.y))
    (X, y), (X_peer, y_peer) = results
    if X.shape != X_peer.shape:
        return {"rows_alike": 0.0}
    alike = np.isclose(X, X_peer, rtol=1e-5, atol=1e-6).all(axis=1) & (y == y_peer)
    return {"rows_alike": float(alike.mean())}
