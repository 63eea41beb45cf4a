"""New rows for ensembles that over-sample: interpolation inside a class, or a sampler of the user's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.metrics import pairwise_distances
from sklearn.neighbors import NearestNeighbors

from steelyard.core import DataError, Floats, UsageError
from steelyard.ensemble.committee import seeded
from steelyard.ensemble.rows import ClassRows, Drawn, Ints, Rows, draw
from steelyard.samplers import largest_remainder

__all__: list[str] = []

SPREAD = 500
"""Rows of a cluster whose mutual distances are measured."""


class Interpolation:
    """SMOTE's step between a row and one of its k nearest in its class, the neighbours found once a fit."""

    def __init__(self, rows: Rows, k_neighbors: int) -> None:
        self.rows = rows
        self.k = k_neighbors
        self.nearest: dict[int, Ints] = {}

    def __call__(self, code: int, n: int, rng: np.random.Generator) -> tuple[Any, Ints, Ints, Floats]:
        """`n` new rows of a class, the two parents of each, and how far they lie towards the second."""
        group = self.rows.classes[code]
        near = self._neighbours(group)
        first = draw(group.mass, n, rng, even=group.even)
        second = near[first, rng.integers(near.shape[1], size=n)]
        step = rng.random(n)
        a, b = group.rows[first], group.rows[second]
        origin = self.rows.X[a]
        made = origin + step[:, None].astype(origin.dtype) * (self.rows.X[b] - origin)
        return made, a, b, step

    def _neighbours(self, group: ClassRows) -> Ints:
        if group.code not in self.nearest:
            k = min(self.k, len(group.rows) - 1)
            if k:
                index = NearestNeighbors(n_neighbors=k).fit(self.rows.X[group.rows])
                self.nearest[group.code] = index.kneighbors(return_distance=False)
            else:
                # a class of one row has no neighbour but itself
                self.nearest[group.code] = np.zeros((1, 1), dtype=np.int64)
        return self.nearest[group.code]


class ClusteredInterpolation(Interpolation):
    """SMOTE's step inside clusters in which a class is at home; sparse clusters get more rows."""

    def __init__(self, rows: Rows, k_neighbors: int, cluster: Ints, share: float) -> None:
        super().__init__(rows, k_neighbors)
        self.cluster, self.share = cluster, share
        self.homes: dict[int, tuple[list[Interpolation], Floats]] = {}

    def __call__(self, code: int, n: int, rng: np.random.Generator) -> tuple[Any, Ints, Ints, Floats]:
        """`n` new rows of a class, the two parents of each, and how far they lie towards the second."""
        if code not in self.homes:
            self.homes[code] = self._home(self.rows.classes[code])
        inside, shares = self.homes[code]
        parts = [
            one(code, quota, rng)
            for one, quota in zip(inside, largest_remainder(shares, n).tolist(), strict=True)
            if quota
        ]
        made, a, b, step = zip(*parts, strict=True)
        return np.concatenate(made), np.concatenate(a), np.concatenate(b), np.concatenate(step)

    def _home(self, group: ClassRows) -> tuple[list[Interpolation], Floats]:
        """The clusters a class may grow in, each as an interpolation of its own, and their shares."""
        own = self.cluster[group.rows]
        size = np.bincount(self.cluster, weights=self.rows.mass)
        held = np.bincount(own, weights=group.mass, minlength=len(size))
        dense = held >= self.share * group.total / size.sum() * size
        several = np.bincount(own, minlength=len(size)) > 1
        for allowed in (dense & several, several, held > 0):
            if allowed.any():
                break
        inside, shares = [], []
        for number in np.flatnonzero(allowed):
            at = np.flatnonzero(own == number)
            part = ClassRows(group.code, group.rows[at], group.mass[at])
            classes = tuple(part if one.code == group.code else one for one in self.rows.classes)
            inside.append(Interpolation(replace(self.rows, classes=classes), self.k))
            points = self.rows.X[part.rows[:SPREAD]]
            spread = pairwise_distances(points).sum() / max(len(points) * (len(points) - 1), 1)
            shares.append(self.rows.X.shape[1] * np.log(max(spread, 1e-12)) - np.log(part.total))
        logs = np.array(shares)
        # the power of the dimension would leave all new rows to one cluster; the span is kept within e^3
        return inside, np.exp(np.clip(logs - logs.max(), -3, 0))


def resampled(sampler: Any, drawn: Drawn, table: Rows, rng: np.random.Generator) -> Drawn:
    """What any `fit_resample` object makes of a draw, with weights.

    Rows the sampler can name (`sample_indices_`, or originals put first, as over-samplers do) keep their
    weight; made rows get the mean weight of their class.
    """
    if not hasattr(sampler, "fit_resample"):
        raise UsageError(f"sampler={sampler!r} came, expected an object with fit_resample(X, y)")
    X, y, weight = drawn.features(table), drawn.y, drawn.weight
    fitted = seeded(sampler, int(rng.integers(2**31)), "sampler")
    made, labels = fitted.fit_resample(X, y)
    labels = np.asarray(labels).astype(np.int64)
    if set(np.unique(labels)) != set(np.unique(y)):
        raise DataError(
            f"{type(sampler).__name__} left only classes {np.unique(labels).tolist()} of the bag; use another sampler"
        )
    named = getattr(fitted, "sample_indices_", None)
    if named is not None and len(named) == len(labels):
        chosen = np.asarray(named)
        return Drawn(labels, weight[chosen], chosen=chosen if drawn.chosen is None else drawn.chosen[chosen])
    sums, sizes = np.bincount(y, weights=weight), np.bincount(y)
    spread = (sums / np.maximum(sizes, 1))[labels]
    if len(made) >= len(y) and _same(made[: len(y)], X):
        spread[: len(y)] = weight
    return Drawn(labels, spread, chosen=np.zeros(0, dtype=np.int64), made=made)


def _same(a: Any, b: Any) -> bool:
    if sparse.issparse(a) or sparse.issparse(b):
        return bool((a != b).nnz == 0)
    return bool(np.array_equal(a, b))
