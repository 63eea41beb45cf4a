"""Facts of trainings on pictures that never happened, built on those of a table of many classes."""

from __future__ import annotations

from typing import Any

import numpy as np

from report import facts as builders

PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+k"
    "cQAAAABJRU5ErkJggg=="
)


def images(classes: int = 7, *, seed: int = 1) -> dict[str, Any]:
    """A long tail of some classes, in which a remedy helped the rare ones."""
    facts = builders.multiclass(classes, seed=seed)
    labels = facts["classes"]
    counts = np.maximum(2, 400 * 0.4 ** np.arange(classes)).round()
    before = np.clip(0.98 - 0.12 * np.arange(classes), 0, 1)
    after = np.clip(0.95 - 0.05 * np.arange(classes), 0, 1)
    arms = ["doing nothing", "balanced softmax", "retrained classifier"]
    facts |= {
        "kind": "image",
        "noun": "pictures",
        "title": "animals",
        "data": {
            "source": "animals/", "rows": 900, "train_rows": 600, "validation_rows": 100, "test_rows": 200,
            "target": "the folder's name", "split": "600 for train, 100 for validation, 200 for test; drawn by class",
            "size": "32 × 32 pixels, colour", "imbalance": "exponential:100", "dropped": [], "columns": [],
            "counts": {"train": dict(zip(labels, counts.tolist(), strict=True)), "test": dict.fromkeys(labels, 20)},
        },
        "frequency": {
            "labels": labels,
            "chosen": _frequency(counts, after, 0.4),
            "nothing": _frequency(counts, before, 0.97),
        },
        "class_calibration": [
            {
                "label": label, "observed": 0.1, "predicted": 0.12, "ratio": 1.2, "ratio_nothing": 0.3 + 0.2 * k,
                "error": 0.02, "error_nothing": 0.11, "confidence": 0.83, "precision": None if k == 0 else 0.8,
            }
            for k, label in enumerate(labels)
        ],
        "mistakes": [
            {
                "picture": PIXEL, "name": f"{labels[-1]}/{k}.png", "true": labels[-1], "decided": labels[0],
                "p_true": 0.01 * k, "p_decided": 0.9,
            }
            for k in range(9)
        ],
        "curves": [
            {
                "arm": arm, "name": "nothing" if k == 0 else f"arm{k}", "epoch": list(range(1, 31)),
                "loss": (2.0 / np.arange(1, 31) ** (0.3 + 0.1 * k)).tolist(),
                "validation_loss": (2.0 / np.arange(1, 31) ** 0.3 + 0.02 * k).tolist(),
                "validation_balanced_accuracy": (1 - 0.8 / np.arange(1, 31) ** 0.5 - 0.01 * k).tolist(),
            }
            for k, arm in enumerate(arms)
        ],
        "inside": {
            "pictures": 600,
            "gradients": [
                {"label": label, "pictures": n, "loss": 0.1 * k, "norm": 1.0 + k, "pull": (1.0 + k) * n / 600}
                for k, (label, n) in enumerate(zip(labels, counts.tolist(), strict=True))
            ],
            "collapse": {"within": 0.51, "minimum_angle": 41.2, "incoherence": 0.2, "norm_variation": 0.3},
        },
    }  # fmt: skip
    facts["chosen"] |= {"arm": "balanced softmax", "remedy": "balanced softmax"}
    facts["race"] |= {
        "same": "on the same validation pictures and seeds",
        "unit": "seeds",
        "epochs": 30,
        "seeds": 2,
    }
    return facts


def hostile_images() -> dict[str, Any]:
    """Names that try to leave their place, and pictures that are none."""
    facts = images(len(builders.HOSTILE))
    names = builders.HOSTILE
    for one, name in zip(facts["mistakes"], [*names, *names], strict=False):
        one |= {"name": name, "true": name, "decided": name}
    facts["mistakes"][0]["picture"] = 'https://example.com/a.png" onerror="alert(1)'
    facts["mistakes"][1]["picture"] = "data:image/svg+xml;base64,PHN2Zy8+"
    for facts_of in (facts["class_calibration"], facts["inside"]["gradients"], facts["curves"]):
        for one, name in zip(facts_of, names, strict=False):
            one["arm" if "arm" in one else "label"] = name
    facts["frequency"]["labels"] = names
    return facts


def _frequency(counts: Any, recall: Any, correlation: float) -> dict[str, Any]:
    many, few = counts > 100, counts < 20
    groups = [
        {
            "group": name, "classes": np.flatnonzero(mine).tolist(), "rows": int(20 * mine.sum()),
            "value": float(recall[mine].mean()) if mine.any() else None,
            "low": float(recall[mine].mean()) - 0.05 if mine.any() else None,
            "high": min(1.0, float(recall[mine].mean()) + 0.05) if mine.any() else None,
        }
        for name, mine in (("many", many), ("medium", ~many & ~few), ("few", few))
    ]  # fmt: skip
    return {
        "groups": groups, "counts": counts.tolist(), "rows": [20] * len(counts), "recall": recall.tolist(),
        "low": (recall - 0.1).tolist(), "high": (recall + 0.05).tolist(), "correlation": correlation,
    }  # fmt: skip
