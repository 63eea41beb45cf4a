from __future__ import annotations

import numpy as np
import pytest

from steelyard.core import UsageError
from steelyard.metrics import lift


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 1.0])
def test_equals_empulse_without_ties(share) -> None:
    lift_score = pytest.importorskip(
        "empulse.metrics", reason="an oracle; pip install 'steelyard[oracles]'"
    ).lift_score
    rng = np.random.default_rng(1)
    y, s = (rng.random(500) < 0.2).astype(int), rng.random(500)
    assert lift(y, s, share=share) == pytest.approx(lift_score(y, s, fraction=share), abs=1e-12)


def test_limits_and_ties() -> None:
    y = [1] + [0] * 9
    assert lift(y, y) == pytest.approx(10)
    assert lift(y, [1.0] * 10) == pytest.approx(1)
    assert lift(y, range(10), share=1) == pytest.approx(1)
    assert np.isnan(lift([0, 0], [0.1, 0.2]))


@pytest.mark.parametrize("share", [0, 1.5])
def test_bad_shares_are_refused(share) -> None:
    with pytest.raises(UsageError, match="share"):
        lift([0, 1], [0, 1], share=share)
