"""Both areas as means over positives, against scikit-learn and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from steelyard.core import TargetError, TooFewSamples
from steelyard.data import sample_at_auroc
from steelyard.metrics import au_log_roc, auprc_decomposition, auroc_decomposition, average_precision


@pytest.mark.parametrize("levels", [None, 7])
def test_both_formulas_give_scikit_learns_areas(levels: int | None) -> None:
    rng = np.random.default_rng(0)
    for _ in range(150):
        n = int(rng.integers(10, 200))
        y = (rng.random(n) < rng.uniform(0.05, 0.9)).astype(int)
        y[:2] = [0, 1]
        scores = rng.normal(size=n) + y if levels is None else rng.integers(levels, size=n)
        assert auroc_decomposition(y, scores).value == pytest.approx(roc_auc_score(y, scores), abs=1e-12)
        expected = average_precision_score(y, scores)
        assert auprc_decomposition(y, scores).value == pytest.approx(expected, abs=1e-12)


def test_terms_belong_to_positives_and_are_the_written_ratios() -> None:
    y, scores = [0, 1, 1, 0, 0], [0.9, 0.8, 0.3, 0.5, 0.1]
    roc, pr = auroc_decomposition(y, scores), auprc_decomposition(y, scores)
    assert roc.rows.tolist() == pr.rows.tolist() == [1, 2]
    assert roc.terms == pytest.approx([1 / 3, 2 / 3])
    # P(y=0) · FPR / rate: 3/5 · 1/3 / (2/5) and 3/5 · 2/3 / (4/5)
    assert pr.terms == pytest.approx([1 / 2, 1 / 2])


def test_where_negatives_are_rare_average_precision_is_the_area_under_ln_tpr() -> None:
    y, scores = sample_at_auroc(20_000, 0.8, 0.995, seed=1)
    limit = 1 + (1 - y.mean()) / y.mean() * au_log_roc(y, scores)
    loss = 1 - average_precision(y, scores)
    assert limit == pytest.approx(1 - loss, abs=0.02 * loss)


def test_the_area_under_ln_tpr_has_no_end_where_a_negative_leads() -> None:
    assert au_log_roc([0, 1], [0.9, 0.1]) == -np.inf
    assert au_log_roc([1, 1, 0, 0], [0.9, 0.4, 0.5, 0.1]) == pytest.approx(np.log(0.5) / 2)


@pytest.mark.parametrize("function", [auroc_decomposition, auprc_decomposition, au_log_roc])
def test_one_class_is_refused(function: object) -> None:
    with pytest.raises(TooFewSamples, match="0 of 2 rows are positive"):
        function([0, 0], [0.1, 0.2])  # type: ignore[operator]
    with pytest.raises(TargetError):
        function([0, 2], [0.1, 0.2])  # type: ignore[operator]
