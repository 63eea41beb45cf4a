"""The one judgement on pictures no choice has seen, class by class and by frequency. Plain numbers only."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import cross_entropy

from steelyard.core import Floats, Listener, Meter, Prior, derive
from steelyard.data import ImageSet
from steelyard.decide import ArgMax, Goal, Threshold
from steelyard.diagnose import (
    accuracy_by_count,
    accuracy_by_group,
    calibration_by_class,
    collapse_metrics,
    gradient_norms_by_class,
)
from steelyard.metrics import bootstrap, named
from steelyard.race.image.deliver import ImageDelivery
from steelyard.race.image.examine import Prepared
from steelyard.race.judge import final_test
from steelyard.race.problem import Problem
from steelyard.tasks.image import ImageModel, data_uri

__all__ = ["judge_images", "look_inside"]

Ints = NDArray[np.int64]
MISTAKES, MISTAKES_A_CLASS = 24, 4
INSIDE, NUMBERS = 2000, 50_000_000
"""At most so many training pictures, and numbers in them, are gradients and collapse measured on."""
MOST_CLASSES = 200


def judge_images(
    delivery: ImageDelivery, prepared: Prepared, goal: Goal, *, seed: int, listener: Listener | None = None
) -> dict[str, Any]:
    """Everything the report says about the final test pictures."""
    images, rows = prepared.images, prepared.parts.test
    test = images.take(rows)
    tell = Meter(listener, "Judging", 2 * len(test))
    raw = delivery.model.raw_proba(test, heard=tell)
    plain = delivery.nothing.raw_proba(test, heard=lambda n: tell(len(test) + n))
    p = delivery.model.calibration(delivery.model.undone(raw))
    decisions, nothing = delivery.model.decide(p), ArgMax().decide(plain)
    groups = prepared.together[rows]
    problem = Problem(None, test.y, images.labels, groups=groups)
    rule = delivery.rule
    found = final_test(
        problem,
        p,
        decisions,
        raw=raw,
        nothing=(plain, nothing),
        goal=goal,
        threshold=rule.value if isinstance(rule, Threshold) else (0.5 if isinstance(rule, ArgMax) else None),
        seed=seed,
    )
    found["gain"] = _gain(test.y, (p, decisions), (plain, nothing), goal, groups, seed)
    names = images.files or tuple(f"picture {i}" for i in range(len(images)))
    return {
        "test": found,
        "frequency": _frequency(test.y, decisions, nothing, prepared.prior, seed),
        "class_calibration": _calibration(test.y, p, plain, images.labels),
        "mistakes": _mistakes(test, p, decisions, [names[i] for i in rows]),
    }


def _gain(
    y: Ints, chosen: tuple[Floats, Ints], nothing: tuple[Floats, Ints], goal: Goal, groups: Ints, seed: int
) -> dict[str, float]:
    """The paired difference to doing nothing on the same pictures, better above zero."""
    metric = named(goal.name)

    def gap(y: Ints, p: Floats, d: Ints, q: Floats, e: Ints) -> float:
        return metric.sign * (metric(y, p, d) - metric(y, q, e))

    value, low, high = bootstrap(
        gap, y, *chosen, *nothing, n=300, seed=derive(seed, "bootstrap", "gain"), groups=groups
    )
    return {"value": value, "low": low, "high": high}


def _frequency(y: Ints, decisions: Ints, nothing: Ints, prior: Prior, seed: int) -> dict[str, Any]:
    """By group and class by class, of the chosen model and of doing nothing."""
    made: dict[str, Any] = {"labels": [str(label) for label in prior.labels]}
    for name, decided in (("chosen", decisions), ("nothing", nothing)):
        by_count = accuracy_by_count(y, decided, prior)
        made[name] = {
            "groups": [
                asdict(one) for one in accuracy_by_group(y, decided, prior, seed=derive(seed, "groups"))
            ],
            "counts": by_count.counts,
            "rows": by_count.rows,
            "recall": by_count.recall,
            "low": by_count.low,
            "high": by_count.high,
            "correlation": by_count.correlation,
        }
    return made


def _calibration(y: Ints, p: Floats, plain: Floats, labels: tuple[str, ...]) -> list[dict[str, Any]]:
    after, before = calibration_by_class(y, p), calibration_by_class(y, plain)
    return [
        {
            "label": label,
            "observed": after.observed[k],
            "predicted": after.predicted[k],
            "ratio": after.ratio[k],
            "ratio_nothing": before.ratio[k],
            "error": after.error[k],
            "error_nothing": before.error[k],
            "confidence": after.confidence[k],
            "precision": after.precision[k],
        }
        for k, label in enumerate(labels[:MOST_CLASSES])
    ]


def _mistakes(test: ImageSet, p: Floats, decisions: Ints, names: list[str]) -> list[dict[str, Any]]:
    """Wrong decisions that gave the truth the least probability, a few of each class."""
    true = p[np.arange(len(test)), test.y]
    wrong = np.flatnonzero(decisions != test.y)
    found: list[dict[str, Any]] = []
    taken = np.zeros(p.shape[1], dtype=int)
    for i in wrong[np.argsort(true[wrong], kind="stable")]:
        if len(found) == MISTAKES:
            break
        if taken[test.y[i]] == MISTAKES_A_CLASS:
            continue
        taken[test.y[i]] += 1
        found.append(
            {
                "picture": data_uri(test.pixels[i]),
                "name": names[i],
                "true": test.labels[test.y[i]],
                "decided": test.labels[decisions[i]],
                "p_true": true[i],
                "p_decided": p[i, decisions[i]],
            }
        )
    return found


def look_inside(model: ImageModel, prepared: Prepared, *, seed: int) -> dict[str, Any]:
    """Gradients of each class's cross-entropy at the training prior, and the geometry of the features."""
    images, rows = prepared.images, prepared.parts.train
    most = min(INSIDE, NUMBERS // int(np.prod(images.pixels.shape[1:])))
    if len(rows) > most:
        rng = np.random.default_rng(derive(seed, "inside"))
        rows = np.sort(rng.choice(rows, most, replace=False))
    labels = torch.from_numpy(images.y[rows])
    x = model.scaling(images.pixels[rows])
    shift = torch.from_numpy(np.log(model.prior / model.trained)).float()
    gradients = gradient_norms_by_class(
        model.network, x, labels, loss=lambda scores, target: cross_entropy(scores + shift, target)
    )
    seen: Any = model.network.features
    with torch.no_grad():
        features = [seen(x[start : start + 256]) for start in range(0, len(x), 256)]
    h = torch.cat(features).double().numpy()
    return {
        "pictures": len(rows),
        "gradients": [
            {
                "label": images.labels[k],
                "pictures": n,
                "loss": loss,
                "norm": norm,
                "pull": pull,
            }
            for k, n, loss, norm, pull in zip(
                gradients.classes, gradients.rows, gradients.loss, gradients.norm, gradients.pull, strict=True
            )
        ][:MOST_CLASSES],
        "collapse": collapse_metrics(h, images.y[rows]),
    }
