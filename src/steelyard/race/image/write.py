"""Put all facts of a training on pictures together, and write the run folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from steelyard.core import Log, write_text
from steelyard.decide import Goal, calibration_in_the_large
from steelyard.metrics import TEN, named
from steelyard.race.clock import Clock
from steelyard.race.facts import json_safe, mean_of, now, versions
from steelyard.race.image.candidates import TUNED, Ground
from steelyard.race.image.competition import Attempt, Competition
from steelyard.race.image.deliver import ImageDelivery
from steelyard.race.image.examine import Prepared
from steelyard.race.image.options import ImageOptions
from steelyard.race.image.result import ImageRun
from steelyard.race.image.schedule import Schedule
from steelyard.race.image.standings import ImageChoice, ImageStanding
from steelyard.race.image.verdict import image_verdict
from steelyard.tasks.image import Plan, Read

__all__ = ["Finished", "race_rows", "write_image_run"]


@dataclass(frozen=True, eq=False)
class Finished:
    """Everything a run on pictures has come to."""

    read: Read
    prepared: Prepared
    options: ImageOptions
    plan: Plan
    schedule: Schedule
    competition: Competition
    ground: Ground
    choice: ImageChoice
    delivery: ImageDelivery
    judged: dict[str, Any]
    inside: dict[str, Any]


def write_image_run(done: Finished, *, clock: Clock, log: Log, work: Path, command: str) -> ImageRun:
    """Everything a finished run leaves behind."""
    labels = [str(label) for label in done.prepared.images.labels]
    model = done.delivery.model
    facts = {
        "schema": 1,
        "kind": "image",
        "title": done.read.images.name,
        "created": now(),
        "command": command or "steelyard.train_images(...)",
        "seed": done.options.seed,
        "seconds": clock.used,
        "versions": versions("torch"),
        "digest": done.prepared.digest,
        "verdict": image_verdict(
            done.choice,
            done.judged,
            goal=done.ground.goal,
            rule_text=done.delivery.rule.text,
            note=done.schedule.note,
        ),
        "goal": _goal(done.ground.goal),
        "classes": labels,
        "positive": labels[-1] if len(labels) == 2 else None,
        "noun": "pictures",
        "data": _data(done.read, done.prepared, done.options),
        "findings": [finding.to_json() for finding in done.prepared.findings],
        "race": _race(done),
        "chosen": {
            "arm": done.choice.chosen.candidate.label,
            "learner": f"{done.options.backbone}, trained with the first seed",
            "remedy": done.choice.chosen.candidate.arm.label,
            "calibration": f"temperature {model.calibration.temperature_:.3g}, shift along the prior "
            f"{model.calibration.shift_:.3g}",
            "rule": done.delivery.rule.to_json(),
            "rule_text": done.delivery.rule.text,
        },
        **done.judged,
        "inside": done.inside,
        "curves": _curves(done.competition),
        "failures": [
            {"arm": name, "reason": reason, "status": "stopped"}
            for name, reason in done.competition.stopped.items()
        ],
        "log": log.lines,
    }
    run = ImageRun(model, json_safe(facts), model.to_json())
    model.save(work)
    write_text(work / "model.json", json.dumps(json_safe(run.card()), indent=1))
    write_text(work / "report.json", json.dumps(run.facts))
    run.results_.to_parquet(work / "results.parquet", index=False)
    write_text(work / "report.html", run.report())
    write_text(work / "run.log", "\n".join(log.lines) + "\n")
    return run


def _goal(goal: Goal) -> dict[str, Any]:
    names = ("name", "label", "direction", "text", "needs_decision", "kind")
    return {name: getattr(goal, name) for name in names}


def _race(done: Finished) -> dict[str, Any]:
    options = done.options
    return {
        "reference": done.choice.reference.candidate.label,
        "same": "on the same validation pictures and seeds",
        "unit": "seeds",
        "caption": "All ways to decide, ranked; intervals are 95%, paired over the same pictures and seeds",
        "epochs": done.schedule.epochs,
        "seeds": len(done.choice.reference.scores),
        "backbone": options.backbone + (", pretrained" if options.pretrained else ""),
        "budget": None if options.budget is None else f"{options.budget:g} minutes",
        "rows": race_rows(done.choice, done.competition, done.ground, done.plan),
    }


def race_rows(
    choice: ImageChoice, competition: Competition, ground: Ground, plan: Plan
) -> list[dict[str, Any]]:
    """The candidates as a ranked table; arms that were not trained come last, with the reason."""
    found = [
        _row(one, rank, choice, ground, competition.of(one.candidate.arm), plan)
        for rank, one in enumerate(choice.standings, 1)
    ]
    return found + [
        {"rank": None, "arm": name, "status": "declined", "reason": reason, "control": False, "chosen": False}
        for name, reason in competition.stopped.items()
    ]


def _row(
    one: ImageStanding,
    rank: int,
    choice: ImageChoice,
    ground: Ground,
    attempts: list[Attempt],
    plan: Plan,
) -> dict[str, Any]:
    candidate = one.candidate
    before = after = None
    if candidate.variant == TUNED and len(ground.natural) == 2:
        before = mean_of([calibration_in_the_large(raw.p, ground.y) for raw in attempts])
        after = mean_of([calibration_in_the_large(p, ground.y) for p in candidate.p])
    return {
        "rank": rank,
        "arm": candidate.label,
        "learner": "",
        "remedy": candidate.arm.label,
        "finish": candidate.variant,
        "status": "finished",
        "control": one is choice.reference,
        "chosen": one is choice.chosen,
        "folds": len(one.scores),
        "epochs": plan.epochs_of(candidate.arm),
        "seconds": candidate.seconds,
        "score": one.score.mean,
        "low": one.score.low,
        "high": one.score.high,
        "difference": one.difference.mean,
        "difference_low": one.difference.low,
        "difference_high": one.difference.high,
        "p_better": one.difference.p_positive,
        "prior_before": before,
        "prior_after": after,
        "metrics": {
            name: mean_of(
                [named(name)(ground.y, p, d) for p, d in zip(candidate.p, candidate.decisions, strict=True)]
            )
            for name in TEN
        },
    }


def _data(read: Read, prepared: Prepared, options: ImageOptions) -> dict[str, Any]:
    images, parts = prepared.images, prepared.parts
    height, width, channels = images.pixels.shape[1:]

    def counts(rows: Any) -> dict[str, int]:
        found = np.bincount(images.y[rows], minlength=len(images.labels)).tolist()
        return dict(zip(images.labels, found, strict=True))

    return {
        "source": read.source,
        "rows": len(images),
        "train_rows": len(parts.train),
        "validation_rows": len(parts.validation),
        "test_rows": len(parts.test),
        "target": read.target_name,
        "split": parts.how,
        "group": "given" if images.groups is not None else None,
        "size": f"{width} × {height} pixels, {'grey' if channels == 1 else 'colour'}",
        "imbalance": options.imbalance,
        "dropped": [],
        "columns": [],
        "counts": {
            "train": counts(parts.train),
            "validation": counts(parts.validation),
            "test": counts(parts.test),
        },
    }


def _curves(competition: Competition) -> list[dict[str, Any]]:
    """Loss and balanced accuracy by epoch, of the first seed of every arm."""
    return [
        {
            "arm": one.arm.label,
            "name": one.arm.name,
            "epoch": [record["epoch"] + 1 for record in one.history],
            "loss": [record["loss"] for record in one.history],
            "validation_loss": [record["validation_loss"] for record in one.history],
            "validation_balanced_accuracy": [
                record["validation_balanced_accuracy"] for record in one.history
            ],
        }
        for one in competition.attempts
        if one.seed == 0
    ]
