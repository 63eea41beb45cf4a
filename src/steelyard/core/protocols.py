"""The protocols steelyard adds to scikit-learn's and imbalanced-learn's; nothing has to be inherited."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.core.prior import Prior

__all__ = [
    "Adjustment",
    "Executor",
    "Floats",
    "Generator",
    "IndexStream",
    "Memory",
    "Resampler",
    "RowWeighting",
    "Weighting",
]

Floats: TypeAlias = NDArray[np.float64]

Weighting: TypeAlias = Callable[[Prior], Floats]
"""Prior -> class weights (K,), scaled so that the weights of all training rows average one."""

RowWeighting: TypeAlias = Callable[[Floats, NDArray[np.int64]], Floats]
"""Held-out class probabilities (n, K) and class positions (n,) -> row weights (n,) that average one."""


@runtime_checkable
class Resampler(Protocol):
    """Rows in, rows out: imbalanced-learn's contract, so both kinds mix in one pipeline."""

    def fit_resample(self, X: Any, y: Any) -> tuple[Any, Any]:
        """Return the resampled rows and labels; `sample_indices_` and `origin_` say where they came from."""
        ...


@runtime_checkable
class IndexStream(Protocol):
    """A finite stream of row positions: what `DataLoader(batch_sampler=…)` takes."""

    def __len__(self) -> int:
        """How many batches one pass has."""
        ...

    def __iter__(self) -> Iterator[list[int]]:
        """Yield batches of row positions."""
        ...


class Memory(Protocol):
    """Rows kept from a stream."""

    def add(self, batch: Any) -> None:
        """Take in a batch."""
        ...

    def draw(self, n: int, rng: np.random.Generator) -> Any:
        """Give back `n` rows."""
        ...


class Generator(Protocol):
    """Learns a distribution and makes rows from it; every made row carries its provenance."""

    def fit(self, data: Any) -> Generator:
        """Learn from training rows only."""
        ...

    def sample(self, wanted: Mapping[Any, int], rng: np.random.Generator) -> Any:
        """Make `wanted[label]` rows of each label."""
        ...


@runtime_checkable
class Adjustment(Protocol):
    """Every decision-level method: scores (n, K) or (n,) in, scores whose argmax or sign decides out."""

    def fit(self, scores: ArrayLike, y: ArrayLike) -> Adjustment:
        """Learn from out-of-fold scores."""
        ...

    def __call__(self, scores: ArrayLike) -> Floats:
        """Adjust scores."""
        ...


class Executor(Protocol):
    """The study engine's only view of hardware."""

    def run(self, trials: Any) -> Iterator[Any]:
        """Run trials and yield their results as they finish."""
        ...
