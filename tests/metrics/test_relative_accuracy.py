from __future__ import annotations

import pytest

from steelyard.core import UsageError
from steelyard.metrics import relative_accuracy


def test_the_better_reference_counts_and_plain_training_has_one() -> None:
    assert relative_accuracy(0.45, 0.60, 0.50) == pytest.approx(0.75)
    assert relative_accuracy(0.45, 0.60, 0.90) == pytest.approx(0.5)
    assert relative_accuracy(0.45, 0.60) == pytest.approx(0.75)


def test_no_reference_is_refused() -> None:
    with pytest.raises(UsageError, match="above 0"):
        relative_accuracy(0.5, 0.0)
