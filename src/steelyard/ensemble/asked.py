"""Rows that many trees are asked about: what trees have in common is worked out once, for all rows at a time."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from steelyard.core import Floats
from steelyard.ensemble.forest import Forest, Splits
from steelyard.ensemble.walking import WORD, answer, votes

__all__: list[str] = []

Ints = NDArray[np.int64]

LARGEST = 4000
"""Down a tree of more nodes rows walk faster one by one."""
PART = 65_536
"""Rows asked together, so that what is known of them fits a core's cache."""
SORTED_BY = 3
"""Trees that rows are sorted by."""


class Asked:
    """Rows (n, d), and the answers to every split that trees had for them so far.

    Members grown on the same bins have their splits in common. Each is answered once, with a bit a row; then a word of
    64 rows goes down a tree at once (see `walking`).

    Where rows walk down a tree one by one, a processor guesses each turn from the last rows' turns. So rows are sorted
    by their leaves in the first trees: neighbours then go the same way in most others too.

    Args:
        X: the rows, as the members take them.
        forest: the trees to come, if they have their splits in common.
        roomy: whether there is room for a sorted copy of the rows.
    """

    def __init__(self, X: Any, forest: Forest | None = None, *, roomy: bool = True) -> None:
        self.X = X
        self.forest = None if sparse.issparse(X) else forest
        self._roomy = roomy and not sparse.issparse(X)
        self._answers = np.empty((0, -(-len(self) // WORD)), dtype=np.uint64)
        self._known = 0
        self._first: list[Ints] = []
        self._sorted: tuple[Any, Ints] | None = None

    def __len__(self) -> int:
        return int(self.X.shape[0])

    @cached_property
    def floats(self) -> Any:
        """The rows as trees take them."""
        return self.X.astype(np.float32, copy=False)

    @cached_property
    def _columns(self) -> NDArray[np.float32]:
        """The rows column by column, in whole words."""
        columns = np.zeros((self.X.shape[1], -(-len(self) // WORD) * WORD), dtype=np.float32)
        columns[:, : len(self)] = self.floats.T
        return columns

    def said(self, tree: Any, says: NDArray[Any]) -> NDArray[Any]:
        """What the leaf of every row says (n,); `says` holds what each node says (nodes,)."""
        if self.forest is None or not pays(tree, len(self)):
            return np.asarray(says.take(self._walked(tree)))
        total = np.zeros((len(self), 1))
        self._add_by_bits(self.forest, [tree], says.astype(np.float64)[:, None], total)
        return total[:, 0].astype(says.dtype, copy=False)

    def add(self, trees: Sequence[Any], says: Floats, total: Floats) -> None:
        """Add what the leaves of every row say to `total` (n, K), tree after tree; `says` has all nodes (nodes, K)."""
        if self.forest is not None and all(pays(tree, len(self)) for tree in trees):
            self._add_by_bits(self.forest, trees, says, total)
            return
        start = 0
        for tree in trees:
            total += says[start : start + tree.node_count].take(self._walked(tree), axis=0)
            start += tree.node_count

    def _add_by_bits(self, forest: Forest, trees: Sequence[Any], says: Floats, total: Floats) -> None:
        laid = forest.lay(trees)
        self._answer(forest.splits)
        votes(laid.nodes, laid.roots, laid.splits, self._answers, laid.depth, says, total)

    def _walked(self, tree: Any) -> Ints:
        """The leaf of every row (n,)."""
        if self._sorted is not None:
            rows, place = self._sorted
            return np.asarray(tree.apply(rows).take(place))
        found = tree.apply(self.floats)
        if self._roomy:
            self._first.append(found)
            if len(self._first) == SORTED_BY:
                self._sort()
        return np.asarray(found)

    def _sort(self) -> None:
        key = np.zeros(len(self), dtype=np.int64)
        for found in self._first:
            key = key * (int(found.max()) + 1) + found
        order = np.argsort(key)
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        self._sorted, self._first = (self.floats[order], place), []

    def _answer(self, splits: Splits) -> None:
        """Learn for each new split which rows go left."""
        if len(splits) > len(self._answers):
            longer = np.empty((2 * len(splits), self._answers.shape[1]), dtype=np.uint64)
            longer[: self._known] = self._answers[: self._known]
            self._answers = longer
        new = slice(self._known, len(splits))
        cuts = _single(splits.cuts[new])
        answer(self._columns, splits.columns[new], cuts, splits.lost_left[new], self._answers[new])
        self._known = len(splits)


def pays(tree: Any, n: int) -> bool:
    """Whether `n` rows are asked split by split, if the tree has its splits in common with others."""
    nodes: int = tree.node_count
    return WORD <= n >= nodes // 2 and nodes <= LARGEST


def lacking(X: Any) -> bool:
    """Whether rows lack values."""
    values: Any = X
    if sparse.issparse(X):
        values = values.data
    return bool(np.isnan(values).any())


def _single(cuts: Floats) -> NDArray[np.float32]:
    """The largest float32 not above each cut: the same values lie below."""
    near = cuts.astype(np.float32)
    return np.where(near > cuts, np.nextafter(near, np.float32(-np.inf)), near)
