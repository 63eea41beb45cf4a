"""Rows that many trees are asked about: what trees have in common is worked out once, for all rows at a time."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from steelyard.ensemble.forest import Forest, Layout, Split

__all__: list[str] = []

Ints = NDArray[np.int64]

LEAST, ROWS_A_SPLIT = 800, 40
"""With fewer rows, or fewer beyond these for each split of a tree, walking down row by row is faster."""
MOST_KINDS = 256
PART = 65_536
"""Rows asked together, so that what is known of them fits a core's cache."""
BLOCK = 2**16
"""Values compared together."""
SORTED_BY = 3
"""Trees that rows are sorted by."""


class Asked:
    """Rows (n, d), and the answers to every split that trees had for them so far.

    Members grown on the same bins have their splits in common. The answer of all rows to one split is one long whole
    number with a bit a row, so a tree becomes two operations on such numbers for each of its splits, from the root
    down: of the rows that reach a node, those that answer yes reach its left child, the others its right.

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
        self._known: list[int] = []
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
        return np.ascontiguousarray(self.floats.T)

    @cached_property
    def _gaps(self) -> NDArray[np.bool_] | None:
        lost = np.isnan(self._columns)
        return lost if lost.any() else None

    def said(self, tree: Any, says: NDArray[Any]) -> NDArray[Any]:
        """What the leaf of every row says (n, …); `says` holds what each node says (nodes, …)."""
        if self.forest is None or not pays(tree, len(self)):
            return _taken(says, self._walked(tree))
        layout = self.forest.layout(tree)
        told = _flat(says).take(layout.leaves, axis=0).tolist()
        if says.ndim == 2 and says.shape[1] != 2:
            told = list(map(tuple, told))
        numbers = {what: i for i, (what, _) in enumerate(Counter(told).most_common())}
        kind = [-1] * tree.node_count
        for what, leaf in zip(told, layout.leaves.tolist(), strict=True):
            kind[leaf] = numbers[what]
        if len(numbers) > MOST_KINDS:
            return _taken(says, self._walked(tree))
        kinds = np.array(list(numbers))
        if says.ndim == 2:
            kinds = kinds.view(np.float64).reshape(len(numbers), -1)
        held = self._held(layout, kind, len(numbers))
        return _taken(kinds.astype(says.dtype, copy=False), self._numbered(held))

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

    def _held(self, layout: Layout, kind: list[int], n_kinds: int) -> list[int]:
        """The rows whose leaf is of each kind but 0, which has the rest; `kind` of an inner node is -1."""
        if self.forest and len(self._known) < len(self.forest.splits):
            self._answer(self.forest.splits[len(self._known) :])
        known, held = self._known, [0] * n_kinds
        reach = [0] * len(kind)
        reach[0] = (1 << len(self)) - 1
        for node, yes, no, split in zip(layout.inner, layout.yes, layout.no, layout.split, strict=True):
            here, reach[node] = reach[node], 0  # memory that is warm is used again
            there = here & known[split]
            if (k := kind[yes]) < 0:
                reach[yes] = there
            elif k:
                held[k] |= there
            if (k := kind[no]) < 0:
                reach[no] = here ^ there
            elif k:
                held[k] |= here ^ there
        return held

    def _answer(self, splits: list[Split]) -> None:
        """Learn for each split which rows go left."""
        step = max(1, BLOCK // len(self))
        width = -(-len(self) // 8)
        cuts = _single(np.array([split[1] for split in splits]))
        for start in range(0, len(splits), step):
            part = splits[start : start + step]
            columns = [split[0] for split in part]
            table = self._columns[columns] if len(part) > 1 else self._columns[columns[0]][None]
            yes = table <= cuts[start : start + step, None]
            if self._gaps is not None:
                yes |= self._gaps[columns] & np.array([[split[2]] for split in part], dtype=bool)
            bits = np.packbits(yes, axis=1, bitorder="little").tobytes()
            ends = range(0, len(bits), width)
            self._known.extend([int.from_bytes(bits[at : at + width], "little") for at in ends])

    def _numbered(self, rows: list[int]) -> NDArray[np.uint8]:
        """For every row the number of the set that holds it (n,)."""
        width = -(-len(self) // 8)
        planes = [0] * (len(rows) - 1).bit_length()
        for k, held in enumerate(rows):
            for bit in range(k.bit_length()):
                if k >> bit & 1:
                    planes[bit] |= held
        if not planes:
            return np.zeros(len(self), dtype=np.uint8)
        packed = b"".join([plane.to_bytes(width, "little") for plane in planes])
        bits = np.unpackbits(np.frombuffer(packed, dtype=np.uint8), bitorder="little")
        bits = bits.reshape(len(planes), -1)[:, : len(self)]
        found = bits[0]
        for bit in range(1, len(planes)):
            found |= bits[bit] << np.uint8(bit)
        return np.asarray(found)


def pays(tree: Any, n: int) -> bool:
    """Whether `n` rows are asked split by split, if the tree has its splits in common with others."""
    inner: int = tree.node_count // 2
    return inner > 0 and n >= LEAST + ROWS_A_SPLIT * inner


def _flat(says: NDArray[Any]) -> NDArray[Any]:
    """Pairs as one number each, which are faster to handle than rows."""
    if says.ndim == 2 and says.shape[1] == 2:
        return np.ascontiguousarray(says).view(np.complex128)[:, 0]
    return says


def _taken(says: NDArray[Any], at: NDArray[Any]) -> NDArray[Any]:
    taken = _flat(says).take(at, axis=0)
    return taken if taken.ndim == says.ndim else taken.view(np.float64).reshape(-1, 2)


def _single(cuts: NDArray[np.float64]) -> NDArray[np.float32]:
    """The largest float32 not above each cut: the same values lie below."""
    near = cuts.astype(np.float32)
    return np.where(near > cuts, np.nextafter(near, np.float32(-np.inf)), near)
