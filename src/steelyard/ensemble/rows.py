"""The rows an ensemble draws from: equal rows merged, mass counted, drawn by mass.

A row's mass is its sample weight, and equal rows with equal labels are one row whose masses add up. Rows then
stand in an order that depends on their content alone. So a weight of three is exactly three copies of a row,
a weight of zero is no row at all, and the order in which rows arrive does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from steelyard.core import Floats
from steelyard.ensemble.asked import PART, Asked, lacking
from steelyard.ensemble.bins import Bins, Codes, some
from steelyard.ensemble.forest import Forest

__all__: list[str] = []

Ints = NDArray[np.int64]

_CHUNK = 65_536
ANSWERS, ROOM = 18, 2**28
"""Bytes of what is remembered of a value, and the most of them in all."""


@dataclass(frozen=True, eq=False)
class ClassRows:
    """The distinct rows of one class.

    Attributes:
        code: the class position.
        rows: positions into the training matrix (u,), in an order fixed by content.
        mass: the summed weights of each (u,).
    """

    code: int
    rows: Ints
    mass: Floats

    @cached_property
    def total(self) -> float:
        """The mass of the class."""
        return float(self.mass.sum())

    @cached_property
    def even(self) -> bool:
        """Whether all rows weigh the same, so that drawing is a plain shuffle."""
        return bool(self.mass.min() == self.mass.max())


@dataclass(frozen=True, eq=False)
class Rows:
    """Training rows as an ensemble's draws see them.

    Attributes:
        X: the training matrix (n, d), as it came.
        y: class positions (n,).
        classes: the distinct rows of each class, in class order.
        unit: mass of one row, measured on the smallest class; 1 without weights and duplicates.
        bins: the bins of the columns, if the members train on codes.
        codes: the codes of `X` (n, d), then.
    """

    X: Any
    y: Ints
    classes: tuple[ClassRows, ...]
    unit: float
    bins: Bins | None = None
    codes: Codes | None = None

    @classmethod
    def of(cls, X: Any, y: Ints, sample_weight: Floats | None, *, merge: bool) -> Rows:
        """Merge equal rows (only for learners that take weights) and sort the rest into classes."""
        mass = np.ones(len(y)) if sample_weight is None else sample_weight
        first, mass = _merged(X, y, mass) if merge else (np.arange(len(y)), mass)
        codes = y[first]
        n_classes = int(y.max()) + 1
        classes = tuple(ClassRows(k, first[codes == k], mass[codes == k]) for k in range(n_classes))
        smallest = min(classes, key=lambda rows: rows.total)
        return cls(X, y, classes, smallest.total / len(smallest.rows))

    def cut(self, most: int) -> Bins:
        """Bins of the columns, from the distinct rows of every class."""
        return Bins.of(self.X, [group.rows for group in self.classes], most)

    def binned(self, most: int) -> Rows:
        """The same rows with their codes beside them, made once for all members."""
        bins = self.cut(most)
        return replace(self, bins=bins, codes=bins.encode(self.X))

    def take(self, chosen: Ints, weight: Floats) -> Drawn:
        """The rows at `chosen`, with the weights that came along."""
        return Drawn(self.y[chosen], weight, chosen=chosen)

    @cached_property
    def mass(self) -> Floats:
        """The mass of every row of `X` (n,); 0 for rows merged into another."""
        mass = np.zeros(len(self.y))
        for group in self.classes:
            mass[group.rows] = group.mass
        return mass

    @cached_property
    def kept(self) -> dict[str, Any]:
        """What one member leaves here for the next."""
        return {}

    @cached_property
    def asked(self) -> list[tuple[Asked, Ints]]:
        """The rows and their class positions, in parts that remember what members were asked about them."""
        roomy = self.X.size * ANSWERS <= ROOM
        parts = [slice(start, start + PART) for start in range(0, len(self.y), PART)]
        forest = Forest(lost=lacking(self.X)) if roomy and self.bins is not None else None
        return [(Asked(self.X[part], forest, roomy=roomy), self.y[part]) for part in parts]

    def compact(self) -> Rows:
        """The distinct rows alone, class by class, as a table of their own."""
        order = np.concatenate([group.rows for group in self.classes])
        ends = np.cumsum([len(group.rows) for group in self.classes])
        classes = tuple(
            ClassRows(group.code, np.arange(end - len(group.rows), end), group.mass)
            for group, end in zip(self.classes, ends, strict=True)
        )
        return Rows(self.X[order], self.y[order], classes, self.unit)

    @cached_property
    def counts(self) -> Floats:
        """Rows of each class (K,): its mass in units of an average row of the smallest class."""
        return np.array([rows.total for rows in self.classes]) / self.unit

    def n_draws(self, code: int, count: float) -> int:
        """How many distinct draws stand for `count` rows of a class; equal to `count` without weights.

        A class whose mass lies on many light rows gives more, lighter draws, so that their mass is as wanted.
        """
        rows = self.classes[code]
        share = count * self.unit / rows.total
        return max(1, round(count), round(share * len(rows.rows)))


@dataclass(frozen=True, eq=False)
class Drawn:
    """What one member is trained on: rows of the table by their positions, then rows that were made.

    Attributes:
        y: class positions (m,).
        weight: weights (m,).
        chosen: positions into the table; None for all its rows as they are.
        made: rows that are not from the table (m - chosen, d), if there are any.
    """

    y: Ints
    weight: Floats
    chosen: Ints | None = None
    made: Any = None

    def features(self, table: Rows) -> Any:
        """The rows as values (m, d)."""
        if self.made is not None and self.chosen is not None and not len(self.chosen):
            return self.made
        known = table.X if self.chosen is None else table.X[self.chosen]
        return known if self.made is None else np.concatenate([known, self.made])

    def fit(self, member: Any, table: Rows) -> Any:
        """Fit a member on this draw; weights that are all one are left out."""
        if table.bins is None or table.codes is None:
            return fit_plain(member, self.features(table), self.y, self.weight)
        mass, rows = self._mass(table)
        codes, y = table.codes, table.y
        if rows is None and self.made is None:
            return member.fit_codes(table.bins, codes, y, mass, kept=table.kept)
        if rows is not None:
            y, mass = y[rows], mass[rows]
        if self.made is None:
            return member.fit_codes(table.bins, codes, y, mass, rows)
        first = len(self.y) - len(self.made)
        known = codes if rows is None else some(codes, rows)
        codes = np.concatenate([known.T, table.bins.encode(self.made).T], axis=1).T
        y = np.concatenate([y, self.y[first:]])
        return member.fit_codes(table.bins, codes, y, np.concatenate([mass, self.weight[first:]]))

    def _mass(self, table: Rows) -> tuple[Floats, Ints | None]:
        """The weight of every row of the table, and the rows that have one, if not all do.

        A row drawn three times is a row of three times the weight, at a third of the work.
        """
        n = len(table.y)
        if self.chosen is None:
            return self.weight[:n], None
        drawn = self.weight[: len(self.chosen)]
        mass = np.bincount(self.chosen, weights=drawn, minlength=n).astype(np.float64, copy=False)
        rows: Ints = mass.nonzero()[0]
        return mass, None if len(rows) == n else rows


def fit_plain(member: Any, X: Any, y: Ints, weight: Floats | None) -> Any:
    """Fit on rows; weights that are all one are left out, as not every learner takes them."""
    if weight is None or bool((weight == 1).all()):
        return member.fit(X, y)
    return member.fit(X, y, sample_weight=weight)


def draw(mass: Floats, n: int, rng: np.random.Generator, *, even: bool, replacement: bool = False) -> Ints:
    """Draw `n` positions with probability proportional to mass.

    Without replacement a row comes up only as often as its mass demands (systematic sampling in random order;
    with equal masses a simple random sample, going round again once all rows are used).

    >>> draw(np.ones(3), 6, np.random.default_rng(0), even=True).tolist().count(2)
    2
    """
    if even:
        return draw_evenly(len(mass), n, rng, replacement=replacement)
    if replacement:
        ends = mass.cumsum()
        return _hit(ends, rng.random(n) * ends[-1])
    order = rng.permutation(len(mass))
    ends = mass[order].cumsum()
    points = (rng.random() + np.arange(n)) * (ends[-1] / n)
    return np.asarray(order[_hit(ends, points)])


def draw_evenly(size: int, n: int, rng: np.random.Generator, *, replacement: bool = False) -> Ints:
    """Draw `n` positions of `size` that all weigh the same.

    >>> draw_evenly(3, 6, np.random.default_rng(0)).tolist().count(2)
    2
    """
    if replacement:
        return rng.integers(size, size=n)
    if n <= size:
        return rng.choice(size, n, replace=False)
    return np.resize(rng.permutation(size), n)


def _hit(ends: Floats, points: Floats) -> Ints:
    """The segment each point falls into; rounding may put a point past the last end."""
    found = ends.searchsorted(points, side="right")
    return np.asarray(np.minimum(found, len(ends) - 1, out=found))


def _merged(X: Any, y: Ints, mass: Floats) -> tuple[Ints, Floats]:
    """First position and summed mass of every distinct row, ordered by content."""
    hashes = _sparse_hashes(X) if sparse.issparse(X) else _dense_hashes(X)
    keys = _mix(hashes + y.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15))
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    return first.astype(np.int64), np.bincount(inverse, weights=mass).astype(np.float64)


def _dense_hashes(X: Any) -> NDArray[np.uint64]:
    columns = _column_keys(X.shape[1])
    hashes = np.empty(X.shape[0], dtype=np.uint64)
    for start in range(0, X.shape[0], _CHUNK):
        words = _words(X[start : start + _CHUNK])
        hashes[start : start + _CHUNK] = (_mix(words) * columns).sum(axis=1, dtype=np.uint64)
    return hashes


def _sparse_hashes(X: Any) -> NDArray[np.uint64]:
    terms = _mix(_words(X.data)) * _column_keys(X.shape[1])[X.indices]
    ends = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(terms, dtype=np.uint64)])
    return np.asarray(ends[X.indptr[1:]] - ends[X.indptr[:-1]])


def _words(values: Any) -> NDArray[np.uint64]:
    # adding zero makes -0.0 and 0.0 the same word
    return np.ascontiguousarray(np.asarray(values, dtype=np.float64) + 0.0).view(np.uint64)


def _mix(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64's finaliser: every input bit reaches every output bit, and zero stays zero."""
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


def _column_keys(n: int) -> NDArray[np.uint64]:
    keys = np.random.default_rng(0).integers(2**64, size=n, dtype=np.uint64, endpoint=False)
    return keys | np.uint64(1)
