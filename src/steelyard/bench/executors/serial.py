"""One trial after the other in this process: the reference, and the one to debug with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from steelyard.bench.execute import KEPT, Limits, batches, execute
from steelyard.bench.trial import Outcome, Shared, Trial

__all__ = ["Serial"]


@dataclass(frozen=True)
class Serial:
    """Runs trials here, one at a time; the time limit interrupts Python code only."""

    limits: Limits = field(default_factory=Limits)

    def run(self, trials: Sequence[Trial]) -> Iterator[Outcome]:
        """Yield outcomes in order."""
        kept = Shared(most=KEPT)
        for batch in batches(trials):
            shared = Shared(kept)
            for trial in batch:
                yield execute(trial, shared, self.limits)
