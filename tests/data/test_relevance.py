"""Relevance against hand values, figures of another implementation, and the smooth step it should be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import CubicHermiteSpline

from steelyard.core import DataError, UsageError
from steelyard.data import Relevance

Y = np.round(np.exp(np.random.default_rng(3).normal(size=60)), 2)
# phi of the sorted values above 0.9 as smogn 0.1.2 prints it (with pandas 1.5, the last it runs with)
PRINTED = [
    0.0023, 0.0105, 0.0122, 0.0268, 0.0599, 0.0747, 0.0787, 0.104, 0.2073, 0.2676, 0.2738, 0.332, 0.332, 0.379,
    0.379, 0.379, 0.4895, 0.5174, 0.5314, 0.6005, 0.7985, 0.896, 0.9401, 0.9597, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0,
]  # fmt: skip


def test_the_figures_of_smogn():
    curve = Relevance.of_extremes(Y)
    assert curve.values.tolist() == pytest.approx([0.06, 0.89, 3.04])
    np.testing.assert_allclose(curve(np.sort(Y))[30:], PRINTED, atol=5e-5)
    assert (curve(np.sort(Y))[:30] == 0).all()


def test_a_smooth_step_between_median_and_whisker():
    curve = Relevance.of_extremes(Y)
    t = (2.0 - curve.values[1]) / (curve.values[2] - curve.values[1])
    assert curve([2.0])[0] == pytest.approx(3 * t**2 - 2 * t**3)


def test_both_ends_and_one_end():
    y = np.r_[-40.0, np.arange(1.0, 10.0), 50.0]
    both = Relevance.of_extremes(y)
    assert both.values.tolist() == [1, 5, 9]
    assert both.relevance.tolist() == [1, 0, 1]
    assert Relevance.of_extremes(y, extremes="high").relevance.tolist() == [0, 0, 1]
    assert Relevance.of_extremes(y, extremes="low").values.tolist() == [1, 5, 50]
    assert Relevance.of_extremes(y, coefficient=50).relevance.tolist() == [0, 0, 0]


def test_tukeys_hinges_not_quartiles():
    # the hinges are 2 and 5, so the whisker may reach 9.5; from the quartiles 2.25 and 4.75 it would be 8.5
    assert Relevance.of_extremes([1, 2, 3, 4, 5, 9]).relevance.max() == 0


def test_more_than_half_the_values_equal():
    curve = Relevance.of_extremes([0] * 8 + [1, 3])
    assert curve([0, 0.5, 1, 3]).tolist() == [0, 0.5, 1, 1]
    assert Relevance.of_extremes([4.0] * 5)([3, 4, 5]).tolist() == [0, 0, 0]


def test_given_slopes_are_those_of_scipys_hermite_curve():
    points = np.array([(0, 0, 0.1), (2, 0.5, 0.2), (5, 1, 0)])
    at = np.linspace(0, 5, 101)
    np.testing.assert_allclose(Relevance.through(points)(at), CubicHermiteSpline(*points.T)(at), atol=1e-12)


def test_control_points():
    assert Relevance.through([(10, 1, 0), (0, 0, 0)])([2.5])[0] == pytest.approx(3 / 16 - 2 / 64)
    monotone = Relevance.through([(0, 0), (1, 0.2), (4, 0.9), (6, 1)])(np.linspace(-1, 8, 200))
    assert (np.diff(monotone) >= 0).all()
    assert monotone[[0, -1]].tolist() == [0, 1]


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40))
def test_always_between_0_and_1_and_0_at_the_median(values):
    curve = Relevance.of_extremes(values)
    found = curve(values)
    assert ((found >= 0) & (found <= 1)).all()
    assert curve([np.median(values)])[0] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    "points", [[(0, 0)], [(0, 0), (0, 1)], [(0, 0), (1, 2)], [1, 2, 3], [(0, 0, 0, 0), (1, 1, 1, 1)]]
)
def test_no_control_points(points):
    with pytest.raises(UsageError):
        Relevance.through(points)


def test_bad_targets_and_options():
    with pytest.raises(UsageError, match="extremes"):
        Relevance.of_extremes([1, 2], extremes="top")
    for y in (["a"], [np.nan, 1.0], []):
        with pytest.raises(DataError):
            Relevance.of_extremes(y)
