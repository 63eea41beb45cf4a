"""The class prior: the one object every remedy is a function of."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.core.errors import DataError, TargetError, TooFewSamples

__all__ = ["Prior"]


@dataclass(frozen=True, eq=False)
class Prior:
    r"""How often each class occurs, counted once, on training rows only.

    When to use it: everywhere. Weights, losses, samplers, thresholds and corrections all take a `Prior`.

    With counts :math:`n_k` the prior is :math:`\pi_k = n_k / \sum_j n_j`; with sample weights
    :math:`n_k` is the sum of the weights of class `k`.

    Attributes:
        labels: the classes, in the order of every array below (sorted unless given).
        counts: float array (K,), rows (or summed weights) of each class.
        kind: "binary", "multiclass" or "multilabel".

    Raises:
        TooFewSamples: no rows, or fewer than one class.
        TargetError: `encode` met a label the prior does not know.

    >>> prior = Prior.of(["ok", "ok", "ok", "bad"])
    >>> prior.labels, prior.counts.tolist(), prior.imbalance_ratio, prior.rarest
    (('bad', 'ok'), [1.0, 3.0], 3.0, 'bad')
    >>> prior.p.tolist()
    [0.25, 0.75]
    """

    labels: tuple[Hashable, ...]
    counts: NDArray[np.float64]
    kind: str = "multiclass"

    @classmethod
    def of(
        cls,
        y: ArrayLike,
        *,
        labels: Sequence[Hashable] | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> Prior:
        """Count the classes of `y` (n,), optionally weighted and over a given list of labels."""
        values = np.asarray(y)
        if values.ndim != 1:
            raise TargetError(
                f"labels have shape {values.shape}, a prior needs one label a row; pass a 1-D array"
            )
        if not len(values):
            raise TooFewSamples("there are no rows to count; pass at least one label")
        weight = np.ones(len(values)) if sample_weight is None else np.asarray(sample_weight, dtype=float)
        if weight.shape != values.shape:
            raise DataError(f"{len(values)} labels came with {weight.size} weights; pass one weight a row")
        names = tuple(_sorted_labels(values)) if labels is None else tuple(labels)
        empty = cls(names, np.zeros(len(names)), _kind(len(names)))
        counts = np.bincount(empty.encode(values), weights=weight, minlength=len(names)).astype(float)
        return cls(names, counts, empty.kind)

    @classmethod
    def of_indicators(cls, Y: ArrayLike, *, labels: Sequence[Hashable] | None = None) -> Prior:
        """Count the positive rows of every column of a 0/1 matrix (n, L), for multi-label data."""
        matrix = np.asarray(Y)
        if matrix.ndim != 2:
            raise TargetError(f"indicators have shape {matrix.shape}, expected rows × labels")
        names = tuple(range(matrix.shape[1])) if labels is None else tuple(labels)
        return cls(names, matrix.sum(axis=0, dtype=float), "multilabel")

    @property
    def p(self) -> NDArray[np.float64]:
        """The class probabilities (K,), summing to one."""
        total = self.counts.sum()
        if total <= 0:
            raise TooFewSamples("the counts sum to zero, so no prior exists; pass rows with positive weight")
        return np.asarray(self.counts / total)

    @property
    def n_classes(self) -> int:
        """The number of classes K."""
        return len(self.labels)

    @property
    def total(self) -> float:
        """All rows, or the sum of all weights."""
        return float(self.counts.sum())

    @property
    def imbalance_ratio(self) -> float:
        """The largest class divided by the smallest: 1 is balanced, infinity means an empty class."""
        smallest = float(self.counts.min())
        return float(self.counts.max()) / smallest if smallest > 0 else float("inf")

    @property
    def effective_classes(self) -> float:
        """The exponential of the prior's entropy: K when balanced, towards 1 as one class dominates."""
        p = self.p[self.p > 0]
        return float(np.exp(-(p * np.log(p)).sum()))

    @property
    def rarest(self) -> Hashable:
        """The label with the fewest rows (the last such one on ties, so 1 rather than 0)."""
        return self.labels[len(self.labels) - 1 - int(np.argmin(self.counts[::-1]))]

    @property
    def commonest(self) -> Hashable:
        """The label with the most rows (the first such one on ties)."""
        return self.labels[int(np.argmax(self.counts))]

    def groups(self, *, many: float = 100, few: float = 20) -> dict[str, tuple[Hashable, ...]]:
        """Split the labels by count, as the long-tail literature does: many > `many`, few < `few`.

        >>> Prior.of([0] * 200 + [1] * 50 + [2] * 5).groups()
        {'many': (0,), 'medium': (1,), 'few': (2,)}
        """
        named = list(zip(self.labels, self.counts, strict=True))
        return {
            "many": tuple(label for label, n in named if n > many),
            "medium": tuple(label for label, n in named if few <= n <= many),
            "few": tuple(label for label, n in named if n < few),
        }

    def encode(self, y: ArrayLike) -> NDArray[np.int64]:
        """Turn labels into positions 0..K-1; an unknown label is a TargetError that names it."""
        values = np.asarray(y)
        position = {label: i for i, label in enumerate(self.labels)}
        found, inverse = np.unique(values, return_inverse=True)
        unknown = [label for label in found.tolist() if label not in position]
        if unknown:
            raise TargetError(
                f"the labels hold {unknown[:5]!r}, the prior knows {list(self.labels)[:10]!r}; "
                "fit on all classes or pass labels="
            )
        codes = np.array([position[label] for label in found.tolist()], dtype=np.int64)
        return codes[inverse.reshape(values.shape)]

    def reweighted(self, class_weight: ArrayLike) -> Prior:
        """The prior a learner sees when class `k` carries `class_weight[k]` per row."""
        weight = np.asarray(class_weight, dtype=float)
        if weight.shape != self.counts.shape:
            raise DataError(f"{weight.size} class weights came for {self.n_classes} classes")
        return Prior(self.labels, self.counts * weight, self.kind)

    def __repr__(self) -> str:
        """Show the counts of up to eight classes."""
        shown = ", ".join(
            f"{label!r}: {count:g}" for label, count in list(zip(self.labels, self.counts, strict=True))[:8]
        )
        more = ", …" if self.n_classes > 8 else ""
        return f"Prior({{{shown}{more}}}, kind={self.kind!r})"


def _kind(n_classes: int) -> str:
    return "binary" if n_classes == 2 else "multiclass"


def _sorted_labels(values: NDArray[Any]) -> list[Hashable]:
    try:
        return list(np.unique(values).tolist())
    except TypeError as error:
        raise TargetError(
            "the labels mix kinds that cannot be ordered (such as text and numbers); make them one kind"
        ) from error
