"""What the multi-label samplers share: sets of labels instead of one class a row."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.multiclass import type_of_target

from steelyard.core import DataError, Prior, UsageError
from steelyard.data import irlbl, mean_ir
from steelyard.resample.base import BaseSampler
from steelyard.resample.containers import as_matrix, labels_like, written_like
from steelyard.resample.plan import Ints, is_sparse
from steelyard.resample.strategy import Kind

__all__ = ["MultiLabelSampler", "check_rate"]


class MultiLabelSampler(BaseSampler):
    """The frame of every multi-label sampler.

    Targets are 0/1 indicators (n, L) in any container; a vector of classes is taken as one label a row.
    Rare are the labels whose `irlbl` lies above `mean_ir`. After `fit_resample` `rare_labels_` holds their
    positions and `prior_` counts the rows out that carry each label.
    """

    _sampling_type: ClassVar[Kind] = "over-sampling"

    def _labels(self, y: Any) -> NDArray[Any]:
        if np.ndim(y) == 2 and np.shape(y)[1] > 1:
            return _indicators(y)
        return super()._labels(y)

    def _read_targets(self, labels: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        names = np.empty(0)
        matrix = labels.astype(np.int64) if labels.ndim == 2 else None
        if matrix is None:
            names, codes = np.unique(labels, return_inverse=True)
            matrix = np.eye(len(names), dtype=np.int64)[codes]
        self._ratios = irlbl(matrix)
        self._mean_ratio = mean_ir(matrix) if matrix.any() else np.inf
        known = np.isfinite(self._ratios)
        self.rare_labels_: Ints = np.flatnonzero(known & (self._ratios > self._mean_ratio))
        return matrix, names

    def _write_targets(self, y: Any, names: NDArray[Any], codes: NDArray[Any]) -> Any:
        if len(names):
            return labels_like(y, names)(codes.argmax(axis=1))
        return written_like(y, codes)

    def _count(self, codes: NDArray[Any], names: NDArray[Any], weight: NDArray[np.float64] | None) -> Prior:
        if len(names):
            return super()._count(codes.argmax(axis=1), names, weight)
        return Prior.of_indicators(codes if weight is None else codes * weight[:, None])

    def _rare_anywhere(self, Y: NDArray[Any]) -> NDArray[np.bool_]:
        """Which rows carry a rare label (n,)."""
        return np.asarray(Y[:, self.rare_labels_].any(axis=1))

    def _nothing_rare(self) -> bool:
        """Say so when no label is rarer than the mean; the rows then stay as they are."""
        if not len(self.rare_labels_):
            self._notice("no label is rarer than the mean imbalance ratio, so the rows stay as they are")
        return not len(self.rare_labels_)


def check_rate(value: Any, *, most: float | None = None) -> float:
    """`rate` as a number above 0 and, where bounded, below `most`; or a UsageError.

    >>> check_rate(0.25)
    0.25
    """
    number = isinstance(value, int | float | np.floating) and not isinstance(value, bool)
    if not number or not value > 0 or (most is not None and value >= most):
        bound = "above 0" if most is None else f"between 0 and {most:g}"
        raise UsageError(f"rate={value!r} was given, expected a share of the rows {bound}, such as 0.25")
    return float(value)


def _indicators(y: Any) -> NDArray[Any]:
    frame = as_matrix(y)
    matrix = frame.toarray() if is_sparse(frame) else np.asarray(frame)
    if type_of_target(matrix) != "multilabel-indicator" or not np.isin(matrix, (0, 1)).all():
        raise DataError(
            f"the targets have shape {matrix.shape} and hold more than 0 and 1; "
            "pass one 0/1 column a label, or a vector of classes"
        )
    return matrix
