from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import beta

from steelyard.core import UsageError
from steelyard.metrics import h_measure


@pytest.mark.parametrize("ratio", [None, 0.05, 1.0, 3.0])
@pytest.mark.parametrize("seed", range(3))
def test_equals_hmeasure(seed, ratio) -> None:
    h_score = pytest.importorskip("hmeasure", reason="an oracle; pip install 'steelyard[oracles]'").h_score
    rng = np.random.default_rng(seed)
    y = (rng.random(400) < 0.2).astype(int)
    s = 1 / (1 + np.exp(-rng.normal(1.2 * y)))
    assert h_measure(y, s, severity_ratio=ratio) == pytest.approx(
        h_score(y, s, severity_ratio=ratio), abs=1e-9
    )


def test_equals_the_integral_itself(binary) -> None:
    weight = np.ones(len(binary.y)) if binary.weight is None else binary.weight
    share = np.average(binary.y, weights=weight)
    cuts = np.append(np.unique(binary.p), np.inf)
    fp = np.array([weight[(binary.p >= t) & (binary.y == 0)].sum() for t in cuts]) / weight.sum()
    fn = np.array([weight[(binary.p < t) & (binary.y == 1)].sum() for t in cuts]) / weight.sum()
    c = (np.arange(20000) + 0.5)[:, None] / 20000  # midpoints
    density = beta(2, 1 + (1 - share) / share).pdf(c[:, 0])
    skill = (c * fp + (1 - c) * fn).min(axis=1) @ density
    blind = np.minimum(c[:, 0] * (1 - share), (1 - c[:, 0]) * share) @ density
    assert h_measure(binary.y, binary.p, sample_weight=binary.weight) == pytest.approx(
        1 - skill / blind, abs=1e-6
    )


def test_limits() -> None:
    assert h_measure([0, 0, 1], [0, 1, 2]) == 1
    assert h_measure([0, 0, 1], [5, 5, 5]) == pytest.approx(0, abs=1e-12)
    assert h_measure([0, 0, 1], [2, 1, 0]) == pytest.approx(0, abs=1e-12)
    assert np.isnan(h_measure([0, 0], [0.1, 0.2]))
    assert np.isnan(h_measure([1, 1], [0.1, 0.2]))


@pytest.mark.parametrize("ratio", [0, -1])
def test_bad_severity_is_refused(ratio) -> None:
    with pytest.raises(UsageError, match="severity_ratio"):
        h_measure([0, 1], [0, 1], severity_ratio=ratio)
