"""Classify new pictures with a finished run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from steelyard.core import Listener, Meter, UsageError, atomic_path
from steelyard.race.image.result import ImageRun
from steelyard.tasks.image import read_new_images

__all__ = ["score_images"]


def score_images(
    run: ImageRun,
    images: str | Path,
    output: str | Path,
    *,
    path: str | None = None,
    listener: Listener | None = None,
) -> dict[str, Any]:
    """Write `picture`, `probability` (or one column a class) and `decision` for every picture.

    When to use it: `steelyard predict RUN IMAGES` does it.

    Args:
        run: a finished run.
        images: a picture, a folder, a table of paths, or an archive.
        output: a .csv or .parquet file, written whole or not at all.
        path: the column of paths, for tables.
        listener: hears about progress.

    Returns:
        rows, counts of decisions, and warnings.

    Raises:
        DataError: no picture could be read.
        UsageError: an output of another kind.
    """
    target = Path(output)
    if target.suffix not in {".csv", ".parquet"}:
        raise UsageError(f"output {target.name!r} must end in .csv or .parquet; rename it")
    if not target.parent.is_dir():
        raise UsageError(f"the folder {str(target.parent)!r} does not exist; make it first")
    model = run.best_
    found, broken = read_new_images(
        images, size=model.size, channels=model.spec.channels, path=path, listener=listener
    )
    p = model.predict_proba(found, heard=Meter(listener, "Classifying", len(found)))
    decided = model.decide(p)
    frame = pd.DataFrame({"picture": list(found.files or ())})
    if len(model.labels) == 2:
        frame["probability"] = p[:, 1]
    else:
        for k, label in enumerate(model.labels):
            frame[f"probability_{label}"] = p[:, k]
    frame["decision"] = np.asarray(model.labels)[decided]
    with atomic_path(target) as temporary:
        if target.suffix == ".csv":
            frame.to_csv(temporary, index=False)
        else:
            frame.to_parquet(temporary, index=False)
    counts = np.bincount(decided, minlength=len(model.labels))
    some = "; ".join(f"{name}: {why}" for name, why in list(broken.items())[:3])
    warnings = [f"{len(broken)} pictures could not be read and have no row ({some})"] if broken else []
    most = np.argsort(-counts, kind="stable")[:8]
    return {
        "rows": len(frame),
        "output": str(target),
        "decisions": {label: int(n) for label, n in zip(model.labels, counts, strict=True)},
        "decided": ", ".join(f"{counts[k]:,} × {model.labels[k]}" for k in most if counts[k]),
        "mean_probability": {label: float(v) for label, v in zip(model.labels, p.mean(0), strict=True)},
        "warnings": warnings,
    }
