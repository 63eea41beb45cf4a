"""Sixty-four rows sent down a tree at once: which of them reach a node is one word of bits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.ensemble.compiled import compiled, inlined

__all__: list[str] = []

WORD = 64
BLOCK = 128
"""Words that go down together, so that those of all waiting nodes fit a core's first cache."""
FACTOR = 0x03F79D71B4CB0A89
"""Times a power of two, its upper six bits tell which power (de Bruijn)."""


def _places() -> NDArray[np.int64]:
    places = np.empty(WORD, dtype=np.int64)
    for bit in range(WORD):
        places[(FACTOR << bit) % 2**WORD >> (WORD - 6)] = bit
    return places


PLACES = _places()


@compiled
def answer(columns: Any, which: Any, cuts: Any, lost_left: Any, answers: Any) -> None:
    """Which rows go left at splits, a bit a row.

    Args:
        columns: the rows, column by column, in whole words (d, 64 words).
        which: the column of every split.
        cuts: the largest value of every split that goes left, in the columns' precision.
        lost_left: whether missing values go left.
        answers: takes the bits (splits, words).
    """
    for i in range(len(which)):
        column, cut = columns[which[i]], cuts[i]
        for word in range(answers.shape[1]):
            bits = np.uint64(0)
            if lost_left[i]:
                for bit in range(WORD):
                    bits |= np.uint64(not column[word * WORD + bit] > cut) << np.uint64(bit)
            else:
                for bit in range(WORD):
                    bits |= np.uint64(column[word * WORD + bit] <= cut) << np.uint64(bit)
            answers[i, word] = bits


@compiled
def votes(nodes: Any, roots: Any, splits: Any, answers: Any, depth: int, says: Any, total: Any) -> None:
    """Add what the trees say of every row to `total` (n, K).

    Args:
        nodes: the nodes of all trees, one tree after the other.
        roots: where the trees start.
        splits: the number of every node's split.
        answers: a bit a row for each split: whether it goes left (splits, words).
        depth: of the deepest tree.
        says: what every node says (nodes, K).
        total: what is added to.
    """
    n = len(total)
    reach = np.empty((depth + 2, BLOCK), dtype=np.uint64)
    waiting = np.empty(depth + 2, dtype=np.int64)
    for first in range(0, answers.shape[1], BLOCK):
        words = min(BLOCK, answers.shape[1] - first)
        for root in roots:
            _all(reach[0], words, n - first * WORD)
            waiting[0], top = root, 0
            while top >= 0:
                at = waiting[top]
                if nodes[at].left_child < 0:
                    _add(reach[top], words, total[first * WORD :], says[at])
                    top -= 1
                    continue
                left, right = _part(reach[top], reach[top + 1], answers[splits[at], first:], words)
                if right:
                    waiting[top] = root + nodes[at].right_child
                    top += left
                elif left:
                    for word in range(words):
                        reach[top, word] = reach[top + 1, word]
                if left:
                    waiting[top] = root + nodes[at].left_child


@inlined
def _all(reach: Any, words: int, rows: int) -> None:
    """All rows of a block; the last word may have fewer."""
    for word in range(words):
        reach[word] = ~np.uint64(0)
    over = words * WORD - rows
    if over > 0:
        reach[words - 1] >>= np.uint64(over)


@inlined
def _part(reach: Any, left: Any, yes: Any, words: int) -> tuple[bool, bool]:
    """Rows that go left move to `left`; whether there are some, and whether some stay."""
    go, stay = np.uint64(0), np.uint64(0)
    for word in range(words):
        here = reach[word]
        there = here & yes[word]
        left[word] = there
        reach[word] = here ^ there
        go |= there
        stay |= here ^ there
    return go != 0, stay != 0


@inlined
def _add(reach: Any, words: int, total: Any, says: Any) -> None:
    first, last = says[0], says[len(says) - 1]
    for word in range(words):
        rows = reach[word]
        while rows:
            lowest = rows & (~rows + np.uint64(1))
            row = word * WORD + PLACES[(lowest * np.uint64(FACTOR)) >> np.uint64(WORD - 6)]
            total[row, 0] += first
            for k in range(1, len(says) - 1):
                total[row, k] += says[k]
            if len(says) > 1:
                total[row, len(says) - 1] += last
            rows ^= lowest
