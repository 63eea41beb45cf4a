"""Repeat rows of the small classes at random, exactly or with a little noise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from scipy import sparse
from sklearn.utils import check_array, check_random_state

from steelyard.core import DataError, UsageError
from steelyard.resample.base import BaseSampler
from steelyard.resample.plan import Ints, Plan, between, is_sparse
from steelyard.resample.strategy import Kind, Strategy

__all__ = ["RandomOverSampler"]


class RandomOverSampler(BaseSampler):
    r"""Draw rows of the small classes with replacement until the classes are balanced.

    When to use it: as the plain control for every method that makes rows. With `shrinkage` :math:`s` it is a
    smoothed bootstrap: to column :math:`j` of a drawn row comes normal noise of standard deviation
    :math:`s \, \sigma_{kj} \, (4 / ((d + 2) n))^{1 / (d + 4)}`, :math:`\sigma_{kj}` being that of the class and
    :math:`n` all rows, as in imbalanced-learn. `ROSE` takes the rows of the class instead, as the source does.

    Args:
        sampling_strategy: see `sampling_targets`.
        random_state: seed of the draw; the same seed picks the same rows as imbalanced-learn.
        shrinkage: None repeats rows as they are; a number, or one for each class, sets the noise.

    Raises:
        UsageError: a negative shrinkage, or none for a class that needs it.
        DataError: shrinkage on columns that are not numbers.

    >>> X, y = np.arange(10).reshape(5, 2), np.array([0, 0, 0, 1, 1])
    >>> sampler = RandomOverSampler(random_state=0)
    >>> sampler.fit_resample(X, y)[1].tolist(), sampler.sample_indices_.tolist()
    ([0, 0, 0, 1, 1, 1], [0, 1, 2, 3, 4, 3])

    Source: Menardi, Torelli (2014), Training and assessing classification rules with imbalanced data.
    """

    _sampling_type: ClassVar[Kind] = "over-sampling"
    _takes_any_columns: ClassVar[bool] = True

    def __init__(
        self,
        *,
        sampling_strategy: Strategy = "auto",
        random_state: Any = None,
        shrinkage: float | Mapping[Any, float] | None = None,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.shrinkage = shrinkage

    def _plan(self, X: Any, y: Ints) -> Plan:
        random_state = check_random_state(self.random_state)
        factors = self._shrinkage()
        values = None if factors is None else _numbers(X)
        drawn, parts = [np.arange(len(y), dtype=np.int64)], []
        for code, wanted in self._wanted.items():
            rows = np.flatnonzero(y == code)
            picked = random_state.choice(rows, size=wanted, replace=True)
            drawn.append(picked)
            if values is not None and factors is not None:
                noisy = _smoothed(values, rows, picked, factors[code], random_state)
                parts.append(between(noisy, code, picked, picked, np.zeros(wanted), len(y)))
        if values is None:
            return Plan.keeping(len(y), np.concatenate(drawn))
        return Plan.adding(len(y), parts)

    def _shrinkage(self) -> dict[int, float] | None:
        given: Mapping[Any, float] | None = None
        if isinstance(self.shrinkage, Mapping):
            given = self.shrinkage
        elif self.shrinkage is not None:
            given = dict.fromkeys(self.sampling_strategy_, float(self.shrinkage))
        self.shrinkage_ = given
        if given is None:
            return None
        missing = [label for label in self.sampling_strategy_ if label not in given]
        if missing or min(given.values(), default=0.0) < 0:
            raise UsageError(
                f"shrinkage={self.shrinkage!r} was given, expected a number >= 0 for every class that gets "
                f"rows; it lacks {missing!r} or holds a negative number"
            )
        return dict(zip(self._wanted, (given[label] for label in self.sampling_strategy_), strict=True))


def _numbers(X: Any) -> Any:
    try:
        return check_array(X, accept_sparse=["csr", "csc"], dtype="numeric")
    except ValueError as error:
        raise DataError(
            "shrinkage adds noise to every column but some hold no numbers or missing values; "
            "encode the columns or leave shrinkage=None"
        ) from error


def normal_bandwidth(n: int, d: int) -> float:
    """The bandwidth in standard deviations that suits n rows of a normal distribution in d columns best."""
    return float((4 / ((d + 2) * n)) ** (1 / (d + 4)))


def _smoothed(X: Any, rows: Ints, picked: Ints, factor: float, random_state: np.random.RandomState) -> Any:
    n, d = X.shape
    members = X[rows].toarray() if is_sparse(X) else X[rows]
    scale = factor * normal_bandwidth(n, d) * np.std(members, axis=0)
    noise = random_state.randn(len(picked), d) * scale
    if is_sparse(X):
        return sparse.csr_matrix(noise + X[picked].toarray(), dtype=X.dtype)
    return noise + X[picked]


CARD = {
    "lever": "resample",
    "name": "RandomOverSampler",
    "title": "random over-sampling, optionally as a smoothed bootstrap",
    "seeds": ["001", "005", "006", "012"],
    "needs": [],
    "example": {"random_state": 0},
    "since": "0.1",
    "status": "claimed",
    "source": "Menardi, Torelli (2014), Training and assessing classification rules with imbalanced data",
    "facts": {
        "kind": "over",
        "arm": {"kind": "resampler", "rank": 4, "label": "random over-sampling", "encoding": None},
    },
}
