from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import log_loss as reference

from steelyard.core import DataError
from steelyard.metrics import log_loss


def test_equals_scikit_learn(binary) -> None:
    got = log_loss(binary.y, binary.p, sample_weight=binary.weight)
    assert got == pytest.approx(reference(binary.y, binary.p, sample_weight=binary.weight), abs=1e-12)


def test_equals_scikit_learn_on_many_classes(many) -> None:
    got = log_loss(many.y, many.p, sample_weight=many.weight)
    assert got == pytest.approx(
        reference(many.y, many.p, labels=range(5), sample_weight=many.weight), abs=1e-12
    )


def test_certainty_stays_finite() -> None:
    assert log_loss([1, 0], [1.0, 0.0]) == 0
    assert log_loss([1], [0.0]) == pytest.approx(-np.log(np.finfo(float).eps))


@pytest.mark.parametrize("p", [[0.5, 1.2], [0.5, -0.1], [0.5, np.nan], [[0.5, 0.4], [0.5, 0.5]]])
def test_what_is_no_probability_is_refused(p) -> None:
    with pytest.raises(DataError, match="probabilities"):
        log_loss([0, 1], p)
