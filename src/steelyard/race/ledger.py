"""Every finished fit is on disk before the next begins, so a killed run loses nothing it finished."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from steelyard.core import atomic_path
from steelyard.race.fitting import FitResult

__all__ = ["Ledger"]


class Ledger:
    """Fit results by key: in memory, and as one small file a fit when a folder is given."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self._known: dict[str, FitResult] = {}
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            for path in sorted(folder.glob("*.npz")):
                self._known[path.stem] = _read(path)

    def get(self, key: str) -> FitResult | None:
        """The result of a finished fit, or None."""
        return self._known.get(key)

    def put(self, key: str, result: FitResult) -> None:
        """Record a finished fit; the file appears whole or not at all."""
        self._known[key] = result
        if self.folder is not None:
            with atomic_path(self.folder / f"{key}.npz") as temporary, temporary.open("wb") as file:
                np.savez(file, **_arrays(result))

    @property
    def seconds(self) -> float:
        """Compute time of all recorded fits."""
        return sum(result.seconds for result in self._known.values())


def _arrays(result: FitResult) -> dict[str, Any]:
    facts = json.dumps({"status": result.status, "seconds": result.seconds, "reason": result.reason})
    arrays: dict[str, Any] = {"facts": np.array(facts)}
    if result.p is not None and result.trained is not None:
        arrays |= {"p": result.p, "trained": result.trained}
    return arrays


def _read(path: Path) -> FitResult:
    with np.load(path, allow_pickle=False) as stored:
        facts = json.loads(str(stored["facts"]))
        p = stored.get("p", None)
        trained = stored.get("trained", None)
    return FitResult(facts["status"], facts["seconds"], p, trained, facts["reason"])
