from __future__ import annotations

import numpy as np
import pytest

from steelyard.core import DataError, UsageError
from steelyard.metrics import average_precision, bootstrap, named, roc_auc


def test_unpacks_and_repeats() -> None:
    x = np.random.default_rng(0).normal(size=50)
    interval = bootstrap(np.mean, x, n=100, seed=1)
    value, low, high = interval
    assert value == x.mean()
    assert low < value < high
    assert interval == bootstrap(np.mean, x, n=100, seed=np.random.default_rng(1))
    assert interval != bootstrap(np.mean, x, n=100, seed=2)


def test_mean_interval_is_the_normal_one() -> None:
    x = np.random.default_rng(0).normal(size=400)
    _, low, high = bootstrap(np.mean, x, n=2000, seed=0)
    half = 1.96 * x.std() / 20
    assert (high - low) / 2 == pytest.approx(half, rel=0.07)
    _, low, high = bootstrap(np.mean, x, n=2000, seed=0, confidence=0.5)
    assert (high - low) / 2 == pytest.approx(0.6745 * x.std() / 20, rel=0.08)


def test_covers_the_true_auc() -> None:
    truth = 0.7602499389  # Phi(1 / sqrt 2): two unit normals one apart
    caught = 0
    for seed in range(80):
        rng = np.random.default_rng(seed)
        y = (np.arange(120) < 40).astype(int)
        _, low, high = bootstrap(roc_auc, y, rng.normal(y), n=120, seed=seed)
        caught += low <= truth <= high
    assert 0.87 <= caught / 80 <= 0.99


def test_clusters_widen_the_interval_to_the_truth() -> None:
    caught = {"rows": 0, "clusters": 0}
    for seed in range(200):
        rng = np.random.default_rng(seed)
        groups = np.repeat(np.arange(40), 5)
        x = rng.normal(size=40)[groups] + 0.3 * rng.normal(size=200)
        for how, given in (("rows", None), ("clusters", groups)):
            _, low, high = bootstrap(np.mean, x, n=150, seed=seed, groups=given)
            caught[how] += low <= 0 <= high
    assert 0.88 <= caught["clusters"] / 200 <= 0.98
    assert caught["rows"] / 200 < 0.75


def test_clusters_of_text_are_drawn_whole() -> None:
    groups = np.array(["b", "a", "b", "c", "c", "c"])

    def whole(drawn) -> float:
        names, counts = np.unique(drawn, return_counts=True)
        assert all(count % (groups == name).sum() == 0 for name, count in zip(names, counts, strict=True))
        return 1.0

    assert bootstrap(whole, groups, n=50, seed=0, groups=groups) == (1, 1, 1)


def test_undefined_resamples_are_dropped_and_counted() -> None:
    y = np.r_[1, np.zeros(9, dtype=int)]
    interval = bootstrap(average_precision, y, np.arange(10.0)[::-1], n=2000, seed=0)
    assert interval.dropped / 2000 == pytest.approx(0.9**10, abs=0.03)
    assert interval.low <= interval.value <= interval.high
    nothing = bootstrap(average_precision, np.zeros(5, dtype=int), np.arange(5.0), n=10, seed=0)
    assert nothing.dropped == 10
    assert np.isnan(nothing).all()


def test_none_passes_through_and_rows_stay_aligned() -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(2, size=80)
    p = np.column_stack([1 - y, y]).astype(float)
    assert bootstrap(named("roc_auc"), y, p, y, None, n=20, seed=0) == (1, 1, 1)


@pytest.mark.parametrize(
    ("arrays", "options", "error"),
    [
        ([[1, 2], [1]], {}, DataError),
        ([[]], {}, DataError),
        ([None], {}, UsageError),
        ([], {}, UsageError),
        ([[1, 2]], {"groups": [1]}, DataError),
        ([[1, 2]], {"n": 0}, UsageError),
        ([[1, 2]], {"confidence": 95}, UsageError),
    ],
)
def test_bad_calls_are_refused(arrays, options, error) -> None:
    with pytest.raises(error):
        bootstrap(lambda *_: 0.0, *arrays, seed=0, **options)


def test_an_interval_holds_its_value_where_repeated_rows_lift_the_metric() -> None:
    rng = np.random.default_rng(0)
    y, score = np.repeat([1, 0], [4, 400]), rng.random(404)
    value, low, high = bootstrap(average_precision, y, score, n=200, seed=0)
    assert low <= value <= high
    distinct, least, most = bootstrap(lambda x: float(len(np.unique(x))), np.arange(50), n=100, seed=0)
    assert least < distinct == 50 < most  # every resample has fewer
