"""Geometric SMOTE: new rows inside a ball around a row instead of on a line."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.neighbors import NearestNeighbors

from steelyard.core import Floats, UsageError
from steelyard.resample.neighbours import check_neighbours
from steelyard.resample.per_class import PerClassSampler, dense
from steelyard.resample.plan import Ints, Made, between
from steelyard.resample.search import neighbours_within
from steelyard.resample.strategy import Strategy

__all__ = ["GeometricSMOTE"]

STRATEGIES = ("combined", "minority", "majority")


class GeometricSMOTE(PerClassSampler):
    r"""Make rows at random places of a ball around a row, cut and squeezed towards a near row.

    When to use it: as SMOTE, when lines between rows vary too little; its selection strategies also keep rows away
    from other classes.

    Around the centre :math:`c`, a row of the class, lies a ball whose radius :math:`R` reaches to the surface row
    :math:`s`: one of the `k_neighbors` nearest of the class ("minority"), the nearest of another class ("majority"),
    or the nearer of the two ("combined"). A point :math:`z` is uniform in the unit ball. With
    :math:`e = (s - c) / R` and :math:`z_\parallel = z \cdot e`, points in the cut-off part
    (:math:`z_\parallel < \alpha - 1` for truncation :math:`\alpha > 0`, :math:`z_\parallel > \alpha + 1` for
    :math:`\alpha < 0`) are mirrored, :math:`z \leftarrow z - 2 z_\parallel e`; the part across is shrunk by the
    deformation :math:`\delta`. The new row is :math:`c + R (z_\parallel e + (1 - \delta) z_\perp)`.

    With truncation 1 and deformation 1 rows lie on the line, as in SMOTE. A row counts for its surface row by the
    share of the way it went towards it.

    Args:
        sampling_strategy: see `sampling_targets`.
        random_state: seed.
        k_neighbors: neighbours to choose from, or an unfitted neighbour search (of one more).
        truncation_factor: from -1 (only away from the surface row) over 0 (whole ball) to 1 (only towards it).
        deformation_factor: from 0 (ball) to 1 (line).
        selection_strategy: "combined", "minority" or "majority".

    Raises:
        UsageError: an option out of range.
        ValueError: missing values or columns that are no numbers.

    >>> X = np.array([[0.0, 0], [1, 0], [0, 1], [1, 1], [5, 5], [6, 5]])
    >>> sampler = GeometricSMOTE(random_state=0, deformation_factor=1, selection_strategy="minority")
    >>> rows, y = sampler.fit_resample(X, [0, 0, 0, 0, 1, 1])
    >>> bool((rows[6:, 1] == 5).all() and (rows[6:, 0] >= 5).all() and (rows[6:, 0] <= 6).all())
    True

    Source: Douzas, Bacao (2019), Geometric SMOTE: a geometrically enhanced drop-in replacement for SMOTE.
    """

    def __init__(
        self,
        *,
        sampling_strategy: Strategy = "auto",
        random_state: Any = None,
        k_neighbors: Any = 5,
        truncation_factor: float = 1.0,
        deformation_factor: float = 0.0,
        selection_strategy: str = "combined",
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.k_neighbors = k_neighbors
        self.truncation_factor = truncation_factor
        self.deformation_factor = deformation_factor
        self.selection_strategy = selection_strategy

    def _check_options(self) -> None:
        check_neighbours(self.k_neighbors, "k_neighbors")
        for name, least in (("truncation_factor", -1), ("deformation_factor", 0)):
            value = getattr(self, name)
            if not least <= value <= 1:
                raise UsageError(f"{name}={value!r} was given, expected a number from {least} to 1")
        if self.selection_strategy not in STRATEGIES:
            raise UsageError(
                f"selection_strategy={self.selection_strategy!r} was given, expected one of {', '.join(STRATEGIES)}"
            )

    def _make(self, X: Any, y: Ints, rows: Ints, wanted: int, random_state: np.random.RandomState) -> Made:
        code = int(y[rows[0]])
        near, k = neighbours_within(X[rows], self.k_neighbors)
        if near.shape[1] < k and self.selection_strategy != "majority":
            self._notice(f"{self._class(code)} has {len(rows)} rows, too few for {k} neighbours")
        row, column = np.divmod(random_state.randint(near.size, size=wanted), near.shape[1])
        start, end = rows[row], rows[near[row, column]]
        centre, surface = dense(X, start), dense(X, end)
        if self.selection_strategy != "minority":
            others = np.flatnonzero(y != code)
            search = NearestNeighbors(n_neighbors=1).fit(X[others])
            foreign = others[search.kneighbors(X[rows], return_distance=False)[:, 0]][row]
            there = dense(X, foreign)
            nearer = np.linalg.norm(there - centre, axis=1) < np.linalg.norm(surface - centre, axis=1)
            nearer |= self.selection_strategy == "majority"
            end, surface = np.where(nearer, foreign, end), np.where(nearer[:, None], there, surface)
        point = _in_ball(random_state, centre.shape)
        made, along = _placed(centre, surface, point, self.truncation_factor, self.deformation_factor)
        return between(made, code, start, end, along, len(y))


def _in_ball(random_state: np.random.RandomState, shape: tuple[int, ...]) -> Floats:
    """Points uniform in the unit ball, one a row."""
    direction = random_state.normal(size=shape)
    length = np.linalg.norm(direction, axis=1, keepdims=True)
    return np.asarray(direction / length * random_state.uniform(size=(shape[0], 1)) ** (1 / shape[1]))


def _placed(
    centre: Floats, surface: Floats, point: Floats, truncation: float, deformation: float
) -> tuple[Floats, Floats]:
    """The new rows for points of the unit ball, and how far each went towards its surface row (m,)."""
    towards = surface - centre
    radius = np.linalg.norm(towards, axis=1, keepdims=True)
    axis = towards / np.where(radius > 0, radius, 1.0)
    along = np.einsum("ij,ij->i", point, axis)
    across = point - along[:, None] * axis
    cut = (along < truncation - 1) if truncation > 0 else (along > truncation + 1) & (truncation < 0)
    along = np.where(cut, -along, along)
    return centre + radius * (along[:, None] * axis + (1 - deformation) * across), along


CARD = {
    "lever": "resample",
    "name": "GeometricSMOTE",
    "title": "Geometric SMOTE (G-SMOTE): new rows inside a ball",
    "seeds": ["012"],
    "needs": [],
    "example": {"random_state": 0},
    "since": "0.1",
    "status": "claimed",
    "source": "Douzas, Bacao (2019), Geometric SMOTE: a geometrically enhanced drop-in replacement for SMOTE",
    "facts": {
        "kind": "over",
        "arm": {
            "kind": "resampler",
            "rank": 5,
            "label": "Geometric SMOTE",
            "encoding": "linear",
            "default": False,
        },
    },
}
