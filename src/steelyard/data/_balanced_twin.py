"""The balanced data set of equal size that a long-tailed one is measured against."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.core import Prior, Seed, UsageError
from steelyard.data.imbalance import make_imbalanced

__all__ = ["balanced_twin"]


def balanced_twin(y: ArrayLike, n: int, *, seed: Seed = 0) -> NDArray[np.int64]:
    """Choose n rows with equally many of each class, up to one.

    When to use it: to train once more on as many rows as a long-tailed set has, but balanced: what a method reaches
    there bounds what it can reach on the long tail (`metrics.relative_accuracy`).

    Args:
        y: labels (m,) of all rows there are.
        n: rows wanted; the first classes get one more where it does not divide.
        seed: an int, Generator or RandomState.

    Returns:
        Positions into `y`, ascending.

    Raises:
        TooFewSamples: a class has fewer rows than wanted.
        UsageError: fewer rows than classes.

    >>> y = np.repeat([0, 1, 2], [50, 9, 7])
    >>> np.bincount(y[balanced_twin(y, 20)]).tolist()
    [7, 7, 6]

    Source: Zhang, Kang, Hooi, Yan, Feng (2023), Deep Long-Tailed Learning: A Survey.
    """
    labels = Prior.of(y).labels
    each, more = divmod(n, len(labels))
    if each < 1:
        raise UsageError(f"{n} rows are wanted of {len(labels)} classes; ask for at least one of each")
    return make_imbalanced(y, {label: each + (place < more) for place, label in enumerate(labels)}, seed=seed)
