"""What every grower of trees does at a node: sum up, find the best cut of a column, part the rows."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from sklearn.tree._tree import NODE_DTYPE, Tree

from steelyard.ensemble.compiled import compiled, inlined

__all__: list[str] = []

EPSILON = float(np.finfo(np.float64).eps)


class Split(NamedTuple):
    """A way to part a node: rows with a code of at most `cut` go left; the impurities of both sides."""

    gain: float
    column: int
    cut: float
    lost_left: bool
    left: float
    right: float


def room(rows: int, least: int, depth: int, n_classes: int) -> tuple[Any, Any]:
    """Empty nodes and their values, as many as a tree may come to have."""
    most = 2 * max(1, rows // least)
    if depth < most.bit_length():
        most = min(most, 2 ** (depth + 1))
    return np.zeros(most, dtype=NODE_DTYPE), np.empty((most, 1, n_classes))


def as_tree(nodes: Any, values: Any, n_columns: int, depth: int) -> Any:
    """Nodes as one of scikit-learn's trees."""
    tree = Tree(n_columns, np.array([values.shape[2]], dtype=np.intp), 1)
    tree.__setstate__({"max_depth": depth, "node_count": len(nodes), "nodes": nodes, "values": values})
    return tree


@inlined
def summed(y: Any, weight: Any, start: int, end: int, total: Any) -> float:
    """The mass of rows; `total` takes that of every class."""
    for k in range(len(total)):
        total[k] = 0.0
    mass = 0.0
    for i in range(start, end):
        total[y[i]] += weight[i]
        mass += weight[i]
    return mass


@compiled
def impurity(masses: Any, mass: float, entropy: bool) -> float:
    """Gini impurity, or entropy in bits."""
    if entropy:
        bits = 0.0
        for part in masses:
            if part > 0.0:
                bits -= part / mass * np.log2(part / mass)
        return bits
    squares = 0.0
    for part in masses:
        squares += part * part
    return 1.0 - squares / (mass * mass)


@inlined
def best_cut(
    column: int,
    held: Any,
    sums: Any,
    ends: tuple[int, int, int],
    least: float,
    total: Any,
    masses: tuple[float, float],
    entropy: bool,
    lost_left: bool,
    left: Any,
    best: Split,
) -> Split:
    """The best cut of a column, if it is better than the best so far.

    Args:
        column: the column.
        held: how much of what a side must keep is on every code.
        sums: the mass of every class on every code (codes, K).
        ends: the lowest and the highest code, and where what is missing is kept.
        least: how much a side must keep.
        total: the mass of every class (K,).
        masses: the mass in all, and how much there is of what a side must keep.
        entropy: whether impurity is entropy.
        lost_left: whether missing values go left.
        left: room for the masses on the left (K,).
        best: the best so far.
    """
    low, high, missing = ends
    mass, whole = masses
    lost = held[missing]
    kept, mass_left, last = 0 * lost, 0.0, -1
    if lost_left:
        kept = lost
    for k in range(len(left)):
        left[k] = sums[missing, k] if lost_left else 0.0
        mass_left += left[k]
    for code in range(low, high + 2 if lost and not lost_left else high + 1):
        if code <= high and held[code] == 0:
            continue
        if last >= 0 and kept >= least and whole - kept >= least:
            gain, in_left, in_right = _gain(left, total, mass_left, mass, entropy)
            if gain > best.gain:
                cut = np.inf if code > high else (last + code) / 2
                side = lost_left if lost else kept > whole - kept
                best = Split(gain, column, cut, side, in_left, in_right)
        if code <= high:
            kept += held[code]
            for k in range(len(left)):
                left[k] += sums[code, k]
                mass_left += sums[code, k]
            last = code
    return best


@inlined
def _gain(left: Any, total: Any, mass_left: float, mass: float, entropy: bool) -> tuple[float, float, float]:
    """How good a cut is, up to what all cuts have in common; the impurities of both sides."""
    mass_right = mass - mass_left
    if entropy:
        in_left, in_right = impurity(left, mass_left, True), impurity(total - left, mass_right, True)
    else:
        squares, others = 0.0, 0.0
        for k in range(len(left)):
            right = total[k] - left[k]
            squares += left[k] * left[k]
            others += right * right
        in_left = 1.0 - squares / (mass_left * mass_left)
        in_right = 1.0 - others / (mass_right * mass_right)
    return -mass_right * in_right - mass_left * in_left, in_left, in_right


@inlined
def parted(
    rows: Any, y: Any, weight: Any, codes: Any, start: int, end: int, split: Split, missing: int
) -> int:
    """Put the rows that go left before the others; where the others start."""
    low, high = start, end
    while low < high:
        code = codes[rows[low]]
        if split.lost_left if code == missing else code <= split.cut:
            low += 1
        else:
            high -= 1
            rows[low], rows[high] = rows[high], rows[low]
            y[low], y[high] = y[high], y[low]
            weight[low], weight[high] = weight[high], weight[low]
    return low


@inlined
def note(
    nodes: Any,
    values: Any,
    at: int,
    parent: tuple[int, int],
    parts: tuple[float, int, float],
    total: Any,
    edges: Any,
    split: Split,
) -> None:
    """Write down a node: whose left or right child it is, its impurity, rows, mass and shares, its cut on values."""
    above, is_left = parent
    if above >= 0 and is_left:
        nodes[above].left_child = at
    elif above >= 0:
        nodes[above].right_child = at
    node = nodes[at]
    node.impurity, node.n_node_samples, node.weighted_n_node_samples = parts
    for k in range(len(total)):
        values[at, 0, k] = total[k] / parts[2]
    if split.column < 0:
        node.left_child, node.right_child, node.feature, node.threshold = -1, -1, -2, -2.0
    else:
        node.feature, node.missing_go_to_left = split.column, split.lost_left
        node.threshold = edges[split.column, int(split.cut)] if split.cut < np.inf else np.inf


@inlined
def wait(node: Any, start: int, end: int, depth: int, parent: int, is_left: int) -> None:
    """Let a node wait: its rows, how deep it is, and whose left or right child."""
    node[0], node[1], node[2], node[3], node[4] = start, end, depth, parent, is_left


@inlined
def settle(leaf: Any, rows: Any, start: int, end: int, node: int) -> None:
    """Note the leaf of rows, if anybody wants to know."""
    if len(leaf):
        for i in range(start, end):
            leaf[rows[i]] = node
