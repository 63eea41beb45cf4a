"""Trees grown on codes: scikit-learn's own splits, found by counting codes instead of sorting values.

At a node the rows of each code are counted, so a column costs one pass over the node's rows and one over its codes.
Columns are drawn, splits compared and nodes numbered as scikit-learn's depth-first builder does, so the trees are its
trees.
"""

from __future__ import annotations

from typing import Any, NamedTuple

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


class Limits(NamedTuple):
    """When to stop, and what to look at."""

    columns: int
    least: int
    depth: int
    entropy: bool


class Desk(NamedTuple):
    """What is worked on: rows in the order of the nodes, columns in the order of the draws, sums a code and a node."""

    rows: Any
    y: Any
    weight: Any
    columns: Any
    constant: Any
    count: Any
    sums: Any
    total: Any
    left: Any


def grown(
    bins: Bins,
    codes: Codes,
    rows: Ints,
    y: Ints,
    weight: Floats,
    n_classes: int,
    limits: Limits,
    seed: int,
    leaf: Ints,
) -> Any:
    """scikit-learn's tree for some rows of a table of codes, its thresholds on values.

    Args:
        bins: the bins of the columns.
        codes: the codes of all rows, column by column (d, n).
        rows: positions of the rows to train on (m,).
        y: class positions of these (m,).
        weight: weights of these (m,).
        n_classes: number of classes K.
        limits: when to stop, and how many columns to try a split.
        seed: from 0 to 2^31 - 2; the start of the generator that draws columns.
        leaf: takes the leaf of every row trained on (n,); or empty.
    """
    nodes, values = room(len(rows), limits.least, limits.depth, n_classes)
    n, depth = _grow(bins.edges, codes, rows, y, weight, limits, np.uint32(seed), nodes, values, leaf)
    return as_tree(nodes[:n], values[:n], len(codes), depth)


@compiled
def _grow(
    edges: Any,
    codes: Any,
    rows: Any,
    y: Any,
    weight: Any,
    limits: Limits,
    state: Any,
    nodes: Any,
    values: Any,
    leaf: Any,
) -> tuple[int, int]:
    """Fill `nodes` and `values`; how many there are, and how deep they go."""
    n_classes = values.shape[2]
    desk = Desk(
        rows.astype(np.uint32),
        y.astype(np.uint32),
        weight.copy(),
        np.arange(len(codes)),
        np.empty(len(codes), dtype=np.int64),
        np.zeros(MISSING + 1, dtype=np.int64),
        np.zeros((MISSING + 1, n_classes)),
        np.empty(n_classes),
        np.empty(n_classes),
    )
    waiting, impurities = np.empty((64, 6), dtype=np.int64), np.empty(64)
    wait(waiting[0], 0, len(rows), 0, -1, 0)
    waiting[0, 5] = 0
    waits, n_nodes, deepest = 1, 0, 0
    while waits:
        waits -= 1
        start, end, depth, parent, is_left, constants = waiting[waits]
        mass = summed(desk.y, desk.weight, start, end, desk.total)
        here = impurities[waits] if parent >= 0 else impurity(desk.total, mass, limits.entropy)
        split = Split(-np.inf, -1, 0.0, False, 0.0, 0.0)
        if depth < limits.depth and end - start >= 2 * limits.least and here > EPSILON:
            split, constants, state = _best(desk, codes, start, end, mass, limits, constants, state)
        parts = here, end - start, mass
        note(nodes, values, n_nodes, (parent, is_left), parts, desk.total, edges, split)
        deepest = max(deepest, depth)
        if split.column < 0:
            settle(leaf, desk.rows, start, end, n_nodes)
        else:
            column = codes[split.column]
            middle = parted(desk.rows, desk.y, desk.weight, column, start, end, split, MISSING)
            if waits + 2 > len(waiting):
                waiting, impurities = _longer(waiting, impurities)
            wait(waiting[waits], middle, end, depth + 1, n_nodes, 0)
            wait(waiting[waits + 1], start, middle, depth + 1, n_nodes, 1)
            waiting[waits, 5] = waiting[waits + 1, 5] = constants
            impurities[waits], impurities[waits + 1] = split.right, split.left
            waits += 2
        n_nodes += 1
    return n_nodes, deepest


@compiled
def _longer(waiting: Any, impurities: Any) -> tuple[Any, Any]:
    more, further = np.empty((2 * len(waiting), 6), dtype=np.int64), np.empty(2 * len(waiting))
    for i in range(len(waiting)):
        further[i] = impurities[i]
        for j in range(6):
            more[i, j] = waiting[i, j]
    return more, further


@inlined
def _best(
    desk: Desk, codes: Any, start: int, end: int, mass: float, limits: Limits, known: int, state: Any
) -> tuple[Split, int, Any]:
    """The best split of a node on columns drawn without replacement, how many columns are constant, the generator.

    `desk.columns` holds constant columns first: those drawn, those `known` from the parent, those found here; then
    columns to be drawn, then those drawn. `desk.count` and `desk.sums` are zero before and after.
    """
    columns, constant, count = desk.columns, desk.constant, desk.count
    best = Split(-np.inf, -1, 0.0, False, 0.0, 0.0)
    undrawn, visited, found, drawn = len(columns), 0, 0, 0
    while undrawn > known + found and (visited < limits.columns or visited <= found + drawn):
        visited += 1
        state = _next(state)
        at = drawn + np.int64(state & np.uint32(0x7FFFFFFF)) % (undrawn - found - drawn)
        if at < known:
            columns[drawn], columns[at] = columns[at], columns[drawn]
            drawn += 1
            continue
        at += found
        column = columns[at]
        low, high = _counted(desk, codes[column], start, end)
        lost = count[MISSING] > 0
        if high < 0 or (low == high and not lost):
            columns[at], columns[known + found] = columns[known + found], column
            found += 1
        else:
            undrawn -= 1
            columns[undrawn], columns[at] = columns[at], columns[undrawn]
            ends, masses = (low, high, MISSING), (mass, end - start)
            for lost_left in range(1 + lost):
                best = best_cut(
                    column,
                    count,
                    desk.sums,
                    ends,
                    limits.least,
                    desk.total,
                    masses,
                    limits.entropy,
                    lost_left == 1,
                    desk.left,
                    best,
                )
        _clear(desk, low, high)
    for i in range(known):
        columns[i] = constant[i]
    for i in range(known, known + found):
        constant[i] = columns[i]
    return best, known + found, state


@inlined
def _next(state: Any) -> Any:
    """The generator's next state: xorshift with 32 bits."""
    if state == 0:
        state = np.uint32(1)
    state ^= np.uint32(state << np.uint32(13))
    state ^= np.uint32(state >> np.uint32(17))
    state ^= np.uint32(state << np.uint32(5))
    return state


@inlined
def _counted(desk: Desk, codes: Any, start: int, end: int) -> tuple[int, int]:
    """Count the codes of a node and add up their masses; the lowest and the highest, missing values aside."""
    low, high = MISSING, -1
    for i in range(start, end):
        code = codes[desk.rows[i]]
        desk.count[code] += 1
        desk.sums[code, desk.y[i]] += desk.weight[i]
        if code < low:
            low = code
        if code > high and code != MISSING:
            high = code
    return low, high


@inlined
def _clear(desk: Desk, low: int, high: int) -> None:
    for code in range(low, high + 1):
        desk.count[code] = 0
        for k in range(len(desk.total)):
            desk.sums[code, k] = 0.0
    if desk.count[MISSING]:
        desk.count[MISSING] = 0
        for k in range(len(desk.total)):
            desk.sums[MISSING, k] = 0.0
