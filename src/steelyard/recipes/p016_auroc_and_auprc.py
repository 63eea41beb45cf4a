"""AUROC against AUPRC: both as means over positives, and whom selecting by either of them favours.

Two sub-populations ranked equally well, one with five times the positives of the other. A ranking is changed step
by step, each step chosen by one metric over both groups together, and one looks at what each group has gained.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from steelyard.bench import Shared, Trial
from steelyard.core import Floats, derive
from steelyard.data import sample_at_auroc
from steelyard.metrics import (
    atomic_mistakes,
    auprc_decomposition,
    auroc_decomposition,
    average_precision,
    expected_calibration_error,
    roc_auc,
)

PAPER = {
    "number": "016",
    "title": "A Closer Look at AUROC and AUPRC under Class Imbalance",
    "area": "metrics",
    "source": "McDermott et al. (2024)",
    "notes": [
        "everything is simulated, as in the paper's first part; its experiments on fairness data are left out",
        "permutations sort ranks plus a uniform number below 4, which moves no row by more than 3",
        "noise is drawn anew from the start at each of 25 magnitudes; the number of magnitudes is ours",
    ],
    "claims": [
        {
            "says": "fixing the mistakes AUPRC prefers favours the group with more positives",
            "metric": "favour",
            "arm": "by AUPRC",
            "beats": "untouched",
            "data": ["mistakes at 0.85"],
        },
        {
            "says": "fixing those mistakes does so at a lower AUROC of both groups",
            "metric": "favour",
            "arm": "by AUPRC",
            "beats": "untouched",
            "data": ["mistakes at 0.65"],
        },
        {
            "says": "fixing any mistake, as AUROC has it, favours that group less",
            "metric": "favour",
            "arm": "by AUPRC",
            "beats": "by AUROC",
            "data": ["mistakes at 0.85"],
        },
        {
            "says": "of fixing any mistake the group with fewer positives gains AUROC too",
            "metric": "low_25",
            "arm": "by AUROC",
            "beats": "by AUPRC",
            "data": ["mistakes at 0.85"],
        },
        {
            "says": "permutations chosen by AUPRC favour the group with more positives more than by AUROC",
            "metric": "favour",
            "arm": "by AUPRC",
            "beats": "by AUROC",
            "data": ["permutations at 0.85"],
        },
        {
            "says": "permutations chosen by AUPRC favour the group with more positives",
            "metric": "favour",
            "arm": "by AUPRC",
            "beats": "untouched",
            "data": ["permutations at 0.85"],
        },
        {
            "says": "noise chosen by AUPRC favours the group with more positives more than by AUROC",
            "metric": "favour",
            "arm": "by AUPRC",
            "beats": "by AUROC",
            "data": ["noise at 0.85"],
        },
        {
            "says": "noise chosen by AUPRC favours the group with more positives",
            "metric": "favour",
            "arm": "by AUPRC",
            "beats": "untouched",
            "data": ["noise at 0.85"],
        },
        {
            "says": "AUROC is one minus the mean false positive rate at a positive",
            "metric": "roc_auc",
            "arm": "decomposition",
            "beats": "scikit-learn",
            "within": 1e-12,
        },
        {
            "says": "AUPRC is the same mean with each rate divided by the share flagged",
            "metric": "average_precision",
            "arm": "decomposition",
            "beats": "scikit-learn",
            "within": 1e-12,
        },
    ],
}

HIGH, LOW, ROWS = 0.05, 0.01, 200
"""Prevalence of the two groups, and rows of each."""
AREAS = (0.85, 0.65)
METRICS = {"by AUPRC": average_precision, "by AUROC": roc_auc}
ARMS = (*METRICS, "untouched")
FIXES, ROUNDS = 50, 25
PERMUTATIONS, FARTHEST, CANDIDATES, NOISE = 15, 3, 100, 0.002
"""Drawn permutations a round and how far they move a row; drawn noises and their magnitude a round."""

Labels = NDArray[np.int64]


def build(scale: str, seed: int) -> list[Trial]:
    """Both formulas on a grid of areas and prevalences; three ways of changing a ranking, at two areas."""
    cells, repeats, draws = {"smoke": (2, 1, 1), "small": (6, 5, 20), "full": (50, 5, 20)}[scale]
    areas, shares = np.linspace(0.5, 0.99, cells).round(3), np.linspace(0.01, 0.99, cells).round(3)
    formulas = [
        Trial(formula, "formulas", arm, f"AUROC {area:g}, prevalence {share:g}", seed + draw, settings=of)
        for area in areas.tolist()
        for share in shares.tolist()
        for of in [{"auroc": area, "prevalence": share}]
        for draw in range(repeats)
        for arm in ("decomposition", "scikit-learn")
    ]
    groups = [
        Trial(change, f"{way} at {area:g}", arm, seed=seed + draw, settings={"way": way, "auroc": area})
        for way in WAYS
        for area in AREAS
        for draw in range(draws)
        for arm in ARMS
    ]
    return formulas + groups


def formula(trial: Trial, shared: Shared) -> Mapping[str, float]:  # noqa: ARG001 - what a run takes
    """Both areas of one drawn ranking, as means over positives or by scikit-learn."""
    drawn = {name: float(value) for name, value in trial.settings.items()}
    y, scores = sample_at_auroc(1000, **drawn, seed=derive(trial.seed, trial.learner))
    if trial.arm == "scikit-learn":
        areas = roc_auc_score(y, scores), average_precision_score(y, scores)
    else:
        areas = auroc_decomposition(y, scores).value, auprc_decomposition(y, scores).value
    return {"roc_auc": areas[0], "average_precision": areas[1], "prevalence": float(y.mean())}


def change(trial: Trial, shared: Shared) -> Mapping[str, float]:  # noqa: ARG001 - what a run takes
    """What each group's AUROC has gained after every round, and by how much more the one with more positives."""
    way, area = trial.settings["way"], trial.settings["auroc"]
    rng = np.random.default_rng(derive(trial.seed, way, area))
    rows = ROWS if way != "permutations" else 100
    y, start, high = _two_groups(area, rows, rng)
    before = _by_group(y, start, high)
    found: dict[str, float] = {}
    scores = start
    steps = WAYS[way](y, start, trial.arm, rng) if trial.arm in METRICS else iter([start] * ROUNDS)
    for number, scores in enumerate(steps, start=1):
        gain = _by_group(y, scores, high) - before
        found |= {f"high_{number}": gain[0], f"low_{number}": gain[1]}
    ece = [expected_calibration_error(y[part], np.clip(scores[part], 0, 1)) for part in (high, ~high)]
    return found | {
        "favour": gain[0] - gain[1],
        "average_precision": average_precision(y, scores),
        "roc_auc": roc_auc(y, scores),
        "ece_high": ece[0],
        "ece_low": ece[1],
        "groups_told_apart": roc_auc(high.astype(np.int64), scores),
    }


def figures(scores: pd.DataFrame) -> list[dict[str, Any]]:
    """Average precision by prevalence at equal AUROC, and both groups' gains round by round."""
    formulas = scores[(scores["data"] == "formulas") & (scores["arm"] == "decomposition")]
    wide = formulas.pivot_table("value", ["learner", "seed"], "metric").reset_index()
    wide["area"] = wide["learner"].str.extract(r"AUROC ([\d.]+)")[0]
    shown = sorted(wide["area"].unique())[:-1:2]
    drawn = [
        {
            "title": "Average precision of rankings of equal AUROC",
            "x": "prevalence",
            "y": "average precision",
            "lines": [
                _line(f"AUROC {area}", wide[wide["area"] == area], "prevalence", "average_precision")
                for area in shown
            ],
        }
    ]
    steps = scores.join(scores["metric"].str.extract(r"^(?P<group>high|low)_(?P<round>\d+)$")).dropna()
    steps["round"] = steps["round"].astype(int)
    for (data, arm), part in steps[steps["arm"] != "untouched"].groupby(["data", "arm"], sort=False):
        lines = [
            _line(f"{group} prevalence", part[part["group"] == group], "round", "value")
            for group in ("high", "low")
        ]
        drawn.append({"title": f"{data}, {arm}", "x": "round", "y": "gain in AUROC", "lines": lines})
    return drawn


def _line(name: str, rows: pd.DataFrame, x: str, y: str) -> dict[str, Any]:
    """Means with 95 % intervals of the mean, one point an x."""
    found = rows.groupby(x)[y].agg(["mean", "sem"])
    half = 1.96 * found["sem"].fillna(0.0)
    columns = (found.index, found["mean"], found["mean"] - half, found["mean"] + half)
    return {"name": name, "points": [list(map(float, point)) for point in zip(*columns, strict=True)]}


def _two_groups(area: float, rows: int, rng: np.random.Generator) -> tuple[Labels, Floats, NDArray[np.bool_]]:
    """Labels and scores of both groups, each group's scores averaging its prevalence; which rows are the first."""
    drawn = [sample_at_auroc(rows, area, prevalence, seed=rng) for prevalence in (HIGH, LOW)]
    scaled = [s * share / s.mean() for (_, s), share in zip(drawn, (HIGH, LOW), strict=True)]
    return np.concatenate([y for y, _ in drawn]), np.concatenate(scaled), np.arange(2 * rows) < rows


def _by_group(y: Labels, scores: Floats, high: NDArray[np.bool_]) -> Floats:
    return np.array([roc_auc(y[part], scores[part]) for part in (high, ~high)])


def _fixed(y: Labels, scores: Floats, arm: str, rng: np.random.Generator) -> Iterator[Floats]:
    """Exchange one atomic mistake after the other, two a round: the highest one, or any."""
    scores = scores.copy()
    for fix in range(FIXES):
        found = atomic_mistakes(y, scores)
        if len(found.rank):
            at = 0 if arm == "by AUPRC" else rng.integers(len(found.rank))
            pair = [found.negatives[at], found.positives[at]]
            scores[pair] = scores[pair[::-1]]
        if fix % 2:
            yield scores.copy()


def _permuted(y: Labels, scores: Floats, arm: str, rng: np.random.Generator) -> Iterator[Floats]:
    """Shuffle neighbours a little, many times, and go on from the shuffle the metric likes best."""
    for _ in range(ROUNDS):
        order = np.argsort(scores)
        keys = np.arange(len(y)) + (FARTHEST + 1) * rng.random((PERMUTATIONS, len(y)))
        tries = np.empty((PERMUTATIONS, len(y)))
        np.put_along_axis(tries, order[np.argsort(keys, axis=1)], scores[order][None], axis=1)
        scores = _best(METRICS[arm], y, tries)
        yield scores


def _noised(y: Labels, scores: Floats, arm: str, rng: np.random.Generator) -> Iterator[Floats]:
    """Add noise to the start, ever more of it, and keep the noise the metric likes best."""
    for number in range(1, ROUNDS + 1):
        noise = rng.uniform(-1, 1, (CANDIDATES, len(y)))
        yield _best(METRICS[arm], y, scores + NOISE * number * noise)


def _best(metric: Callable[..., float], y: Labels, tries: Floats) -> Floats:
    best: Floats = tries[int(np.argmax([metric(y, one) for one in tries]))]
    return best


WAYS: dict[str, Callable[[Labels, Floats, str, np.random.Generator], Iterator[Floats]]] = {
    "mistakes": _fixed,
    "permutations": _permuted,
    "noise": _noised,
}
