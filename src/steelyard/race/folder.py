"""A run on disk: built under a working name, shown under its own name only when complete.

`OUT.partial/` holds the plan and the finished fits while a run goes on; a killed run resumes from it. When
everything is written the folder is renamed to `OUT`.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from pathlib import Path
from typing import Any

from steelyard.core import UsageError, write_text

__all__ = ["RunFolder", "digest_of"]


class RunFolder:
    """The working and the final place of a run."""

    def __init__(self, out: str | Path) -> None:
        self.out = Path(out)
        self.partial = self.out.with_name(f"{self.out.name}.partial")

    def finished(self, plan: dict[str, Any]) -> bool:
        """Whether this very run has already been completed here; another run in the way is an error."""
        if not self.out.exists():
            return False
        if not self.out.is_dir():
            raise UsageError(f"{str(self.out)!r} is a file; give --out a new folder")
        if not any(self.out.iterdir()):
            return False
        if _plan(self.out) == plan:
            return True
        raise UsageError(
            f"{str(self.out)!r} already holds something else; give another --out, or --fresh to replace it"
        )

    def open(self, plan: dict[str, Any], *, fresh: bool) -> float:
        """Make or resume the working folder; returns the seconds used before."""
        if fresh:
            shutil.rmtree(self.partial, ignore_errors=True)
        if self.partial.exists() and _plan(self.partial) not in (None, plan):
            raise UsageError(
                f"{str(self.partial)!r} holds an unfinished run with other data or settings; repeat its command to "
                "resume it, or give --fresh to start over"
            )
        self.partial.mkdir(parents=True, exist_ok=True)
        write_text(self.partial / "plan.json", json.dumps(plan, indent=1, default=str))
        return self._used()

    def note_time(self, seconds: float) -> None:
        """Remember the time used, so that a resumed run keeps its budget."""
        write_text(self.partial / "used.json", json.dumps({"seconds": seconds, "at": time.time()}))

    def _used(self) -> float:
        path = self.partial / "used.json"
        if not path.exists():
            return 0.0
        return float(json.loads(path.read_text(encoding="utf-8"))["seconds"])

    def complete(self) -> None:
        """Drop the working files and give the folder its name."""
        for name in ("fits", "encoded"):
            shutil.rmtree(self.partial / name, ignore_errors=True)
        for name in ("used.json", "schedule.json"):
            (self.partial / name).unlink(missing_ok=True)
        if self.out.exists():
            old = self.out.with_name(f".{self.out.name}.old")
            shutil.rmtree(old, ignore_errors=True)
            self.out.rename(old)
            self.partial.rename(self.out)
            shutil.rmtree(old, ignore_errors=True)
        else:
            self.partial.rename(self.out)

    def abandon(self) -> None:
        """Leave nothing behind when not a single fit was finished or, of long ones, begun."""
        if not any(file.suffix in {".npz", ".safetensors"} for file in (self.partial / "fits").rglob("*")):
            shutil.rmtree(self.partial, ignore_errors=True)


def _plan(folder: Path) -> dict[str, Any] | None:
    path = folder / "plan.json"
    if not path.is_file():
        return None
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def digest_of(*parts: Any) -> str:
    """A fingerprint of settings."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()
