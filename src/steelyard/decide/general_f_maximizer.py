"""The set of labels with the highest expected F, however labels depend on each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.core import DataError, Floats, UsageError

__all__ = ["general_f_maximizer", "label_size_table"]


def general_f_maximizer(table: ArrayLike, empty: float, beta: float = 1.0) -> tuple[NDArray[np.int64], float]:
    r"""Choose labels of one row so that the expected F-measure is highest, for any joint distribution.

    When to use it: several labels a row, F averaged over rows, and labels that come together or exclude each
    other. For independent labels `ExpectedF` needs only their probabilities.

    With :math:`P_{is}` the probability that label i applies and s labels apply in all, a set of k labels has
    expected F :math:`\sum_{i \in h} f_{ik}` with :math:`f_{ik} = \sum_s P_{is} (1 + \beta^2) / (k + \beta^2 s)`; so for
    each k the k largest are best, and the best k wins. :math:`O(L^3)`.

    Args:
        table: P (L, L), labels by sizes 1..L; `label_size_table` counts it from samples.
        empty: the probability that no label applies; choosing none then counts 1.
        beta: how much recall counts against precision.

    Returns:
        Indicators (L,) of the chosen labels, and their expected F.

    Raises:
        DataError: not a square table of probabilities that fit together.
        UsageError: beta not above 0.

    >>> Y = [[1, 1, 0], [1, 0, 1], [0, 0, 0]]
    >>> chosen, value = general_f_maximizer(*label_size_table(Y))
    >>> chosen.tolist(), round(value, 4)
    ([1, 1, 1], 0.5333)

    Source: Dembczyński, Waegeman, Cheng, Hüllermeier (2011), An Exact Algorithm for F-Measure Maximization.
    """
    sizes = np.asarray(table, dtype=np.float64)
    if (
        sizes.ndim != 2
        or sizes.shape[0] != sizes.shape[1]
        or not np.isfinite(sizes).all()
        or (sizes < 0).any()
    ):
        raise DataError(
            f"the table has shape {sizes.shape}; pass probabilities (L, L), labels by the number of labels that apply"
        )
    n_labels = len(sizes)
    count = np.arange(1, n_labels + 1)
    total = empty + float((sizes.sum(axis=0) / count).sum())
    if not (empty >= 0 and abs(total - 1) < 1e-6):
        raise DataError(
            f"the sizes have a total probability of {total:.6g}, expected 1; column s of the table sums to "
            "s times the probability of s labels"
        )
    if not 0 < beta < np.inf:
        raise UsageError(f"beta is {beta!r}, expected a number above 0; 1 is F1")
    gain = sizes @ ((1 + beta**2) / (count[None, :] + beta**2 * count[:, None]))
    order = np.argsort(-gain, axis=0, kind="stable")
    value = np.array([gain[order[:k, k - 1], k - 1].sum() for k in count])
    best = int(value.argmax())
    chosen = np.zeros(n_labels, dtype=np.int64)
    if value[best] < empty:
        return chosen, float(empty)
    chosen[order[: best + 1, best]] = 1
    return chosen, float(value[best])


def label_size_table(Y: ArrayLike, weight: ArrayLike | None = None) -> tuple[Floats, float]:
    """The table `general_f_maximizer` wants, counted from sampled label vectors Y (m, L) and their weights.

    When to use it: the answers of an ensemble's members, of a label-chain sampler, or of near rows stand for
    the joint distribution of one row.

    >>> table, empty = label_size_table([[1, 1], [0, 1], [0, 0], [0, 0]])
    >>> table.tolist(), empty
    ([[0.0, 0.25], [0.25, 0.25]], 0.5)
    """
    labels = np.asarray(Y, dtype=np.float64)
    if labels.ndim != 2 or not len(labels) or not np.isin(labels, (0, 1)).all():
        raise DataError(
            f"label vectors came with shape {labels.shape}; pass zeros and ones, samples × labels"
        )
    share = np.ones(len(labels)) if weight is None else np.asarray(weight, dtype=np.float64)
    share = share / share.sum()
    size = labels.sum(axis=1).astype(np.int64)
    by_size = (size[:, None] == np.arange(1, labels.shape[1] + 1)) * share[:, None]
    return labels.T @ by_size, float(share[size == 0].sum())


CARD = {
    "lever": "decide",
    "name": "general_f_maximizer",
    "title": "F-measure maximiser for dependent labels (GFM)",
    "seeds": ["105"],
    "needs": ["probabilities"],
    "example": {"beta": 1.0},
    "since": "0.1",
    "status": "claimed",
    "source": "Dembczyński, Waegeman, Cheng, Hüllermeier (2011), An Exact Algorithm for F-Measure Maximization",
    "facts": {},
}
