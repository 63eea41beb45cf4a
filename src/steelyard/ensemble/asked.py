"""Rows that many trees are asked about: what trees have in common is worked out once, for eight rows at a time."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

__all__: list[str] = []

Ints = NDArray[np.int64]
Bits = NDArray[np.uint8]
"""One bit a row."""

LEAST, ROWS_A_SPLIT = 8192, 40
"""With fewer rows, or fewer for each split of a tree, walking down row by row is faster."""
MOST_KINDS = 64
PART = 65_536
"""Rows asked together, so that what is known of them fits a core's cache."""


class Asked:
    """Rows (n, d), and the answers to every split that trees had for them so far.

    Members grown on the same bins have their splits in common. The answer of all rows to one split is one bit a row,
    so a tree becomes a few operations on bits for each of its splits, from the leaves up: what a node says is what
    its left child says where the answer is yes, and what its right child says elsewhere.

    Args:
        X: the rows, as the members take them.
        shared: whether the trees to come have their splits in common.
    """

    def __init__(self, X: Any, *, shared: bool = False) -> None:
        self.X = X
        self.shared = shared and not sparse.issparse(X) and X.shape[0] >= LEAST
        self._known: dict[tuple[int, float], Bits] = {}
        self._columns: dict[int, NDArray[np.float32]] = {}

    def __len__(self) -> int:
        return int(self.X.shape[0])

    @cached_property
    def floats(self) -> Any:
        """The rows as trees take them."""
        return self.X.astype(np.float32, copy=False)

    @cached_property
    def _whole(self) -> bool:
        return not np.isnan(self.floats).any()

    def leaf(self, tree: Any, says: NDArray[Any]) -> Ints:
        """For every row its leaf, or one that says the same (n,); `says` holds what each node says (nodes, …)."""
        if not self.shared:
            return self._walked(tree)
        inner = np.flatnonzero(tree.children_left >= 0)[::-1]
        if not 0 < len(inner) * ROWS_A_SPLIT <= len(self) or not self._whole:
            return self._walked(tree)
        leaves = np.flatnonzero(tree.children_left < 0)
        first, kind = _kinds(says[leaves])
        if len(first) > MOST_KINDS:
            return self._walked(tree)
        cuts = _single(tree.threshold[inner]).tolist()
        splits = list(zip(tree.feature[inner].tolist(), cuts, strict=True))
        self._answer(set(splits).difference(self._known))
        yes = [self._known[split] for split in splits]
        nodes = (inner.tolist(), tree.children_left[inner].tolist(), tree.children_right[inner].tolist())
        steps = list(zip(*nodes, yes, strict=True))
        found = np.zeros(len(self), dtype=np.uint8)
        said = np.zeros(tree.node_count, dtype=bool)
        for bit in range(int(len(first) - 1).bit_length()):
            said[leaves] = (kind >> bit) & 1
            top = _upwards(steps, said.tolist())
            found |= (
                np.uint8(top << bit) if isinstance(top, bool) else np.unpackbits(top, count=len(self)) << bit
            )
        return np.asarray(leaves[first].take(found))

    def _walked(self, tree: Any) -> Ints:
        return np.asarray(tree.apply(self.floats))

    def _answer(self, splits: set[tuple[int, float]]) -> None:
        """Learn for each split whether the rows go left."""
        for column, cut in splits:
            if column not in self._columns:
                self._columns[column] = np.ascontiguousarray(self.floats[:, column])
            self._known[column, cut] = np.packbits(self._columns[column] <= cut)


def splits_in_common(trees: Iterable[Any], n: int) -> bool:
    """Whether trees have so many splits in common that answering each once saves time on `n` rows.

    Answering a split for all rows at once takes about an eighth of the time of one level of a walk.
    """
    if n < LEAST:
        return False
    splits, levels = [], 0.0
    for tree in trees:
        inner = tree.children_left >= 0
        splits.append(np.stack([tree.feature[inner].astype(np.float64), tree.threshold[inner]], axis=1))
        levels += np.log2(tree.n_leaves)
    distinct = np.unique(np.concatenate(splits).view(np.complex128)) if splits else np.zeros(0)
    return len(distinct) <= 8 * levels


def _kinds(says: NDArray[Any]) -> tuple[Ints, Ints]:
    """The first leaf of every kind, and the kind of each leaf; the commonest kinds have the lowest numbers."""
    flat = np.ascontiguousarray(says)
    if flat.ndim == 2 and flat.shape[1] == 2:
        flat = flat.view(np.complex128)[:, 0]  # pairs sort faster than rows
    _, first, kind, count = np.unique(
        flat, axis=0, return_index=True, return_inverse=True, return_counts=True
    )
    order = np.argsort(-count, kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return first[order], rank[kind.reshape(-1)]


def _single(cuts: NDArray[np.float64]) -> NDArray[np.float32]:
    """The largest float32 not above each cut: the same values lie below."""
    near = cuts.astype(np.float32)
    return np.where(near > cuts, np.nextafter(near, np.float32(-np.inf)), near)


def _upwards(steps: list[tuple[int, int, int, Bits]], said: list[Any]) -> Any:
    """What the root says, given what the leaves say: True, False or one bit a row."""
    for node, left, right, yes in steps:
        a, b = said[left], said[right]
        if a is b:
            said[node] = a
        elif a is True:
            said[node] = yes if b is False else yes | b
        elif b is True:
            said[node] = ~yes if a is False else a | ~yes
        elif a is False:
            said[node] = b & ~yes
        elif b is False:
            said[node] = a & yes
        else:
            mixed = a ^ b
            mixed &= yes
            mixed ^= b
            said[node] = mixed
        said[left] = said[right] = None  # memory that is warm is used again
    return said[0]
