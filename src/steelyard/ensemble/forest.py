"""Trees laid end to end, and every split they have in common once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import log2
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.tree._tree import NODE_DTYPE

from steelyard.core import Floats
from steelyard.ensemble.compiled import compiled

__all__: list[str] = []

Ints = NDArray[np.int64]


class Laid(NamedTuple):
    """Trees end to end: all nodes, where each tree starts, the number of every node's split, the largest depth."""

    nodes: Any
    roots: Ints
    splits: Ints
    depth: int


class Splits:
    """Distinct splits, numbered as they come.

    Args:
        sided: whether splits differ that send missing values to other sides.

    Attributes:
        columns, cuts, lost_left: of every split its column, its cut and whether missing values go left; there is room
            for more than the `count` there are.
        count: how many there are.
    """

    def __init__(self, *, sided: bool = True) -> None:
        self.sided = sided
        self.count = 0
        self._room(256)

    def __len__(self) -> int:
        return self.count

    def number(self, nodes: Any) -> Ints:
        """The number of every node's split (nodes,); what stands for leaves means nothing."""
        cuts = np.ascontiguousarray(nodes["threshold"])
        numbers, done = np.empty(len(nodes), dtype=np.int64), 0
        while done < len(nodes):
            if 2 * self.count >= len(self.columns):
                self._room(2 * len(self.columns))
            known = self._slots, self.columns, self.cuts, self.lost_left
            done, self.count = _number(
                nodes, cuts.view(np.uint64), self.sided, done, *known, self.count, numbers
            )
        return numbers

    def _room(self, most: int) -> None:
        """Make room for splits, half of which will be used."""
        known = [getattr(self, name)[: self.count] for name in ("columns", "cuts", "lost_left") if self.count]
        self.columns: Ints = np.empty(most, dtype=np.int64)
        self.cuts: Floats = np.empty(most)
        self.lost_left: NDArray[np.uint8] = np.empty(most, dtype=np.uint8)
        self._slots = np.full(most, -1, dtype=np.int64)
        if known:
            again = np.zeros(self.count, dtype=NODE_DTYPE)
            again["feature"], again["threshold"], again["missing_go_to_left"] = known
            again["left_child"] = 1
            self.count = 0
            self.number(again)


class Forest:
    """Trees whose splits are numbered; more may come.

    Args:
        trees: the first trees.
        lost: whether the rows that are asked may lack values.
    """

    def __init__(self, trees: Iterable[Any] = (), *, lost: bool = True) -> None:
        self.splits = Splits(sided=lost)
        self._trees = list(trees)  # held, so that their identities stay their own
        self._places = {id(tree): i for i, tree in enumerate(self._trees)}
        self._laid = self._lay(self._trees)
        self._ends = np.append(self._laid.roots, len(self._laid.nodes))

    def lay(self, trees: Sequence[Any]) -> Laid:
        """Lay trees end to end; neighbours among the first trees are taken as they lie."""
        place = self._places.get(id(trees[0]))
        if place is None or self._trees[place : place + len(trees)] != list(trees):
            return self._lay(trees)
        start, end = self._ends[place], self._ends[place + len(trees)]
        roots = self._laid.roots[place : place + len(trees)] - start
        return Laid(self._laid.nodes[start:end], roots, self._laid.splits[start:end], self._laid.depth)

    def in_common(self) -> bool:
        """Whether the trees share so many splits that there is room for the answers of many rows to each.

        Answering a split for many rows takes far less than one level of a walk down a tree; they are worth their room
        up to eight for every such level.
        """
        return len(self.splits) <= 8 * sum(log2(tree.node_count + 1) - 1 for tree in self._trees)

    def _lay(self, trees: Sequence[Any]) -> Laid:
        # as bytes, for numpy takes its time to agree on the fields of many
        parts = [tree.__getstate__()["nodes"] for tree in trees]
        empty = np.empty(0, dtype=np.uint8)
        nodes = np.concatenate([empty, *[part.view(np.uint8) for part in parts]]).view(NODE_DTYPE)
        roots = np.cumsum([0, *map(len, parts)], dtype=np.int64)[:-1]
        depth = max([tree.max_depth for tree in trees], default=0)
        return Laid(nodes, roots, self.splits.number(nodes), depth)


@compiled
def _number(
    nodes: Any,
    words: Any,
    sided: bool,
    done: int,
    slots: Any,
    columns: Any,
    cuts: Any,
    lost_left: Any,
    count: int,
    numbers: Any,
) -> tuple[int, int]:
    """Number splits by a table of slots, each free or a split's number, until it is half full or all are done."""
    mask = np.uint64(len(slots) - 1)
    while done < len(nodes) and 2 * count < len(slots):
        node = nodes[done]
        if node.left_child < 0:
            done += 1
            continue
        side = node.missing_go_to_left if sided else 0
        key = (words[done] ^ np.uint64(node.feature)) * np.uint64(0x9E3779B97F4A7C15)
        slot = (key ^ (key >> np.uint64(32))) & mask
        known = slots[slot]
        while known >= 0 and not (
            columns[known] == node.feature and cuts[known] == node.threshold and lost_left[known] == side
        ):
            slot = (slot + np.uint64(1)) & mask
            known = slots[slot]
        if known < 0:
            known = slots[slot] = count
            columns[count], cuts[count], lost_left[count] = node.feature, node.threshold, side
            count += 1
        numbers[done] = known
        done += 1
    return done, count
