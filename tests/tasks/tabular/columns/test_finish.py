from __future__ import annotations

import numpy as np
import pytest

from steelyard.tasks.tabular.columns.finish import ForLinear, ForTrees

NAN, INF = np.nan, np.inf


def learn(finish, columns, measured=True):
    values = np.array(columns, dtype=float).T
    return finish.learn(values, [f"f{i}" for i in range(values.shape[1])], measured)


def test_trees_keep_values_and_gaps() -> None:
    out = learn(ForTrees(), [[1, 2, NAN], [3.5, -1, 0]])
    np.testing.assert_array_equal(out, np.array([[1, 3.5], [2, -1], [NAN, 0]], dtype=np.float32))
    assert out.dtype == np.float32


def test_trees_put_infinity_just_outside_the_training_range() -> None:
    finish = ForTrees()
    out = learn(finish, [[-INF, 0, 10, INF]])
    assert out[:, 0].tolist() == [-10, 0, 10, 20]
    assert finish.read(np.array([[INF], [15.0]]))[:, 0].tolist() == [20, 15]


def test_trees_tell_large_whole_numbers_apart() -> None:
    base = 10**15
    out = learn(ForTrees(), [[base, base + 1, base + 2, NAN]])[:, 0]
    np.testing.assert_array_equal(out, [0, 1, 2, NAN])


def test_trees_stay_within_float32() -> None:
    out = learn(ForTrees(), [[1e308, -1e308, 0, INF]])
    assert np.isfinite(out).all()
    assert out[0] > out[2] > out[1]


@pytest.mark.parametrize("finish", [ForTrees(), ForLinear()])
def test_what_never_varies_is_dropped(finish) -> None:
    learn(finish, [[1, 1, 1], [1, 2, 3], [NAN, NAN, NAN]])
    assert finish.names_ == ["f1"]
    assert finish.read(np.array([[5, 2, 0.0]])).shape == (1, 1)


def test_a_gap_alone_is_information() -> None:
    assert learn(ForTrees(), [[1, 1, NAN]]).shape == (3, 1)
    finish = ForLinear()
    assert learn(finish, [[1, 1, NAN]]).tolist() == [[0], [0], [1]]
    assert finish.names_ == ["f0_missing"]


def test_linear_centres_scales_and_bends() -> None:
    x = np.random.default_rng(0).normal(50, 10, 10_000)
    out = learn(ForLinear(), [x])[:, 0]
    z = (x - np.median(x)) / np.clip(x, *np.percentile(x, [0.5, 99.5])).std()
    np.testing.assert_allclose(out, z / np.sqrt(1 + (z / 4) ** 2), rtol=1e-4, atol=1e-5)
    assert abs(out).max() < 4


def test_one_outlier_does_not_flatten_the_rest() -> None:
    x = np.r_[np.random.default_rng(0).normal(size=999), 1e12]
    out = learn(ForLinear(), [x])[:, 0]
    assert out[:-1].std() > 0.8
    assert out[-1] == 4


def test_linear_fills_infinities_and_gaps() -> None:
    finish = ForLinear()
    out = learn(finish, [[1, 2, 3, NAN, INF, -INF], [1, 2, 3, NAN, 4, 5]])
    assert np.isfinite(out).all()
    assert finish.names_ == ["f0", "f1", "f0_missing"]  # both are missing at the same rows
    assert out[:, 0].tolist() == pytest.approx([out[0, 0], 0, out[2, 0], 0, 4, -4])
    assert out[:, 2].tolist() == [0, 0, 0, 1, 0, 0]


def test_a_new_gap_gets_the_median() -> None:
    finish = ForLinear()
    learn(finish, [[1.0, 2, 9]])
    assert finish.read(np.array([[NAN], [2.0]])).tolist() == [[0], [0]]


def test_indicators_pass() -> None:
    finish = ForLinear()
    out = learn(finish, [[0, 1, 1], [10, 20, 40]], np.array([False, True]))
    assert out[:, 0].tolist() == [0, 1, 1]
    assert finish.names_ == ["f0", "f1"]


def test_a_rare_indicator_like_number_keeps_its_scale() -> None:
    x = np.zeros(1000)
    x[:3] = 1
    out = learn(ForLinear(), [x])[:, 0]
    z = 1 / x.std()
    assert out[0] == pytest.approx(z / np.sqrt(1 + (z / 4) ** 2))
    assert out[-1] == 0


def test_rounding_noise_is_no_scale() -> None:
    x = np.full(1000, 0.1) + np.r_[np.zeros(999), 1e-17]
    assert abs(learn(ForLinear(), [x])).max() < 1e-9
