from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, make_scorer
from sklearn.model_selection import FixedThresholdClassifier, TunedThresholdClassifierCV

from steelyard.core import DataError, TargetError, TooFewSamples, UsageError
from steelyard.decide import Threshold, best_threshold, threshold_curve
from steelyard.metrics import named

SCORES, Y = np.array([0.9, 0.6, 0.4, 0.2]), np.array([1, 0, 1, 0])


def macro_f1(tp, fp, fn, tn):
    def f1(hit, wrong):
        return np.divide(2 * hit, 2 * hit + wrong, out=np.zeros_like(hit), where=2 * hit + wrong > 0)

    return (f1(tp, fp + fn) + f1(tn, fp + fn)) / 2


def brute_force(y, scores, weight, metric, min_precision=None, min_recall=None):
    """The best value and the highest cut that reaches it, one cut at a time with the metric itself."""
    best, at = -np.inf, None
    for cut in [np.inf, *np.unique(scores)[::-1]]:
        flags = (scores >= cut).astype(int)
        hits, flagged, positives = (
            weight[(flags == 1) & (y == 1)].sum(),
            weight[flags == 1].sum(),
            weight[y == 1].sum(),
        )
        if min_precision is not None and hits < min_precision * flagged - 1e-12:
            continue
        if min_recall is not None and hits < min_recall * positives - 1e-12:
            continue
        value = metric(y, None, flags, weight)
        if np.isfinite(value) and value > best + 1e-12:
            best, at = value, cut
    return best, at


rows = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 6), st.sampled_from([0.0, 0.3, 1.0, 2.0])),
    min_size=2,
    max_size=40,
)


@pytest.mark.parametrize("name", ["f1", "f2", "mcc", "balanced_accuracy", "g_mean"])
@pytest.mark.parametrize("bounds", [{}, {"min_precision": 0.6}, {"min_recall": 0.7}])
@settings(max_examples=60)
@given(data=rows)
def test_equals_brute_force_with_ties_weights_and_bounds(name: str, bounds: dict[str, float], data) -> None:
    y, scores, weight = (np.array(column) for column in zip(*data, strict=True))
    scores = scores / 7
    if len(np.unique(y[weight > 0])) < 2:
        return
    metric = named(name)
    expected, cut = brute_force(y, scores, weight, metric, **bounds)
    threshold, value = best_threshold(y, scores, name, sample_weight=weight, **bounds)
    flags = Threshold(threshold).decide(scores)
    assert value == pytest.approx(expected, abs=1e-9)
    assert metric(y, None, flags, weight) == pytest.approx(value, abs=1e-9)
    # among ties the highest cut, so the fewest flagged rows (rows without weight do not count)
    counting = weight > 0
    assert flags[counting].tolist() == (scores >= cut)[counting].astype(int).tolist()


def test_both_bounds_at_once_or_a_clear_refusal() -> None:
    y, scores = np.array([1, 1, 0, 1, 0, 0, 1, 0]), np.linspace(0.9, 0.2, 8)
    threshold, recall = best_threshold(y, scores, "recall", min_precision=0.6, min_recall=0.7)
    assert (recall, threshold) == (0.75, pytest.approx(0.55))
    with pytest.raises(DataError, match="min_precision=0.9 and min_recall=0.9"):
        best_threshold(y, scores, "recall", min_precision=0.9, min_recall=0.9)


def test_an_unreachable_precision_flags_nothing() -> None:
    threshold, recall = best_threshold([0, 1, 0], [0.9, 0.5, 0.1], "recall", min_precision=0.9)
    assert recall == 0
    assert Threshold(threshold).decide([0.9, 0.5, 0.1]).tolist() == [0, 0, 0]


def test_published_grid_example() -> None:
    grid = np.arange(1, 11) / 20
    f1 = {t: f1_score(Y, t <= SCORES) for t in (0.1, 0.3, 0.4, 0.45, 0.5)}
    assert [round(value, 3) for value in f1.values()] == [0.667, 0.8, 0.8, 0.5, 0.5]
    assert best_threshold(Y, SCORES, "f1", grid=grid) == (0.4, 0.8)
    # every cut between 0.2 and 0.4 serves as well; the exact search takes the middle
    assert best_threshold(Y, SCORES, "f1") == (pytest.approx(0.3), 0.8)


def test_macro_f1_on_a_grid_equals_brute_force_and_scikit_learn() -> None:
    scores, y, grid = (
        np.array([0.1, 0.2, 0.35, 0.4, 0.8]),
        np.array([0, 0, 1, 0, 1]),
        np.linspace(0.1, 0.9, 100),
    )
    found = best_threshold(y, scores, macro_f1, grid=grid, ties="lowest")
    values = [f1_score(y, scores >= t, average="macro") for t in grid]
    assert found == (pytest.approx(grid[int(np.argmax(values))]), pytest.approx(max(values)))

    class Scores(DummyClassifier):
        def predict_proba(self, X):
            return np.column_stack([1 - X[:, 0], X[:, 0]])

    model = Scores().fit(scores[:, None], y)
    tuned = TunedThresholdClassifierCV(model, scoring="f1_macro", thresholds=grid, cv="prefit", refit=False)
    tuned.fit(scores[:, None], y)
    assert found == (pytest.approx(tuned.best_threshold_), pytest.approx(tuned.best_score_))


def test_never_below_scikit_learn_and_equal_decisions() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(600, 3))
    y = (X[:, 0] + rng.normal(size=600) > 1.6).astype(int)
    model = LogisticRegression().fit(X, y)
    scores = model.predict_proba(X)[:, 1]
    threshold, value = best_threshold(y, scores, "f1")
    tuned = TunedThresholdClassifierCV(
        model, scoring=make_scorer(f1_score), thresholds=100, cv="prefit", refit=False
    ).fit(X, y)
    assert value >= tuned.best_score_
    fixed = FixedThresholdClassifier(model, threshold=threshold, response_method="predict_proba").fit(X, y)
    assert fixed.predict(X).tolist() == Threshold(threshold).decide(scores).tolist()


@given(data=rows, factor=st.floats(0.01, 100))
def test_integer_weights_are_repeated_rows_and_their_scale_is_free(data, factor: float) -> None:
    y, scores, _ = (np.array(column) for column in zip(*data, strict=True))
    if len(np.unique(y)) < 2:
        return
    times = np.arange(len(y)) % 3 + 1
    weighted = best_threshold(y, scores / 7, "f1", sample_weight=times * factor)
    repeated = best_threshold(np.repeat(y, times), np.repeat(scores / 7, times), "f1")
    assert weighted == (pytest.approx(repeated[0]), pytest.approx(repeated[1]))


def test_curve_counts_by_hand() -> None:
    curve = threshold_curve([1, 0, 0, 1], [0.8, 0.8, 0.4, 0.2], sample_weight=[1, 2, 3, 4])
    assert curve.tp.tolist() == [0, 1, 1, 5]
    assert curve.fp.tolist() == [0, 2, 5, 5]
    assert curve.fn.tolist() == [5, 4, 4, 0]
    assert curve.tn.tolist() == [5, 3, 0, 0]
    assert np.allclose(curve.thresholds[1:], [0.6, 0.3, 0.2])
    assert curve.thresholds[0] > 0.8


def test_cuts_separate_even_neighbouring_floats() -> None:
    low = 0.3
    high = np.nextafter(low, 1)
    threshold, value = best_threshold([0, 1], [low, high], "f1")
    assert value == 1
    assert Threshold(threshold).decide([low, high]).tolist() == [0, 1]


def test_any_scores_and_both_shapes_are_taken() -> None:
    scores = np.array([-5.0, 3.0, 40.0])
    assert best_threshold([0, 1, 1], scores, "f1") == (-1.0, 1.0)
    p = np.array([[0.7, 0.3], [0.2, 0.8]])
    assert best_threshold([0, 1], p, "f1") == best_threshold([0, 1], p[:, 1], "f1")


def test_lower_is_better_where_the_metric_says_so() -> None:
    threshold, value = best_threshold(Y, SCORES, "macro_mae")
    assert value == min(named("macro_mae")(Y, None, (cut <= SCORES).astype(int)) for cut in [2, *SCORES])
    assert threshold == pytest.approx(0.75)  # as good as 0.4, and higher


def test_a_million_rows_take_about_one_sort() -> None:
    rng = np.random.default_rng(0)
    y, scores = (rng.random(1_000_000) < 0.01).astype(int), rng.random(1_000_000)
    began = time.process_time()
    np.argsort(-scores, kind="stable")
    sort = time.process_time() - began
    began = time.process_time()
    best_threshold(y, scores, "f1")
    assert time.process_time() - began < 20 * sort + 0.5


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: best_threshold(Y, SCORES, "roc_auc"), UsageError, "no function of the confusion counts"),
        (lambda: best_threshold(Y, SCORES, "f1", min_recall=1.5), UsageError, "min_recall is 1.5"),
        (lambda: best_threshold([0, 0], [0.1, 0.2], "balanced_accuracy"), TooFewSamples, "both classes"),
        (lambda: best_threshold([0, 2], [0.1, 0.2], "f1"), TargetError, "positions 0..1"),
        (lambda: best_threshold([0], [0.1, 0.2], "f1"), DataError, "one label a row"),
        (lambda: best_threshold([0, 1], [0.1, np.nan], "f1"), DataError, "missing"),
        (lambda: threshold_curve([0, 1], [0.1, 0.2], [0, 0]), TooFewSamples, "positive weight"),
        (lambda: threshold_curve([0, 1], [0.1, 0.2], [1, -1]), DataError, "negative"),
    ],
)
def test_errors(call, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call()
