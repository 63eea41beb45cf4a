"""How imbalanced the labels of multi-label data are: IRLbl, MeanIR, CVIR and SCUMBLE."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from steelyard.core import DataError, Floats, Prior

__all__ = ["cvir", "irlbl", "mean_ir", "scumble"]


def irlbl(Y: ArrayLike) -> Floats:
    r"""The imbalance ratio of every label: 1 for the commonest, larger for rarer ones (L,).

    When to use it: to see which labels of multi-label data are rare. :math:`n_{\max} / n_l` with :math:`n_l`
    the rows that carry label :math:`l`; infinite for a label nobody carries.

    Args:
        Y: 0/1 indicators (n, L), dense or sparse.

    Raises:
        DataError: not such a matrix.

    >>> irlbl([[1, 0], [1, 0], [1, 1], [1, 0]]).tolist()
    [1.0, 4.0]

    Source: Charte, Rivera, del Jesus, Herrera (2015), Addressing imbalance in multilabel classification.
    """
    counts = Prior.of_indicators(_indicators(Y)).counts
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(counts > 0, counts.max(initial=0) / counts, np.inf)


def mean_ir(Y: ArrayLike) -> float:
    r"""The mean of `irlbl` over the labels that occur.

    When to use it: as the line between rare and common labels that the multi-label samplers draw; 1.5 and
    more is usually called imbalanced.

    >>> mean_ir([[1, 0], [1, 0], [1, 1], [1, 0]])
    2.5

    Source: Charte, Rivera, del Jesus, Herrera (2015), Addressing imbalance in multilabel classification.
    """
    return float(np.mean(_occurring(Y)))


def cvir(Y: ArrayLike) -> float:
    r"""The coefficient of variation of `irlbl`: how differently imbalanced the labels are.

    When to use it: beside `mean_ir`; above 0.2 one mean does not speak for all labels. Standard deviation
    (with L - 1) over mean, of the labels that occur; 0 for a single one.

    >>> round(cvir([[1, 0], [1, 0], [1, 1], [1, 0]]), 4)
    0.8485

    Source: Charte, Rivera, del Jesus, Herrera (2015), Addressing imbalance in multilabel classification.
    """
    ratios = _occurring(Y)
    return float(np.std(ratios, ddof=1) / np.mean(ratios)) if len(ratios) > 1 else 0.0


def scumble(Y: ArrayLike) -> float:
    r"""How often rare and common labels stand on one row, from 0 (never) towards 1.

    When to use it: before resampling multi-label data. Above about 0.1 rows that carry a rare label carry a
    common one too, so repeating them repeats the common label: resampling then helps little.

    The mean over rows of :math:`1 - (\prod_l r_l)^{1/m} / \bar r`, with the `irlbl` :math:`r_l` of the
    :math:`m` labels a row carries (one minus geometric over arithmetic mean); rows without labels count 0.

    >>> round(scumble([[1, 0], [1, 0], [1, 1], [1, 0]]), 4)
    0.05

    Source: Charte, Rivera, del Jesus, Herrera (2014), Concurrence among imbalanced labels and its influence
    on multilabel resampling algorithms.
    """
    matrix = _indicators(Y)
    ratios = irlbl(matrix)
    known = np.where(np.isfinite(ratios), ratios, 1.0)
    carried = matrix.sum(axis=1)
    some = np.maximum(carried, 1)
    geometric = np.exp(matrix @ np.log(known) / some)
    arithmetic = np.where(carried > 0, matrix @ known / some, 1.0)
    return float(np.mean(np.where(carried > 0, 1 - geometric / arithmetic, 0.0)))


def _occurring(Y: ArrayLike) -> Floats:
    ratios = irlbl(Y)
    known = ratios[np.isfinite(ratios)]
    if not len(known):
        raise DataError("no row carries a label, so there is no imbalance to measure; pass labelled rows")
    return known


def _indicators(Y: ArrayLike) -> NDArray[np.float64]:
    given: Any = Y
    is_sparse: bool = sparse.issparse(Y)
    matrix = np.asarray(given.toarray() if is_sparse else given)
    if matrix.ndim != 2 or not len(matrix) or not np.isin(matrix, (0, 1)).all():
        raise DataError(
            f"labels have shape {matrix.shape} and hold more than 0 and 1 or no rows; pass one 0/1 column a label"
        )
    return matrix.astype(np.float64)
