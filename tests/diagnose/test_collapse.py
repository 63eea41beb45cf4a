"""Collapse measures: ideal frames give their ideal values, and hand values."""

from __future__ import annotations

import numpy as np
import pytest

from steelyard.core import TargetError, TooFewSamples
from steelyard.diagnose import collapse_metrics, frame_distance, simplex


def _simplex_vectors(k: int) -> np.ndarray:
    return np.eye(k) - 1 / k


@pytest.mark.parametrize("vectors", [_simplex_vectors(4), np.eye(4)], ids=["simplex", "orthogonal"])
def test_collapsed_equiangular_classes_have_ideal_measures(vectors: np.ndarray) -> None:
    y = np.repeat(range(4), [9, 4, 2, 1])
    found = collapse_metrics(vectors[y], y, weight=vectors - vectors.mean(0))
    assert found["within"] == pytest.approx(0, abs=1e-12)
    assert found["incoherence"] == pytest.approx(0, abs=1e-12)
    assert np.radians(found["minimum_angle"]) == pytest.approx(1.910633, abs=1e-6)
    assert found["norm_variation"] == pytest.approx(0, abs=1e-12)
    assert found["duality"] == pytest.approx(0, abs=1e-12)
    assert found["disagreement"] == 0


def test_the_within_measure_against_its_definition() -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(3, size=60)
    h = rng.standard_normal((60, 5)) + 2 * np.eye(3, 5)[y]
    means = np.array([h[y == k].mean(0) for k in range(3)])
    within = sum(np.outer(row - means[k], row - means[k]) for row, k in zip(h, y, strict=True)) / 60
    between = sum(np.outer(m - means.mean(0), m - means.mean(0)) for m in means) / 3
    expected = np.trace(within @ np.linalg.pinv(between)) / 3
    assert collapse_metrics(h, y)["within"] == pytest.approx(expected)


def test_classifier_and_nearest_mean_by_hand() -> None:
    h = np.array([[1.0, 0], [3, 0], [-2, 0], [-2, 0]])
    found = collapse_metrics(h, [0, 0, 1, 1], weight=[[1, 0], [-1, 0]], bias=[0, 4])
    # the classifier says class 1 where 2x < 4, so only the row at 1 is decided against its nearest mean
    assert found["disagreement"] == 0.25
    assert found["duality"] == pytest.approx(0, abs=1e-12)


def test_distance_from_frames() -> None:
    y = np.array([0, 1, 2, 0])
    assert frame_distance(3 * np.eye(3)[y], y) == pytest.approx(0, abs=1e-12)
    assert frame_distance(_simplex_vectors(3)[y], y, frame="simplex") == pytest.approx(0, abs=1e-12)
    # all means equal: G = 1, |G| = 3, entries 1/3 against 1/sqrt(3) on the diagonal
    expected = np.sqrt(3 * (1 / 3 - 1 / np.sqrt(3)) ** 2 + 6 / 9)
    assert frame_distance(np.ones((4, 2)), y) == pytest.approx(expected)
    assert np.allclose(simplex(3), _simplex_vectors(3) @ _simplex_vectors(3).T / (2 / 3))


def test_bad_input_is_refused() -> None:
    with pytest.raises(TooFewSamples, match="two or more"):
        collapse_metrics(np.ones((3, 2)), [0, 0, 0])
    with pytest.raises(TargetError, match="expected"):
        collapse_metrics(np.ones((3, 2)), [0, 1])
    with pytest.raises(TargetError, match="weight"):
        collapse_metrics(np.ones((3, 2)), [0, 1, 1], weight=np.ones((3, 2)))
