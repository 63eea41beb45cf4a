"""polynom-fit-SMOTE: new rows on a star, a path, a mesh or a curve through a class."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.polynomial import polynomial
from sklearn.utils.random import sample_without_replacement

from steelyard.core import Floats, UsageError
from steelyard.resample.base import positive_integer
from steelyard.resample.per_class import PerClassSampler, dense
from steelyard.resample.plan import Ints, Made, between
from steelyard.resample.strategy import Strategy

__all__ = ["PolynomFitSMOTE"]

TOPOLOGIES = ("star", "bus", "mesh", "polynomial")


class PolynomFitSMOTE(PerClassSampler):
    r"""Make rows on lines from every row of a class to its mean, to the next row, to all others, or on a curve.

    When to use it: as SMOTE, for classes of one piece; it searches no neighbours, so lines cross whatever lies
    between. It led the published comparison of over-samplers behind smote-variants.

    Every segment from :math:`a` to :math:`b` carries the points :math:`a + \frac{j}{k + 1} (b - a)`,
    :math:`j = 1 \dots k`, with :math:`k` the least number that yields enough; where that is too many, a random part
    of them is taken. Segments are, in a class of m rows with mean :math:`\bar x`: `star` :math:`x_i \bar x`;
    `bus` :math:`x_i x_{i+1}` in the order of the table; `mesh` all pairs. `polynomial` fits one polynomial a
    column to the rows in the order of their means over the columns, and takes points of the curve at places
    uniform in :math:`0 \dots m - 1`.

    A row on a spoke of the star counts for the row at its end (the mean is no row); one on the curve for the two
    rows it lies between.

    Args:
        sampling_strategy: see `sampling_targets`.
        random_state: seed.
        topology: "star", "bus", "mesh" or "polynomial".
        degree: degree of the polynomials; a class needs one row more.

    Raises:
        UsageError: an option out of range.
        ValueError: missing values or columns that are no numbers.

    >>> X = np.array([[0.0], [1.0], [2.0], [3.0], [8.0], [10.0]])
    >>> rows, y = PolynomFitSMOTE(topology="bus").fit_resample(X, [0, 0, 0, 0, 1, 1])
    >>> rows[6:].ravel().round(2).tolist()
    [8.67, 9.33]

    Source: Gazzah, Amara (2008), New oversampling approaches based on polynomial fitting for imbalanced data sets.
    """

    def __init__(
        self,
        *,
        sampling_strategy: Strategy = "auto",
        random_state: Any = None,
        topology: str = "star",
        degree: int = 2,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.topology = topology
        self.degree = degree

    def _check_options(self) -> None:
        positive_integer(self.degree, "degree")
        if self.topology not in TOPOLOGIES:
            raise UsageError(f"topology={self.topology!r} was given, expected one of {', '.join(TOPOLOGIES)}")

    def _make(self, X: Any, y: Ints, rows: Ints, wanted: int, random_state: np.random.RandomState) -> Made:
        members, code = dense(X, rows), int(y[rows[0]])
        if self.topology == "polynomial":
            return self._curve(members, code, rows, random_state.uniform(0, len(rows) - 1, wanted), len(y))
        m = len(rows)
        segments = {"star": m, "bus": m - 1, "mesh": m * (m - 1) // 2}[self.topology]
        k = -(-wanted // segments)
        points = np.sort(sample_without_replacement(segments * k, wanted, random_state=random_state))
        segment, place = np.divmod(points.astype(np.int64), k)
        step = (place + 1) / (k + 1)
        if self.topology == "star":
            made = members[segment] + step[:, None] * (members.mean(axis=0) - members[segment])
            return between(made, code, rows[segment], rows[segment], np.zeros(wanted), len(y))
        first, second = (segment, segment + 1) if self.topology == "bus" else _pair(segment)
        made = members[first] + step[:, None] * (members[second] - members[first])
        return between(made, code, rows[first], rows[second], step, len(y))

    def _curve(self, members: Floats, code: int, rows: Ints, at: Floats, n: int) -> Made:
        degree, last = min(self.degree, len(rows) - 1), len(rows) - 1
        if degree < self.degree:
            self._notice(
                f"{self._class(code)} has {len(rows)} rows, so its polynomials are of degree {degree}"
            )
        order = np.argsort(members.mean(axis=1), kind="stable")
        # places run over -1..1, where powers do not run away
        fitted = polynomial.polyfit(2 * np.arange(len(rows)) / last - 1, members[order], degree)
        made = polynomial.polyval(2 * at / last - 1, fitted).T
        before = np.minimum(at.astype(np.int64), last - 1)
        return between(made, code, rows[order[before]], rows[order[before + 1]], at - before, n)


def _pair(number: Ints) -> tuple[Ints, Ints]:
    """The pairs (i, j), i < j, of the given numbers, counted (0, 1), (0, 2), (1, 2), (0, 3) and so on."""
    j = ((1 + np.sqrt(1 + 8 * number.astype(np.float64))) / 2).astype(np.int64)
    j -= j * (j - 1) // 2 > number  # the root may round up
    j += j * (j + 1) // 2 <= number
    return number - j * (j - 1) // 2, j


CARD = {
    "lever": "resample",
    "name": "PolynomFitSMOTE",
    "title": "polynom-fit-SMOTE: new rows on a star, bus, mesh or polynomial through a class",
    "seeds": ["012"],
    "needs": [],
    "example": {"random_state": 0},
    "since": "0.1",
    "status": "claimed",
    "source": "Gazzah, Amara (2008), New oversampling approaches based on polynomial fitting for imbalanced data sets",
    "facts": {
        "kind": "over",
        "arm": {
            "kind": "resampler",
            "rank": 5,
            "label": "polynom-fit-SMOTE",
            "encoding": "linear",
            "default": False,
        },
    },
}
