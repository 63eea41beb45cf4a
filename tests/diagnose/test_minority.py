"""The four types on a layout drawn by hand."""

from __future__ import annotations

import numpy as np

from steelyard.diagnose import TYPES, row_types
from steelyard.diagnose.neighbours import neighbourhood


def types_of(points: list[tuple[float, float]], y: list[int]) -> dict[int, str]:
    X, labels = np.array(points, dtype=np.float32), np.array(y)
    around = neighbourhood(X, labels, limit=10_000, seed=0)
    return {
        int(row): TYPES[kind] for row, kind in zip(around.rows, row_types(X, labels, around), strict=True)
    }


def ring(x: float, y: float, radius: float, n: int) -> list[tuple[float, float]]:
    angles = np.linspace(0, 2 * np.pi, n, endpoint=False) + 0.1
    return [(x + radius * float(np.cos(a)), y + radius * float(np.sin(a))) for a in angles]


def test_a_layout_by_hand():
    points: list[tuple[float, float]] = []
    y: list[int] = []

    def put(places: list[tuple[float, float]], label: int) -> int:
        points.extend(places)
        y.extend([label] * len(places))
        return len(points) - len(places)

    cluster = put(
        [(0, 0), (0.1, 0), (0, 0.1), (0.1, 0.1), (0.05, 0.05), (0.05, 0.15)], 1
    )  # six among themselves
    outlier = put([(10, 0)], 1)
    put(ring(10, 0, 0.5, 6), 0)  # all five neighbours are strangers
    pair = put([(20, 0), (20.1, 0)], 1)
    put(ring(20.05, 0, 0.5, 8), 0)  # each has the other and four strangers
    border = put([(30, 0)], 1)
    put([(30.2, 0), (30, 0.2)], 1)
    put(ring(30, 0, 0.5, 3), 0)  # two fellows, three strangers
    far_border = put([(40, 0)], 1)
    put([(40.6, 0)], 1)
    put([(40.7, 0), (40.65, 0.1), (40.7, 0.1)], 1)  # its one fellow lives in a group of its own
    put([(39.6, 0), (40, 0.4), (40, -0.4), (39.7, 0.3)], 0)
    types = types_of(points, y)
    assert {types[row] for row in range(cluster, cluster + 6)} == {"safe"}
    assert types[outlier] == "outlier"
    assert [types[pair], types[pair + 1]] == ["rare", "rare"]
    assert types[border] == "borderline"
    assert types[far_border] == "borderline"


def test_one_fellow_who_has_no_fellow_near():
    # row 0 has row 1 among its five nearest, but row 1 has five strangers nearer than row 0
    points = [(0, 0), (1, 0), (-0.9, 0), (0, 0.9), (0, -0.9), (-0.9, 0.5), *ring(1, 0, 0.15, 5)]
    y = [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    points[6:] = [(1 + (x - 1) + 0.02, yy) for x, yy in points[6:]]
    X = np.array(points, dtype=np.float32)
    X[6:, 0] += 0.25  # all of them beyond row 1 as seen from row 0
    around = neighbourhood(X, np.array(y), limit=100, seed=0)
    assert (around.nearest[0] == 1).any()
    assert not (around.nearest[1] == 0).any()
    assert types_of([tuple(map(float, point)) for point in X], y)[0] == "rare"


def test_several_classes_see_all_others_as_strangers():
    rng = np.random.default_rng(0)
    points = [tuple(map(float, rng.normal(k * 50, 1, 2))) for k in range(3) for _ in range(20)]
    assert set(types_of(points, [k for k in range(3) for _ in range(20)]).values()) == {"safe"}
