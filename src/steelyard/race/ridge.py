"""Ridge regression of many columns at once, its penalty chosen by leaving out whole groups of rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steelyard.core import Floats

__all__ = ["Ridge", "fit_ridge"]

PENALTIES = (10.0, 30.0, 100.0, 300.0, 1000.0, np.inf)
FARTHEST = 3.0


@dataclass(frozen=True, eq=False)
class Ridge:
    """A fitted ridge regression.

    Attributes:
        mean, scale: of the features (F,), before rows are cut at three standard deviations.
        shift: the means of the cut features (F,).
        centre: the means of the values (A,), which an infinite penalty predicts for every row.
        slopes: (F, A).
        penalty: the one chosen.
        left_out: predictions (n, A) for the rows of each group from all other groups.
    """

    mean: Floats
    scale: Floats
    shift: Floats
    centre: Floats
    slopes: Floats
    penalty: float
    left_out: Floats

    def predict(self, features: Floats) -> Floats:
        """Values (n, A), or (A,) for one row; a missing feature counts as the mean."""
        return np.asarray(self.centre + (_cut(features, self.mean, self.scale) - self.shift) @ self.slopes)


def fit_ridge(features: Floats, values: Floats, groups: NDArray[np.int64]) -> Ridge:
    r"""Fit and choose the penalty.

    When to use it: few rows, many outputs, features that may say nothing; the largest penalty, infinity, is the
    mean without features, so features are used only as far as they help on groups left out.

    With standardised features Z and :math:`H = \frac 1n 1 1^T + Z (Z^T Z + \lambda I)^{-1} Z^T` the residuals of
    group g predicted from the others are :math:`(I - H_{gg})^{-1} (Y - H Y)_g`, without a refit.

    Args:
        features: (n, F), NaN where missing.
        values: (n, A).
        groups: (n,), rows of one group are left out together.

    >>> x = np.arange(20.0)[:, None]
    >>> made = fit_ridge(x, 2 * x, np.arange(20))
    >>> made.penalty, bool(made.predict(np.array([15.0]))[0] > made.centre[0])
    (10.0, True)

    Source: Hoerl and Kennard (1970), Ridge regression; Cook and Weisberg (1982), Residuals and influence in
    regression, for the residuals.
    """
    known = np.ma.masked_invalid(features)
    mean, scale = np.ma.filled(known.mean(axis=0), 0.0), np.ma.filled(known.std(axis=0), 1.0)
    scale = np.where(scale > 0, scale, 1.0)
    cut = _cut(features, mean, scale)
    shift, centre = cut.mean(axis=0), values.mean(axis=0)
    Z = cut - shift
    best = None
    for penalty in sorted(PENALTIES, reverse=True):
        inner = np.zeros((Z.shape[1], len(Z)))
        if np.isfinite(penalty):
            inner = np.linalg.solve(Z.T @ Z + penalty * np.eye(Z.shape[1]), Z.T)
        wrong = _left_out(values, 1 / len(Z) + Z @ inner, groups)
        error = float((wrong**2).sum())
        if best is None or error < best[0]:
            best = error, penalty, inner @ (values - centre), values - wrong
    assert best is not None  # noqa: S101 - there are penalties; narrows the type
    return Ridge(mean, scale, shift, centre, best[2], best[1], best[3])


def _left_out(values: Floats, hat: Floats, groups: NDArray[np.int64]) -> Floats:
    """The residuals of every group as if it had not been fitted."""
    wrong = values - hat @ values
    sizes = np.bincount(groups)
    alone = sizes[groups] == 1
    wrong[alone] /= (1 - np.diag(hat))[alone, None]
    for group in np.flatnonzero(sizes > 1):
        rows = np.flatnonzero(groups == group)
        wrong[rows] = np.linalg.solve(np.eye(len(rows)) - hat[np.ix_(rows, rows)], wrong[rows])
    return np.asarray(wrong)


def _cut(features: Floats, mean: Floats, scale: Floats) -> Floats:
    return np.asarray(np.nan_to_num(np.clip((features - mean) / scale, -FARTHEST, FARTHEST), nan=0.0))
