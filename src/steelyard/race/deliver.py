"""From the chosen arm to a finished model: refit on all training rows, calibrate, set the operating point."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from steelyard.core import Floats, derive
from steelyard.decide import (
    ArgMax,
    Calibration,
    ClassMultipliers,
    Goal,
    NoCalibration,
    PriorCorrection,
    RowCosts,
    Rule,
    Threshold,
    choose_calibration,
)
from steelyard.race.arms import NOTHING, Arm
from steelyard.race.choose import Standing
from steelyard.race.encodings import make_encoder
from steelyard.race.fitting import fit_arm
from steelyard.race.model import Evidence, Member, TableModel
from steelyard.race.outcomes import Outcomes
from steelyard.race.problem import Problem

__all__ = ["Delivery", "OutOfFold", "deliver", "fit_members"]

EVIDENCE_ROWS = 20_000
THREADS_FROM = 20_000  # rows below which threads inside a fit wait for each other longer than they work
BUSY = 1.5  # running processes a core above which they do so whatever the rows


@dataclass(frozen=True, eq=False)
class OutOfFold:
    """Pooled out-of-fold rows of one arm: position, undone and raw probabilities, fold, class, weight, costs."""

    row: NDArray[np.int64]
    p: Floats
    raw: Floats
    y: NDArray[np.int64]
    fold: NDArray[np.int64]
    weight: Floats | None
    costs: RowCosts | None


@dataclass(frozen=True, eq=False)
class Delivery:
    """The finished model with how its calibration was chosen."""

    model: TableModel
    calibration: str
    losses: dict[str, float]
    rule: Rule
    oof: OutOfFold


def deliver(
    standing: Standing,
    problem: Problem,
    outcomes: Outcomes,
    goal: Goal,
    *,
    seed: int,
    n_jobs: int,
) -> Delivery:
    """Refit on all training rows; calibrate and decide on the out-of-fold rows of the race."""
    arm, natural = standing.arm, problem.prior.p
    adjusts = arm.remedy.kind == "adjustment"
    base = Arm(NOTHING, arm.learner) if adjusts else arm
    encoders, members = fit_members(outcomes.members(base, standing.basis), problem, seed=seed, n_jobs=n_jobs)
    oof = out_of_fold(arm, standing, outcomes)
    name, calibration, losses = choose_calibration(
        oof.p, oof.y, oof.fold, sample_weight=oof.weight, seed=derive(seed, "calibration")
    )
    if goal.of_decisions and standing.variant == "plain":
        trained = arm.remedy.adjustment(natural)(natural[None])[0] if adjusts else members[0].trained
        kept = decide_as_raced(trained, natural, calibration, oof.p)
        rule: Rule = kept or plain_rule(trained, natural)
        if kept is None:
            name, calibration = NoCalibration.name, NoCalibration().fit(oof.p, oof.y)
    else:
        rule = goal.fit_rule(calibration(oof.p), oof.y, sample_weight=oof.weight, costs=oof.costs)
    model = TableModel(
        labels=problem.labels,
        encoders=encoders,
        members=members,
        natural=natural,
        calibration=calibration,
        rule=rule.to_json(),
        goal=goal.to_json(),
        evidence=_evidence(calibration(oof.p), oof, seed),
    )
    return Delivery(model, name, losses, rule, oof)


def plain_rule(trained: Floats, natural: Floats) -> Rule:
    """The most probable class at the prior `trained`, read off probabilities that stand at `natural`."""
    if np.allclose(trained, natural):
        return ArgMax()
    because = "there the arm itself, its training prior not undone, is undecided"
    if len(natural) > 2:
        return ClassMultipliers(trained / natural, because)
    return Threshold(float(PriorCorrection(trained, natural)([0.5])[0]), because)


def decide_as_raced(trained: Floats, natural: Floats, calibration: Calibration, p: Floats) -> Rule | None:
    """The plain rule carried through a calibration; None when that would change a decision on rows `p`."""
    rule = plain_rule(trained, natural)
    moved = rule
    if len(natural) == 2 and calibration.name != NoCalibration.name:
        cut = rule.value if isinstance(rule, Threshold) else 0.5
        moved = Threshold(float(calibration([cut])[0]), getattr(rule, "because", ""))
    return moved if np.array_equal(moved.decide(calibration(p)), rule.decide(p)) else None


def fit_members(
    shares: Mapping[Arm, float], problem: Problem, *, seed: int, n_jobs: int
) -> tuple[dict[str, Any], list[Member]]:
    """Fit arms on all rows of a problem, side by side; each encoding is learned once."""
    encoders = {kind: make_encoder(kind) for kind in dict.fromkeys(arm.encoding for arm in shares)}
    encoded = {kind: encoder.fit_transform(problem.X) for kind, encoder in encoders.items()}
    threads = max(1, n_jobs // len(shares)) if problem.n >= THREADS_FROM and not _busy() else 1

    def fit(arm: Arm) -> Member:
        with threadpool_limits(limits=threads):
            fitted = fit_arm(
                arm,
                encoded[arm.encoding],
                problem.y,
                n_classes=problem.n_classes,
                sample_weight=problem.sample_weight,
                seed=derive(seed, "final", arm.key),
                n_jobs=threads,
            )
        return Member(arm.encoding, fitted.model, fitted.trained, shares[arm])

    pool = Parallel(n_jobs=min(n_jobs, len(shares)), prefer="threads")
    return encoders, pool(delayed(fit)(arm) for arm in shares)


def _busy() -> bool:
    """Whether others use this machine so much that threads would wait for each other at every split of a tree."""
    return hasattr(os, "getloadavg") and os.getloadavg()[0] > BUSY * (os.cpu_count() or 1)


def out_of_fold(arm: Arm, standing: Standing, outcomes: Outcomes) -> OutOfFold:
    """Pool the arm's folds over all repeats of its basis."""
    rows = [
        (level * 1000 + number, fold)
        for level in standing.basis
        for number, fold in outcomes.raw(arm, level).items()
    ]
    weights = [fold.weight for _, fold in rows if fold.weight is not None]
    costs = [fold.costs for _, fold in rows if fold.costs is not None]
    return OutOfFold(
        row=np.concatenate([outcomes.levels[name // 1000].tested(name % 1000) for name, _ in rows]),
        p=np.concatenate([fold.undone for _, fold in rows]),
        raw=np.concatenate([fold.p for _, fold in rows]),
        y=np.concatenate([fold.y for _, fold in rows]),
        fold=np.concatenate([np.full(len(fold.y), name) for name, fold in rows]),
        weight=np.concatenate(weights) if weights else None,
        costs=RowCosts(fp=np.concatenate([c.fp for c in costs]), fn=np.concatenate([c.fn for c in costs]))
        if costs
        else None,
    )


def _evidence(p: Floats, oof: OutOfFold, seed: int) -> Evidence:
    """Keep every rare row and a weighted sample of the others, so that the model file stays small."""
    weight = np.ones(len(oof.y)) if oof.weight is None else oof.weight.astype(float)
    if len(oof.y) <= EVIDENCE_ROWS:
        return Evidence(p, oof.y, weight, _distinct(oof.row, oof.y))
    rng = np.random.default_rng(derive(seed, "evidence"))
    counts = np.bincount(oof.y)
    share = EVIDENCE_ROWS / len(counts)
    kept, scale = [], []
    for label, count in enumerate(counts):
        size = int(min(count, share))
        kept.append(rng.choice(np.flatnonzero(oof.y == label), size=size, replace=False))
        scale.append(np.full(size, count / max(size, 1)))
    rows = np.concatenate(kept)
    y = oof.y[rows]
    return Evidence(p[rows], y, weight[rows] * np.concatenate(scale), _distinct(oof.row[rows], y))


def _distinct(row: NDArray[np.int64], y: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many different rows of each class there are (K,)."""
    _, first = np.unique(row, return_index=True)
    return np.bincount(y[first])
