"""Shallow trees on all columns of a table: the larger child's sums are what the smaller leaves of its parent's.

A node needs the mass of every class on every code of every column. Those of two children add up to their parent's, so
only the smaller child's rows are looked at. Masses are whole numbers, so nothing is lost by taking them away again.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from steelyard.core import Floats
from steelyard.ensemble.bins import MISSING, Bins, Codes, Ints
from steelyard.ensemble.compiled import compiled, inlined
from steelyard.ensemble.splitting import (
    EPSILON,
    Split,
    as_tree,
    best_cut,
    impurity,
    note,
    parted,
    room,
    settle,
    summed,
    wait,
)

__all__: list[str] = []

EXACT = 2.0**50
"""The mass of all rows together; sums of whole numbers up to this are exact."""


class Histograms:
    """A table of codes, on which trees are grown with weights of their own.

    Args:
        bins: the bins of the columns.
        codes: the codes of the rows (n, d).
        depth: depth limit.
        least: rows a leaf must keep, in mass: that many times the average row of the node that is split.
    """

    def __init__(self, bins: Bins, codes: Codes, *, depth: int, least: int) -> None:
        self.bins, self.depth, self.least = bins, depth, least
        # a column's codes, then one for what is missing
        self._starts = np.concatenate([[0], np.cumsum(bins.size + 2)]).astype(np.int64)
        lost = (bins.size + 1).astype(np.uint8)
        columns = np.ascontiguousarray(codes.T)
        self._codes = np.where(columns == MISSING, lost[:, None], columns)

    def grow(self, y: Ints, weight: Floats, n_classes: int) -> tuple[Any, Ints]:
        """The tree for class positions (n,) and weights (n,), its thresholds on values; the leaf of every row (n,)."""
        leaf = np.empty(len(y), dtype=np.int64)
        whole = np.maximum(np.rint(weight * (EXACT / weight.sum())), 1.0)
        nodes, values = room(len(y), 1, self.depth, n_classes)
        n, depth = _grow(
            self.bins.edges,
            self._codes,
            self._starts,
            y,
            whole,
            (self.depth, self.least),
            nodes,
            values,
            leaf,
        )
        nodes, values = nodes[:n], values[:n]
        nodes["weighted_n_node_samples"] *= weight.sum() / whole.sum()
        return as_tree(nodes, values, len(self._codes), depth), leaf


@compiled
def _grow(
    edges: Any,
    codes: Any,
    starts: Any,
    y: Any,
    weight: Any,
    limits: tuple[int, int],
    nodes: Any,
    values: Any,
    leaf: Any,
) -> tuple[int, int]:
    """Fill `nodes` and `values`; how many there are, and how deep they go.

    A node that waits has its sums beside it, as high on the pile as it is.
    """
    deepest, least = limits
    n_classes = values.shape[2]
    rows, y, weight = np.arange(len(y)).astype(np.uint32), y.astype(np.uint32), weight.copy()
    sums = np.empty((deepest + 1, starts[-1], n_classes))
    total, left, held = np.empty(n_classes), np.empty(n_classes), np.empty(MISSING + 1)
    waiting = np.empty((deepest + 1, 5), dtype=np.int64)
    wait(waiting[0], 0, len(rows), 0, -1, 0)
    _fill(codes, starts, rows, y, weight, 0, len(rows), sums[0])
    waits, n_nodes, depth = 1, 0, 0
    while waits:
        waits -= 1
        start, end, level, parent, is_left = waiting[waits]
        mass = summed(y, weight, start, end, total)
        here = impurity(total, mass, False)
        split = Split(-np.inf, -1, 0.0, False, 0.0, 0.0)
        if level < deepest and here > EPSILON:
            split = _best(sums[waits], starts, least * mass / (end - start), mass, total, held, left)
        parts = here, end - start, mass
        note(nodes, values, n_nodes, (parent, is_left), parts, total, edges, split)
        depth = max(depth, level)
        if split.column < 0:
            settle(leaf, rows, start, end, n_nodes)
        else:
            column, missing = codes[split.column], starts[split.column + 1] - starts[split.column] - 1
            middle = parted(rows, y, weight, column, start, end, split, missing)
            less, more, side = (start, middle), (middle, end), 1
            if middle - start > end - middle:
                less, more, side = more, less, 0
            wait(waiting[waits], more[0], more[1], level + 1, n_nodes, 1 - side)
            wait(waiting[waits + 1], less[0], less[1], level + 1, n_nodes, side)
            if level + 1 < deepest:
                _fill(codes, starts, rows, y, weight, less[0], less[1], sums[waits + 1])
                _take(sums[waits], sums[waits + 1])
            waits += 2
        n_nodes += 1
    return n_nodes, depth


@inlined
def _fill(codes: Any, starts: Any, rows: Any, y: Any, weight: Any, start: int, end: int, sums: Any) -> None:
    """The mass of every class on every code, of some rows."""
    for code in range(sums.shape[0]):
        for k in range(sums.shape[1]):
            sums[code, k] = 0.0
    for j in range(len(codes)):
        column, part = codes[j], sums[starts[j] : starts[j + 1]]
        for i in range(start, end):
            part[column[rows[i]], y[i]] += weight[i]


@inlined
def _take(sums: Any, part: Any) -> None:
    for i in range(sums.shape[0]):
        for k in range(sums.shape[1]):
            sums[i, k] -= part[i, k]


@inlined
def _best(sums: Any, starts: Any, least: float, mass: float, total: Any, held: Any, left: Any) -> Split:
    """The best split of a node; of equal ones that of the first column."""
    best = Split(-np.inf, -1, 0.0, False, 0.0, 0.0)
    for column in range(len(starts) - 1):
        part = sums[starts[column] : starts[column + 1]]
        missing = len(part) - 1
        lowest, highest = missing, -1
        for code in range(len(part)):
            mass_here = 0.0
            for k in range(len(left)):
                mass_here += part[code, k]
            held[code] = mass_here
            if mass_here and code < missing:
                lowest, highest = min(lowest, code), code
        ends = (lowest, highest, missing)
        for lost_left in range(1 + (held[missing] > 0)):
            best = best_cut(
                column, held, part, ends, least, total, (mass, mass), False, lost_left == 1, left, best
            )
    return best
