from __future__ import annotations

import time
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from steelyard.core import NotForMe
from steelyard.decide import VennAbersCalibration


def one_more_row(p: np.ndarray, y: np.ndarray, weight: np.ndarray, at: float, label: int) -> float:
    fitted = IsotonicRegression().fit(np.append(p, at), np.append(y, label), np.append(weight, 1))
    return float(fitted.predict([at])[0])


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 100_000), n=st.integers(2, 25), digits=st.integers(1, 3), weighted=st.booleans())
def test_equals_two_isotonic_fits_a_row(seed: int, n: int, digits: int, weighted: bool) -> None:
    rng = np.random.default_rng(seed)
    p = np.round(rng.uniform(0.05, 0.95, n), digits)
    y = np.append([0, 1], (rng.random(n - 2) < 0.3).astype(int))
    weight = rng.uniform(0.2, 3, n) if weighted else np.ones(n)
    weight /= weight.mean()
    low, high = VennAbersCalibration().fit(p, y, weight).interval(np.append(p, new := [0.01, 0.333, 0.99]))
    for at, below, above in zip([*p, *new], low, high, strict=True):
        assert below == pytest.approx(one_more_row(p, y, weight, at, 0), abs=1e-9)
        assert above == pytest.approx(one_more_row(p, y, weight, at, 1), abs=1e-9)


def test_equals_the_package() -> None:
    rng = np.random.default_rng(0)
    y = (rng.random(800) < 0.2).astype(int)
    p = rng.beta(1 + 2 * y, 4)
    new = rng.random(200)
    with np.errstate(all="ignore"), warnings.catch_warnings():  # the package divides by zero on its way
        warnings.simplefilter("ignore")
        VennAbers = pytest.importorskip(
            "venn_abers", reason="an oracle; pip install 'steelyard[oracles]'"
        ).VennAbers

        theirs = VennAbers()
        theirs.fit(np.column_stack([1 - p, p]), y)
        _, pair = theirs.predict_proba(np.column_stack([1 - new, new]))
    calibration = VennAbersCalibration().fit(p, y)
    low, high = calibration.interval(new)
    assert np.allclose(pair, np.column_stack([low, high]), atol=1e-9)


def test_the_interval_holds_the_probability_and_needs_two_classes() -> None:
    rng = np.random.default_rng(0)
    p, y = rng.random(100), rng.integers(0, 2, 100)
    calibration = VennAbersCalibration().fit(p, y)
    low, high = calibration.interval(p)
    assert ((low <= calibration(p)) & (calibration(p) <= high)).all()
    many = VennAbersCalibration().fit(rng.dirichlet(np.ones(3), 100), rng.integers(0, 3, 100))
    with pytest.raises(NotForMe, match="got 3 classes"):
        many.interval(p)


def test_time_grows_with_the_rows_and_not_their_square() -> None:
    rng = np.random.default_rng(0)
    seconds = []
    for n in (10_000, 80_000):
        p, y = rng.random(n), (rng.random(n) < 0.1).astype(int)
        began = time.process_time()
        VennAbersCalibration().fit(p, y)
        seconds.append(time.process_time() - began)
    assert seconds[1] < 8 * 3 * seconds[0] + 0.2
