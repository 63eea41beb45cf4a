"""One experiment: pure, named by what it is, and written once."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar

from steelyard.core import UsageError

__all__ = ["Outcome", "Run", "Scores", "Shared", "State", "Trial"]

Scores: TypeAlias = Mapping[str, float]
"""What a trial returns: a number for every metric."""

T = TypeVar("T")

State: TypeAlias = Literal["done", "declined", "failed", "timeout", "memory", "died"]


class Shared:
    """What the trials of one group compute once and use together.

    Args:
        wider: what outlives the group, such as tables that many groups read; None if nothing does.
        most: how many values to keep; the one not used for longest goes first. None keeps all.

    >>> shared = Shared()
    >>> shared("folds", lambda: [1, 2]) is shared("folds", lambda: [3])
    True
    """

    def __init__(self, wider: Shared | None = None, *, most: int | None = None) -> None:
        self.wider, self.most = wider, most
        self._known: dict[Hashable, Any] = {}

    def __call__(self, name: Hashable, compute: Callable[[], T]) -> T:
        """The value kept under `name`; computed on the first call. What raises is not kept."""
        value: T = self._known.pop(name) if name in self._known else compute()
        self._known[name] = value
        if self.most is not None and len(self._known) > self.most:
            del self._known[next(iter(self._known))]
        return value

    def everywhere(self, name: Hashable, compute: Callable[[], T]) -> T:
        """The same for a value that every group may need and that does not depend on seed or split."""
        return (self.wider or self)(name, compute)


@dataclass(frozen=True)
class Trial:
    """One experiment.

    Attributes:
        run: a function of a module, `run(trial, shared) -> {metric: number}`. It reads nothing but its
            arguments, so that equal trials give equal numbers wherever and whenever they run.
        data: the name of the data set.
        arm: what is compared, such as "smote".
        learner: what both sides of a comparison have in common, such as the learner or the network; arms are
            compared at equal data, learner, seed and split.
        seed: which repetition.
        split: which part of the data is held out.
        settings: anything else the run needs; plain JSON values.
        shares: trials of the same `shares` run one after the other in one process and share what they keep
            in `Shared`; "" shares with nobody.
    """

    run: Run
    data: str
    arm: str
    learner: str = ""
    seed: int = 0
    split: int = 0
    settings: Mapping[str, Any] = field(default_factory=dict)
    shares: str = ""

    @property
    def key(self) -> str:
        """A digest of the code, the data set's name, arm, learner, seed, split and settings."""
        name = [_code(self.run), self.data, self.arm, self.learner, self.seed, self.split]
        try:
            text = json.dumps([*name, dict(self.settings)], sort_keys=True, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise UsageError(
                f"the settings of arm {self.arm!r} are no plain values ({error}); "
                "use numbers, texts, lists and dicts"
            ) from error
        return hashlib.sha256(text.encode()).hexdigest()[:24]

    @property
    def label(self) -> str:
        """How a person would name it."""
        arm = f"{self.arm} + {self.learner}" if self.learner else self.arm
        return f"{arm} on {self.data}, split {self.split}, seed {self.seed}"


Run: TypeAlias = Callable[[Trial, Shared], Scores]


@dataclass(frozen=True)
class Outcome:
    """What became of a trial; one that failed keeps its place, with the reason.

    Attributes:
        key: of the trial.
        state: "done", "declined" (a part says that it does not suit the data), "failed", "timeout", "memory"
            or "died" (its process ended).
        seconds: wall time.
        scores: numbers by metric; empty unless done.
        reason: one sentence, unless done.
    """

    key: str
    state: State
    seconds: float
    scores: Scores = field(default_factory=dict)
    reason: str = ""


def _code(run: Run) -> str:
    """The function's name, and a digest of the file it stands in and of this version of steelyard."""
    name = f"{run.__module__}:{run.__qualname__}"
    if "<lambda>" in name or "<locals>" in name:
        raise UsageError(f"{name} cannot be found by other processes; give a function of a module")
    return f"{name}@{_digest(inspect.getsourcefile(run) or '')}"


@cache
def _digest(path: str) -> str:
    from steelyard import __version__

    source = Path(path).read_bytes() if path else b""
    return hashlib.sha256(__version__.encode() + source).hexdigest()[:12]
