"""Facts of runs that never happened, with figures that agree with each other: all come from drawn scores."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score, confusion_matrix, precision_recall_fscore_support

from report.drawn import false_alarms, final_test, groups, hits, scores, slices

HOSTILE = [
    "<script>alert(1)</script>",
    '"onload="alert(2)',
    "=cmd|' /C calc'!A0",
    "</script><img src=x onerror=alert(3)>",
    "</title></svg><!-- {{ 7 * 7 }}",
    "\u2028line\u2029 & ampersand ‮ reversed",
]

LEARNERS = ["LightGBM", "histogram boosting", "random forest", "logistic regression"]
REMEDIES = [
    ("nothing", 1.0, 0.0),
    ("class weights", 6.9, -0.004),
    ("square-root weights", 2.6, 0.002),
    ("random undersampling", 6.8, -0.021),
    ("random oversampling", 5.9, -0.009),
    ("SMOTE", 3.9, -0.012),
    ("SMOTE and Tomek links", 3.8, -0.013),
    ("self-paced ensemble", 7.4, 0.006),
    ("EasyEnsemble", 7.1, -0.016),
    ("averaging over folds", 1.0, 0.004),
]
METRICS = [
    "average_precision",
    "roc_auc",
    "log_loss",
    "brier",
    "f1",
    "f2",
    "mcc",
    "balanced_accuracy",
    "g_mean",
    "expected_calibration_error",
]


def binary(arms: int = 24, *, seed: int = 0, rows: int = 2000, share: float = 0.0745) -> dict[str, Any]:
    """A race on two classes whose goal is average precision."""
    y, p = scores(rows, share, seed=seed)
    thresholds = np.unique(p)
    f1 = [2 * hits(y, p, t) / (hits(y, p, t) + false_alarms(y, p, t) + y.sum()) for t in thresholds]
    best = int(np.argmax(f1))
    threshold = float((thresholds[best - 1] + thresholds[best]) / 2)
    inflated = p * 6.8 / (p * 6.8 + 1 - p)
    race = _race(arms, seed)
    chosen = next(row for row in race["rows"] if row["chosen"])
    return {
        "schema": 1,
        "title": "taxi",
        "created": "2026-11-23T22:00:00Z",
        "command": "steelyard run taxi --budget 2 --seed 0",
        "seed": 0,
        "seconds": 92.1,
        "versions": {"steelyard": "0.1.0", "python": "3.11.7", "scikit-learn": "1.9.1", "lightgbm": "4.7.0"},
        "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "verdict": [
            "No remedy is needed here: plain LightGBM is as good as the best of 23 remedies.",
            "The best remedy (self-paced ensemble) gains 0.006 average precision over doing nothing, "
            "with an interval from −0.006 to +0.018.",
            f"Flag a ride from a probability of {threshold:.3f} on; on rows never seen before this finds "
            f"{hits(y, p, threshold)} of {int(y.sum())} cancellations at {false_alarms(y, p, threshold)} false alarms.",
        ],
        "goal": _goal(),
        "classes": ["0", "1"],
        "positive": "1",
        "data": _data(y),
        "findings": _findings(),
        "diagnosis": _diagnosis(float(y.mean())),
        "race": race,
        "chosen": {
            "arm": chosen["arm"],
            "learner": "LightGBM",
            "remedy": "nothing",
            "calibration": "sigmoid",
            "calibration_losses": {"none": 0.2143, "sigmoid": 0.2098, "beta": 0.2097, "isotonic": 0.2161},
            "rule": {"kind": "threshold", "value": threshold},
            "rule_text": f"positive from a probability of {threshold:.4f} on (maximises F1 out of fold)",
        },
        "test": final_test(y, p, inflated, threshold),
        "groups": groups(y, p, threshold),
        "slices": slices(y, p),
        "failures": [{"arm": "balanced random forest", "reason": "needs 2 positives a leaf; 3 folds had 1"}],
        "log": ["22:00:00 read 10000 rows", "22:00:01 set 2000 rows aside", "22:01:32 done"],
    }


def cost() -> dict[str, Any]:
    """A race decided by money, where less is better."""
    facts = binary(arms=12, seed=3, share=0.03)
    facts["title"] = "fraud"
    facts["goal"] = {
        "name": "cost", "label": "cost per row", "direction": "min", "kind": "cost", "needs_decision": True,
        "text": "mean cost per row: 5 for a false alarm, 120 for a miss", "cost_fp": 5.0, "cost_fn": 120.0,
    }  # fmt: skip
    for row in facts["race"]["rows"]:
        for name in ("difference", "difference_low", "difference_high"):
            row[name] *= 8
        row["score"], row["low"], row["high"] = (
            2.4 - 8 * (row[name] - 0.41) for name in ("score", "high", "low")
        )
    y, p = scores(share=0.03, seed=3)
    threshold = 5 / 125
    spent = (5 * false_alarms(y, p, threshold) + 120 * (y.sum() - hits(y, p, threshold))) / len(y)
    facts["test"] = final_test(y, p, p, threshold)
    facts["test"]["metrics"]["cost"] = {
        "value": float(spent),
        "low": spent - 0.4,
        "high": spent + 0.4,
        "nothing": 2.4,
    }
    facts["chosen"]["rule_text"] = "positive from a probability of 0.04 on, where 5 and 120 break even"
    return facts


def multiclass(classes: int = 7, *, rows: int = 3000, seed: int = 1) -> dict[str, Any]:
    """A race on a long tail of classes; there is no binary fact."""
    rng = np.random.default_rng(seed)
    share = np.geomspace(1, 0.02, classes)
    y = rng.choice(classes, size=rows, p=share / share.sum())
    logits = rng.normal(size=(rows, classes)) + np.log(share)
    logits[np.arange(rows), y] += 2.4
    decisions = logits.argmax(axis=1)
    labels = [
        "normal",
        "back",
        "satan",
        "ipsweep",
        "portsweep",
        "warez client",
        "teardrop",
        *map(str, range(99)),
    ]
    labels = labels[:classes]
    facts = binary(arms=9)
    facts |= {"title": "intrusions", "classes": labels, "positive": None, "groups": [], "slices": []}
    facts["data"]["counts"] = {
        part: {label: int(k * (y == i).sum()) for i, label in enumerate(labels)}
        for part, k in (("train", 4), ("test", 1))
    }
    positions = np.arange(classes)
    precision, recall, f1, support = precision_recall_fscore_support(
        y, decisions, labels=positions, zero_division=0
    )
    facts["test"] = {
        "rows": rows,
        "metrics": {
            "balanced_accuracy": {"value": float(recall.mean()), "low": 0.5, "high": 0.7, "nothing": 0.55},
            "f1": {"value": float(f1.mean()), "low": None, "high": None, "nothing": None},
        },
        "confusion": {"labels": labels, "matrix": confusion_matrix(y, decisions, labels=positions).tolist()},
        "binary": None,
        "per_class": [
            {
                "label": label, "rows": int(support[i]), "recall": float(recall[i]), "precision": float(precision[i]),
                "f1": float(f1[i]), "average_precision": float(average_precision_score(y == i, logits[:, i])),
            }
            for i, label in enumerate(labels)
        ],
    }  # fmt: skip
    facts["goal"] |= {"name": "balanced_accuracy", "label": "balanced accuracy"}
    facts["chosen"]["rule_text"] = "the class with the largest probability times its multiplier"
    return facts


def hostile() -> dict[str, Any]:
    """Every text a user could have written is an attack."""
    facts = binary(arms=len(HOSTILE) + 2)
    tag, attribute, _formula, close, title, line = HOSTILE
    facts |= {
        "title": title,
        "command": f"steelyard run '{close}'",
        "classes": [tag, close],
        "positive": close,
    }
    facts |= {"digest": attribute, "versions": {tag: attribute}, "log": HOSTILE, "verdict": HOSTILE[:3]}
    facts["goal"] |= {"label": close, "text": tag}
    facts["data"] |= {"source": close, "target": attribute, "dropped": HOSTILE, "group": line}
    facts["data"]["columns"] = [{"name": n, "role": n, "missing": 0.1, "distinct": 3} for n in HOSTILE]
    facts["data"]["counts"] = {"train": {tag: 900, close: 100}, "test": {tag: 90, close: 10}}
    facts["findings"] = [
        {"kind": n, "level": n, "title": n, "message": n, "advice": n, "columns": HOSTILE} for n in HOSTILE
    ]
    facts["diagnosis"] = {
        "sections": [{"title": n, "text": n, "rows": [{"name": n, "value": n, "text": n}]} for n in HOSTILE],
        "no_skill": [{"metric": n, "value": 0.5} for n in HOSTILE],
    }
    for row, name in zip(facts["race"]["rows"], HOSTILE, strict=False):
        row |= {"arm": name, "learner": name, "remedy": name, "reason": name, "metrics": {name: 0.5}}
    facts["race"] |= {"reference": close, "stopped": tag, "budget": attribute}
    facts["chosen"] |= {
        "arm": close,
        "rule_text": close,
        "calibration": tag,
        "calibration_losses": {tag: 0.1},
    }
    facts["test"]["confusion"]["labels"] = [tag, close]
    facts["test"]["metrics"][close] = {"value": 0.5, "low": 0.4, "high": 0.6, "nothing": 0.5}
    facts["test"]["per_class"] = [{"label": n, "rows": 10, "recall": 0.5} for n in HOSTILE]
    facts["groups"] = [
        {"column": n, "value": n, "rows": 9, "positives": 1, "metrics": {n: 0.5, "recall": 1.0}}
        for n in HOSTILE
    ]
    facts["slices"] = [
        {"text": n, "rows": 9, "positives": 1, "metric": n, "value": 0.5, "overall": 0.2} for n in HOSTILE
    ]
    facts["failures"] = [{"arm": n, "reason": n} for n in HOSTILE]
    return facts


def sparse() -> dict[str, Any]:
    """A run in which every arm failed: most facts are missing."""
    failed = [
        {
            "rank": None,
            "arm": f"{name} + LightGBM",
            "status": "failed",
            "reason": "ran out of memory",
            "metrics": None,
        }
        for name in ("nothing", "SMOTE")
    ]
    names = (
        "chosen",
        "test",
        "groups",
        "slices",
        "failures",
        "log",
        "diagnosis",
        "findings",
        "data",
        "versions",
    )
    return {
        "schema": 1,
        "title": None,
        "verdict": [],
        "race": {"rows": failed},
        "goal": None,
        **dict.fromkeys(names),
    }


def _goal() -> dict[str, Any]:
    return {
        "name": "average_precision", "label": "average precision", "direction": "max", "kind": "metric",
        "needs_decision": False, "text": "rank positives first: the mean precision over all recalls",
        "cost_fp": None, "cost_fn": None,
    }  # fmt: skip


def _data(y: Any) -> dict[str, Any]:
    positives, rows = int(y.sum()), len(y)
    columns = [
        ("user_id", "number", 0.0, 7044), ("vehicle_model_id", "category", 0.0, 12), ("from_date", "date", 0.0, 9216),
        ("to_area_id", "category", 0.21, 547), ("from_lat", "number", 0.003, 411), ("mobile_site", "bool", 0.0, 2),
    ]  # fmt: skip
    return {
        "source": "packaged table taxi", "rows": 5 * rows, "train_rows": 4 * rows, "test_rows": rows,
        "target": "Car_Cancellation", "split": "stratified", "group": None, "time": None, "weight": None,
        "dropped": ["row#"],
        "columns": [dict(zip(("name", "role", "missing", "distinct"), one, strict=True)) for one in columns],
        "counts": {
            "train": {"0": 4 * (rows - positives), "1": 4 * positives},
            "test": {"0": rows - positives, "1": positives},
        },
    }  # fmt: skip


def _findings() -> list[dict[str, Any]]:
    return [
        {
            "kind": "duplicates", "level": "warning", "title": "84 rows appear more than once", "columns": [],
            "message": "Of these, 6 carry different labels, so no model can be right on all of them.",
            "advice": "Keep one of each, or pass --group so that copies stay on one side of the split.",
        },
        {
            "kind": "identifier", "level": "suspect", "title": "row# looks like an identifier", "columns": ["row#"],
            "message": "Every row has a value of its own, which a model can learn by heart and never use again.",
            "advice": "It was dropped; pass --keep row# to keep it.",
        },
        {
            "kind": "missing", "level": "info", "title": "to_area_id is missing in 21% of the rows",
            "message": "Rows without it are cancelled less often (3.0% against 8.6%).", "advice": "",
            "columns": ["to_area_id", "to_city_id"],
        },
    ]  # fmt: skip


def _diagnosis(share: float) -> dict[str, Any]:
    return {
        "sections": [
            {
                "title": "Counts", "text": "How many rows each class offers.",
                "rows": [
                    {"name": "imbalance ratio", "value": (1 - share) / share, "text": "commonest over rarest class"},
                    {"name": "positives in training", "value": 596, "text": "about 119 a fold"},
                ],
            },
            {
                "title": "Where the positives lie", "text": "By the classes of each positive's 5 nearest neighbours.",
                "rows": [
                    {"name": "safe", "value": 0.02, "text": "at least 4 of 5 neighbours are positive"},
                    {"name": "borderline", "value": 0.17, "text": "2 or 3 of 5"},
                    {"name": "rare", "value": 0.28, "text": "1 of 5"},
                    {"name": "outlier", "value": 0.53, "text": "none: overlap or noise"},
                ],
            },
        ],
        "no_skill": [
            {"metric": "average_precision", "value": share},
            {"metric": "roc_auc", "value": 0.5},
            {"metric": "brier", "value": share * (1 - share)},
            {"metric": "f1", "value": 2 * share / (1 + share)},
        ],
    }  # fmt: skip


def _race(arms: int, seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed + 100)
    losses = dict(zip(LEARNERS, (0.0, -0.003, -0.012, -0.03), strict=True))
    plan = [(remedy, learner) for learner in LEARNERS for remedy in REMEDIES]
    rows = [_prior_only()]
    for i in range(arms - 1):
        (remedy, prior, gain), learner = plan[i % len(plan)]
        gap = 0.0 if i == 0 else gain + losses[learner] + rng.normal(0, 0.002)
        half = 0.0 if i == 0 else 0.01 + 0.004 * rng.random()
        stopped = i % 5 == 4 and gap < 0
        name = f"{remedy} + {learner}" + (f", variant {i // len(plan) + 1}" if i >= len(plan) else "")
        score, calibrated = 0.41 + gap, 1 + rng.normal(0, 0.02)
        rows.append(
            {
                "arm": name, "learner": learner, "remedy": remedy, "finish": "tuned" if i in (7, 8) else "plain",
                "status": "stopped" if stopped else "finished", "level": 1 if stopped else 2,
                "reason": "behind the best by more than 2 standard errors after 5 folds" if stopped else None,
                "control": remedy in ("nothing", "averaging over folds"), "chosen": i == 0,
                "folds": 5 if stopped else 15, "seconds": float(1 + 9 * rng.random()),
                "score": score, "low": score - 0.028, "high": score + 0.028,
                "difference": gap, "difference_low": gap - half, "difference_high": gap + half,
                "p_better": None if i == 0 else float(1 / (1 + np.exp(-gap / half * 3))),
                "prior_before": prior * (1 + rng.normal(0, 0.03)), "prior_after": calibrated,
                "metrics": dict(zip(METRICS, score * rng.uniform(0.8, 1.2, len(METRICS)), strict=True)),
            }
        )  # fmt: skip
    rows.sort(key=lambda row: -row["score"])
    for rank, row in enumerate(rows, start=1):
        row["rank"] = rank
    return {
        "reference": "doing nothing (LightGBM)", "folds": 15, "fits": 15 * arms, "budget": "2 minutes",
        "stopped": None, "rows": rows,
    }  # fmt: skip


def _prior_only() -> dict[str, Any]:
    return {
        "arm": "prior only", "learner": "none", "remedy": "nothing", "finish": "plain", "status": "finished",
        "reason": None, "control": True, "chosen": False, "level": 2, "folds": 15, "seconds": 0.01,
        "score": 0.0745, "low": 0.0745, "high": 0.0745, "difference": -0.3355, "difference_low": -0.364,
        "difference_high": -0.307, "p_better": 0.0, "prior_before": 1.0, "prior_after": 1.0,
        "metrics": {**dict.fromkeys(METRICS, 0.5), "average_precision": 0.0745, "f1": None},
    }  # fmt: skip


def study() -> dict[str, Any]:
    """Four arms on nine data sets, with names that try to break out."""
    arms = ["=new <b>arm</b>", "baseline", "SMOTE", "class weights"]
    sets = [f"set/{i} <i>{i}</i>" for i in range(9)]
    rng = np.random.default_rng(3)
    values = (0.6 + 0.1 * rng.random((9, 4)) + np.array([0.1, 0, 0.02, 0.03])).tolist()
    ranking = [
        {
            "arm": arm, "mean": 0.7, "rank": 1.0 + i, "rank_low": 0.9 + i, "rank_high": 1.2 + i, "best": 0.5,
            "elo": 1100.0 - 50 * i, "seconds": 0.5 + i, "gain": 0.1 - 0.05 * i, "gain_low": 0.05 - 0.05 * i,
            "gain_high": 0.15 - 0.05 * i, "wins": 8 - i, "ties": 0, "losses": 1 + i, "p": 0.01 * (i + 1),
        }
        for i, arm in enumerate(arms)
    ]  # fmt: skip
    return {
        "schema": 1, "title": "Study of <script>alert(1)</script>", "created": "2026-11-23T22:00:00Z",
        "versions": {"steelyard": "0.1.0"}, "command": "steelyard bench run study.py",
        "metric": {"name": "f1", "label": "F1", "lower": False}, "control": "baseline",
        "verdict": ["=new <b>arm</b> has the best mean rank.", "No arm is clearly better than baseline."],
        "tiles": [{"label": "experiments", "value": "36", "note": "36 done"}], "ranking": ranking,
        "friedman": {"chi2": 9.0, "p": 0.03, "f": 4.0, "p_f": 0.02}, "critical_difference": 1.56,
        "cliques": [[arms[0], arms[1]], [arms[1], arms[2], arms[3]]],
        "scores": {"sets": sets, "arms": arms, "values": values},
        "sets": [{"name": name, "rows": 300 * (i + 1), "ratio": 2.0 ** (i / 2 + 1)} for i, name in enumerate(sets)],
        "tiers": [{"trait": "ratio", "tier": "up to 5", "sets": 3, "means": dict.fromkeys(arms, 0.7)}],
        "learners": [
            {
                "learner": learner, "arm": arm, "sets": 9, "rank": 1.5 + i / 2, "low": 1.2 + i / 2,
                "high": 1.9 + i / 2, "best": 0.25, "elo": 1050.0 - 20 * i, "elo_low": 1000.0, "elo_high": 1090.0,
            }
            for learner in ("tree <i>1</i>", "forest", "logistic")
            for i, arm in enumerate(arms[: 3 if learner == "forest" else 4])
        ],
        "figures": [
            {
                "title": "Gain <b>by</b> round", "x": "round", "y": "gain",
                "lines": [
                    {"name": "high <i>group</i>", "points": [[i, i, i - 1, i + 1] for i in range(5)]},
                    {"name": "low group", "points": [[i, -i / 20] for i in range(5)]},
                ],
            },
            {"title": "nothing known", "x": "x", "y": "y", "lines": [{"name": "none", "points": [[1, None]]}]},
        ],
        "claims": [
            {"says": "it is <em>better</em>", "metric": "f1", "answer": answer, "arm": 0.7, "beats": 0.6,
             "gain": 0.1, "low": 0.05, "high": 0.15, "units": 9, "unit": "data set", "p": 0.01}
            for answer in ("holds", "does not hold", "not shown", "not judged")
        ],
        "notes": ["a <u>departure</u>"],
        "failures": [{"arm": "SMOTE", "outcome": "failed", "count": 2, "reason": "ValueError: <x>"}],
    }  # fmt: skip
