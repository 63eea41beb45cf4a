"""What an error costs on each row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.core import DataError, Floats

__all__ = ["RowCosts"]


@dataclass(frozen=True, eq=False)
class RowCosts:
    """The price of a false alarm and of a miss for every row, for two classes.

    When to use it: when rows differ in what they put at stake, such as the amount of a payment.

    Attributes:
        fp: cost of flagging the row although it is negative (n,), at least 0.
        fn: cost of passing the row although it is positive (n,), at least 0.

    Raises:
        DataError: arrays of different length, or costs that are negative or not finite.

    >>> costs = RowCosts(fp=[5, 5], fn=[100, 2])
    >>> costs.take([1]).fn.tolist()
    [2.0]
    """

    fp: Floats
    fn: Floats

    def __post_init__(self) -> None:
        """Bring both to float arrays and check them once."""
        for name in ("fp", "fn"):
            values = np.asarray(getattr(self, name), dtype=np.float64)
            if values.ndim != 1 or not np.isfinite(values).all() or (values < 0).any():
                raise DataError(
                    f"the {name} costs must be finite numbers of at least 0, one a row; clean them first"
                )
            object.__setattr__(self, name, values)
        if len(self.fp) != len(self.fn):
            raise DataError(
                f"{len(self.fp)} fp costs came with {len(self.fn)} fn costs; pass one of each a row"
            )

    def __len__(self) -> int:
        return len(self.fp)

    def stakes(self, y: ArrayLike) -> Floats:
        """What an error costs on each row, given its class (n,): weights for training.

        A classifier trained with these weights decides for least cost at one half, without a cost matrix.

        >>> RowCosts(fp=[5, 5], fn=[100, 2]).stakes([0, 1]).tolist()
        [5.0, 2.0]
        """
        truth = np.asarray(y)
        if truth.shape != self.fp.shape or not np.isin(truth, (0, 1)).all():
            raise DataError(
                f"{len(self)} costs came with labels of shape {truth.shape}; pass 0 or 1 for each row"
            )
        return np.where(truth == 1, self.fn, self.fp)

    def take(self, indices: ArrayLike | NDArray[np.int64]) -> RowCosts:
        """The costs of some rows."""
        rows = np.asarray(indices)
        return RowCosts(self.fp[rows], self.fn[rows])
