"""Judge once, put all facts together, and write the run folder."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from steelyard.core import derive, write_text
from steelyard.core.progress import Log
from steelyard.decide import ArgMax, NoCalibration, Threshold
from steelyard.diagnose import summarise
from steelyard.race.arms import Arm
from steelyard.race.clock import Clock
from steelyard.race.deliver import Delivery, fit_members
from steelyard.race.facts import json_safe, now, race_facts, versions
from steelyard.race.judge import final_test, group_results, tail_slices
from steelyard.race.model import Evidence, TableModel
from steelyard.race.prepare import Parts
from steelyard.race.problem import column_names
from steelyard.race.request import Request
from steelyard.race.result import Run
from steelyard.race.solve import Answer
from steelyard.race.storage import save_model
from steelyard.race.verdict import verdict
from steelyard.tasks.tabular import infer_roles

__all__ = ["write_run"]


def write_run(
    request: Request,
    parts: Parts,
    answer: Answer,
    *,
    clock: Clock,
    log: Log,
    work: Path,
) -> Run:
    """Everything a finished run leaves behind, in memory and in `work`."""
    result, choice, delivery = answer.result, answer.choice, answer.delivery
    roles: dict[Any, str] = infer_roles(parts.train.X) if isinstance(parts.train.X, pd.DataFrame) else {}
    judged = _judge(request, parts, answer, roles)
    facts: dict[str, Any] = {
        "schema": 1,
        "title": request.source.name,
        "created": now(),
        "command": request.command or " ".join(["python", *sys.argv][:1]) + " # steelyard.run(...)",
        "seed": request.options.seed,
        "seconds": clock.used,
        "versions": versions(),
        "digest": request.source.digest,
        "verdict": verdict(
            choice,
            label=parts.goal.label,
            test=judged["test"],
            name=parts.goal.name,
            problem=parts.train,
            rule_text=delivery.rule.text,
            bounded=parts.goal.bounded,
        ),
        "goal": _goal(parts),
        "classes": [str(label) for label in parts.train.labels],
        "positive": str(parts.train.labels[-1]) if parts.train.n_classes == 2 else None,
        "data": _data(request, parts, roles),
        "findings": [finding.to_json() for finding in parts.findings],
        "diagnosis": parts.diagnosis.to_json() if parts.diagnosis is not None else None,
        "race": race_facts(choice, result, _limit(request)),
        "chosen": {
            "arm": choice.chosen.label,
            "learner": choice.chosen.arm.learner.label if choice.chosen.arm.learner else "",
            "remedy": choice.chosen.arm.remedy.label,
            "calibration": delivery.calibration,
            "calibration_losses": delivery.losses,
            "rule": delivery.rule.to_json(),
            "rule_text": delivery.rule.text,
        },
        **judged,
        "failures": [
            {"arm": arm.label, "reason": result.reasons[arm.key]}
            for arm in result.arms
            if arm.key in result.broken
        ],
        "log": log.lines,
    }
    run = Run(delivery.model, json_safe(facts), _schema(request, parts, delivery, roles))
    _save(run, work, log)
    return run


def _judge(
    request: Request,
    parts: Parts,
    answer: Answer,
    roles: dict[Any, str],
) -> dict[str, Any]:
    if parts.test is None:
        return {"test": None, "groups": [], "slices": []}
    delivery, test = answer.delivery, parts.test
    model = delivery.model
    p = model.predict_proba(test.X)
    decisions = model.decide(p, costs=test.costs)
    plain = _nothing(answer.choice.reference.arm, parts, request)
    nothing_p = plain.raw_proba(test.X)
    rule = delivery.rule
    found = final_test(
        test,
        p,
        decisions,
        raw=model.raw_proba(test.X),
        nothing=(nothing_p, ArgMax().decide(nothing_p)),
        goal=parts.goal,
        threshold=rule.value if isinstance(rule, Threshold) else (0.5 if isinstance(rule, ArgMax) else None),
        seed=request.options.seed,
    )
    return {
        "test": found,
        "groups": group_results(test, p, decisions, roles),
        "slices": tail_slices(test, p),
    }


def _nothing(arm: Arm, parts: Parts, request: Request) -> TableModel:
    """Doing nothing, fitted on the same rows: what the final figures are compared with."""
    encoders, members = fit_members(
        {arm: 1.0},
        parts.train,
        seed=derive(request.options.seed, "delivery"),
        n_jobs=request.options.workers,
    )
    empty = Evidence(np.zeros((0, parts.train.n_classes)), np.zeros(0, dtype=np.int64), np.zeros(0))
    return TableModel(
        labels=parts.train.labels,
        encoders=encoders,
        members=members,
        natural=parts.train.prior.p,
        calibration=NoCalibration(),
        rule=ArgMax().to_json(),
        goal=parts.goal.to_json(),
        evidence=empty,
    )


def _goal(parts: Parts) -> dict[str, Any]:
    goal = parts.goal
    settings = goal.to_json()
    return {
        "name": goal.name,
        "label": goal.label,
        "direction": goal.direction,
        "text": goal.text,
        "needs_decision": goal.needs_decision,
        "kind": goal.kind,
        "cost_fp": settings.get("cost_fp") if isinstance(settings.get("cost_fp"), int | float) else None,
        "cost_fn": settings.get("cost_fn") if isinstance(settings.get("cost_fn"), int | float) else None,
    }


def _data(request: Request, parts: Parts, roles: dict[Any, str]) -> dict[str, Any]:
    columns, train, test = request.columns, parts.train, parts.test
    labels = [str(label) for label in train.labels]

    def counts(y: Any) -> dict[str, int]:
        return dict(zip(labels, np.bincount(y, minlength=len(labels)).tolist(), strict=True))

    listed = []
    if isinstance(train.X, pd.DataFrame):
        listed = [
            {
                "name": str(name),
                "role": roles.get(str(name), "number"),
                "missing": float(train.X[name].isna().mean()),
                "distinct": int(train.X[name].nunique()),
            }
            for name in train.X.columns
        ]
    return {
        "source": request.source.source,
        "rows": request.source.rows,
        "train_rows": train.n,
        "test_rows": test.n if test is not None else 0,
        "target": columns.target,
        "split": parts.split,
        "group": columns.group,
        "time": columns.time,
        "weight": columns.weight,
        "dropped": list(parts.dropped),
        "columns": listed,
        "counts": {"train": counts(train.y), "test": counts(test.y) if test is not None else {}},
    }


def _limit(request: Request) -> str | None:
    options = request.options
    if options.max_fits is not None:
        return f"{options.max_fits} fits"
    return None if options.budget is None else f"{options.budget:g} minutes"


def _schema(request: Request, parts: Parts, delivery: Delivery, roles: dict[Any, str]) -> dict[str, Any]:
    """What `model.json` adds to the facts: enough to check new tables before they are scored."""
    X = parts.train.X
    return {
        "schema": 1,
        "columns": [
            {
                "name": name,
                "role": roles.get(name, "number"),
                "dtype": str(X[name].dtype) if isinstance(X, pd.DataFrame) else "float",
            }
            for name in column_names(X)
        ],
        "target": request.columns.target,
        "kinds": _kinds(request, X),
        "summary": summarise(X) if isinstance(X, pd.DataFrame) else None,
        "prior": parts.train.prior.p.tolist(),
        "rule": delivery.rule.to_json(),
    }


def _kinds(request: Request, X: Any) -> dict[str, str]:
    """What the cells of each column are read as in a file of new rows."""
    known = request.source.schema
    if not isinstance(X, pd.DataFrame):
        return dict.fromkeys(column_names(X), "number")
    found = {name: known.get(str(name)) or _kind(X[name].dtype) for name in X.columns}
    return {str(name): kind for name, kind in found.items() if kind != "empty"}


def _kind(dtype: Any) -> str:
    if pd.api.types.is_bool_dtype(dtype):
        return "bool"
    if pd.api.types.is_numeric_dtype(dtype):
        return "number"
    return "date" if pd.api.types.is_datetime64_any_dtype(dtype) else "text"


def _save(run: Run, work: Path, log: Log) -> None:
    if foreign := save_model(run.best_, work / "model.skops"):
        log.note("Writing", f"the model holds types from elsewhere; load it with trusted={foreign}")
    write_text(work / "model.json", json.dumps(run.card(), indent=1))
    write_text(work / "report.json", json.dumps(run.facts))
    run.results_.to_parquet(work / "results.parquet", index=False)
    write_text(work / "report.html", run.report())
    write_text(work / "run.log", "\n".join(log.lines) + "\n")
