"""Trees laid out as lists, with every split they have in common once."""

from __future__ import annotations

from collections.abc import Iterable
from math import log2
from typing import Any, NamedTuple

__all__: list[str] = []

Split = tuple[int, float, bool]
"""Column, cut, and whether missing values go left."""


class Layout(NamedTuple):
    """One tree, which is held so that its identity stays its own.

    Its inner nodes, parents first; where yes and no lead to; the number of the split; the leaves.
    """

    tree: Any
    inner: list[int]
    yes: list[int]
    no: list[int]
    split: list[int]
    leaves: Any


class Forest:
    """Trees and the distinct splits of all of them; it grows as trees come."""

    def __init__(self, trees: Iterable[Any] = ()) -> None:
        self.splits: list[Split] = []
        self._numbers: dict[Split, int] = {}
        self._layouts = {id(tree): self.lay(tree) for tree in trees}

    def layout(self, tree: Any) -> Layout:
        """A tree's layout; only those of the first trees are kept."""
        return self._layouts.get(id(tree)) or self.lay(tree)

    def lay(self, tree: Any) -> Layout:
        """Lay out a tree and number its splits."""
        nodes = tree.__getstate__()["nodes"]
        inner = nodes["left_child"] >= 0
        at = inner.nonzero()[0]
        kept = nodes.take(at)
        number, numbers = self._numbers.setdefault, self._numbers
        splits = zip(
            *[kept[name].tolist() for name in ("feature", "threshold", "missing_go_to_left")], strict=True
        )
        split = [number(one, len(numbers)) for one in splits]
        if len(numbers) > len(self.splits):
            self.splits.extend(list(numbers)[len(self.splits) :])
        children = kept["left_child"].tolist(), kept["right_child"].tolist()
        return Layout(tree, at.tolist(), *children, split, (~inner).nonzero()[0])

    def in_common(self) -> bool:
        """Whether the trees share so many splits that answering each once saves time.

        Answering a split for many rows takes about an eighth of the time of one level of a walk down a tree.
        """
        return len(self.splits) <= 8 * sum(log2(len(layout.leaves)) for layout in self._layouts.values())
