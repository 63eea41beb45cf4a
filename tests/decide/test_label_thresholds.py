from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from sklearn.metrics import f1_score, fbeta_score, hamming_loss

from steelyard.core import DataError, TooFewSamples, UsageError
from steelyard.decide import LabelThresholds, best_label_thresholds, best_threshold


def rows(seed: int, n: int = 12, n_labels: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    Y = (rng.random((n, n_labels)) < np.linspace(0.5, 0.15, n_labels)).astype(int)
    Y[0], Y[1] = 1, 0
    return Y, np.round(np.clip(0.25 * Y + rng.random((n, n_labels)) * 0.7, 0, 1), 2)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("metric", "beta"), [("f1", 1), ("f2", 2)])
def test_micro_f_by_brute_force(seed: int, metric: str, beta: float) -> None:
    Y, p = rows(seed)
    cuts = [[*np.unique(column), 2.0] for column in p.T]
    best = max(micro(Y, p >= np.array(cut), beta) for cut in product(*cuts))
    found, value = best_label_thresholds(Y, p, metric, average="micro")
    assert value == pytest.approx(best)
    assert fbeta_score(Y, found.decide(p), beta=beta, average="micro") == pytest.approx(best)


def micro(Y: np.ndarray, flagged: np.ndarray, beta: float) -> float:
    return (1 + beta**2) * (Y & flagged).sum() / (beta**2 * Y.sum() + flagged.sum())


def test_macro_is_every_label_alone() -> None:
    Y, p = rows(3, n=80, n_labels=5)
    found, value = best_label_thresholds(Y, p)
    alone = [best_threshold(y, column, "f1") for y, column in zip(Y.T, p.T, strict=True)]
    assert found.values.tolist() == [threshold for threshold, _ in alone]
    assert f1_score(Y, found.decide(p), average="macro") == pytest.approx(value)
    assert value >= f1_score(Y, (p >= 0.5).astype(int), average="macro")


def test_hamming_is_separable_too() -> None:
    Y, p = rows(4, n=80)
    found, value = best_label_thresholds(Y, p, "accuracy")
    assert 1 - hamming_loss(Y, found.decide(p)) == pytest.approx(value)
    grid = np.linspace(0, 1.01, 40)
    assert value >= max(1 - hamming_loss(Y, (p >= cut).astype(int)) for cut in grid)


def test_weights_are_repeated_rows() -> None:
    Y, p = rows(5, n=30)
    weight = np.random.default_rng(0).integers(0, 3, 30)
    again = np.repeat(np.arange(30), weight)
    for average in ("macro", "micro"):
        by_weight = best_label_thresholds(Y, p, average=average, sample_weight=weight)[1]
        assert by_weight == pytest.approx(best_label_thresholds(Y[again], p[again], average=average)[1])


def test_a_label_that_never_applies_flags_nothing() -> None:
    Y, p = rows(1)
    Y[:, 2] = 0
    for average in ("macro", "micro"):
        found, _ = best_label_thresholds(Y, p, average=average)
        assert not found.decide(p)[:, 2].any()
    with pytest.raises(TooFewSamples, match="no label"):
        best_label_thresholds(0 * Y, p)
    with pytest.raises(TooFewSamples, match="no label"):
        best_label_thresholds(0 * Y, p, average="micro")


def test_errors() -> None:
    Y, p = rows(0)
    with pytest.raises(UsageError, match="no exact search"):
        best_label_thresholds(Y, p, "mcc", average="micro")
    with pytest.raises(UsageError, match="average is 'samples'"):
        best_label_thresholds(Y, p, average="samples")
    with pytest.raises(DataError, match="rows × labels for both"):
        best_label_thresholds(Y[:, :2], p)
    with pytest.raises(DataError, match="must be 0 or 1"):
        best_label_thresholds(2 * Y, p)
    with pytest.raises(DataError, match="know 2 labels"):
        LabelThresholds([0.1, 0.2]).decide(p)
    with pytest.raises(UsageError, match="one finite number a label"):
        LabelThresholds([np.inf])
    assert LabelThresholds([0.1, 0.2]).to_json() == {"values": [0.1, 0.2]}
