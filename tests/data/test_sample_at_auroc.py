"""Rankings of a given skill."""

from __future__ import annotations

import numpy as np
import pytest

from steelyard.core import UsageError
from steelyard.data import sample_at_auroc
from steelyard.metrics import roc_auc


@pytest.mark.parametrize(("area", "share"), [(0.85, 0.05), (0.65, 0.01), (0.5, 0.9), (1.0, 0.3)])
def test_the_expected_area_is_the_one_asked_for(area: float, share: float) -> None:
    drawn = [sample_at_auroc(200, area, share, seed=seed) for seed in range(300)]
    found = np.array([roc_auc(y, scores) for y, scores in drawn])
    assert found.mean() == pytest.approx(area, abs=4 * found.std() / np.sqrt(300) + 1e-12)
    assert {int(y.sum()) for y, _ in drawn} == {round(share * 200)}
    assert all(scores.min() > 0 and scores.max() < 1 for _, scores in drawn)


def test_the_same_seed_draws_the_same_and_nonsense_is_refused() -> None:
    one, other = (sample_at_auroc(50, 0.7, 0.2, seed=3)[1] for _ in range(2))
    np.testing.assert_array_equal(one, other)
    with pytest.raises(UsageError, match="makes 0 of 20 rows positive"):
        sample_at_auroc(20, 0.7, 0.01)
    with pytest.raises(UsageError, match="from 0 to 1"):
        sample_at_auroc(20, 85, 0.1)
