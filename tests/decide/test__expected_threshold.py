from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score

from steelyard.core import TooFewSamples
from steelyard.decide import best_threshold, expected_threshold
from steelyard.metrics import named


def test_the_best_of_all_cuts_by_expected_counts() -> None:
    """Worked out cut by cut: F1 of expected counts is 2 TP / (flagged + positives)."""
    p = np.array([0.05, 0.3, 0.45, 0.7, 0.9])
    flagged = [p >= cut for cut in p]
    values = [2 * p[rows].sum() / (rows.sum() + p.sum()) for rows in flagged]
    cut = expected_threshold([0, 0, 1, 0, 1], p, "f1")
    assert np.array_equal(p >= cut, flagged[int(np.argmax(values))])


def test_balanced_accuracy_is_cut_at_the_prevalence() -> None:
    """The threshold of highest balanced accuracy on true probabilities is the share of positives."""
    p = np.random.default_rng(0).beta(1, 6, 50_000)
    y = (np.random.default_rng(1).random(50_000) < p).astype(int)
    assert expected_threshold(y, p, "balanced_accuracy") == pytest.approx(p.mean(), abs=1e-3)


def test_f1_is_cut_at_half_the_value_it_reaches() -> None:
    p = np.random.default_rng(2).beta(1, 6, 50_000)
    y = (np.random.default_rng(3).random(50_000) < p).astype(int)
    cut = expected_threshold(y, p, "f1")
    reached = 2 * p[p >= cut].sum() / ((p >= cut).sum() + p.sum())
    assert cut == pytest.approx(reached / 2, abs=1e-3)


def test_few_labels_move_it_less_than_a_search_over_labels() -> None:
    p = np.random.default_rng(4).beta(0.5, 8, 400)
    fresh = np.random.default_rng(5).beta(0.5, 8, 100_000)
    truth = (np.random.default_rng(6).random(100_000) < fresh).astype(int)
    lost: dict[str, list[float]] = {"labels": [], "chances": []}
    for seed in range(30):
        y = (np.random.default_rng(seed).random(400) < p).astype(int)
        for kind, cut in (
            ("labels", best_threshold(y, p, "f1")[0]),
            ("chances", expected_threshold(y, p, "f1")),
        ):
            lost[kind].append(f1_score(truth, fresh >= cut))
    assert np.mean(lost["chances"]) > np.mean(lost["labels"])


def test_weights_count_rows_several_times() -> None:
    p, y = np.array([0.1, 0.4, 0.6, 0.8]), np.array([0, 1, 0, 1])
    weight = np.array([1.0, 3.0, 0.0, 2.0])
    rows = np.repeat(np.arange(4), weight.astype(int))
    assert expected_threshold(y, p, named("mcc"), sample_weight=weight) == pytest.approx(
        expected_threshold(y[rows], p[rows], "mcc")
    )


def test_one_class_is_refused() -> None:
    with pytest.raises(TooFewSamples, match="both classes"):
        expected_threshold([0, 0, 1], [0.1, 0.2, 0.3], "f1", sample_weight=[1, 1, 0])
