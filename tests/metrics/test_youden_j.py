from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import recall_score

from steelyard.metrics import youden_j


def test_is_adjusted_macro_recall(binary, many) -> None:
    for case, labels in ((binary, [0, 1]), (many, [0, 1, 2, 4])):
        mean = recall_score(case.y, case.decisions, labels=labels, average="macro", sample_weight=case.weight)
        chance = 1 / len(labels)
        got = youden_j(case.y, case.decisions, sample_weight=case.weight)
        assert got == pytest.approx((mean - chance) / (1 - chance), abs=1e-12)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_undefined_with_one_class(n_classes) -> None:
    assert np.isnan(youden_j([0, 0], [0, 1], n_classes=n_classes))
