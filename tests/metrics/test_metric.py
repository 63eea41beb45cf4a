"""What holds for every metric at once: names, dispatch, weights, prior sensitivity, counts, no-skill values."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from steelyard import metrics
from steelyard.core import NotForMe, Prior, UsageError, find, get
from steelyard.metrics import TEN, f_beta, metric_names, named

ALL = metric_names()
COUNTED = [name for name in ALL if named(name).from_counts]


def test_every_metric_of_the_package_is_listed() -> None:
    assert len(ALL) == 31
    assert set(TEN) <= set(ALL)
    assert len(TEN) == len(set(TEN)) == 10
    for card in find(lever="metrics"):
        assert card.load() is getattr(metrics, card.name)


def test_names_and_aliases_are_unambiguous() -> None:
    cards = [get(name, lever="metrics") for name in ALL]
    spelled = [alias for card in cards for alias in (card.name, *card.facts["aliases"])]
    assert len(spelled) == len(set(spelled))
    for card in cards:
        for alias in card.facts["aliases"]:
            assert named(alias) is named(alias)
            assert named(alias) == named(card.name)


def test_spelling_is_forgiven_and_unknown_names_get_the_nearest() -> None:
    assert named("ROC-AUC") == named("roc_auc")
    assert named(" Log loss ") == named("log_loss")
    with pytest.raises(UsageError, match="balanced_accuracy"):
        named("balanced_acuracy")
    with pytest.raises(UsageError, match="the metrics are accuracy, "):
        named("§§§")


@pytest.mark.parametrize("name", ALL)
def test_metrics_survive_pickling(name) -> None:
    assert pickle.loads(pickle.dumps(named(name))) == named(name)


def test_sign_and_direction() -> None:
    assert (named("brier").sign, named("ap").sign) == (-1, 1)
    assert {named(name).direction for name in ALL} == {"min", "max"}


def test_what_a_metric_reads_must_be_there() -> None:
    with pytest.raises(UsageError, match="pass decisions"):
        named("f1")([0, 1], [0.1, 0.2])
    with pytest.raises(UsageError, match="pass p"):
        named("brier")([0, 1], None, [0, 1])
    assert named("f1")([0, 1], None, [0, 1]) == 1


def test_many_classes_work_or_are_declined(many) -> None:
    for metric in map(named, ALL):
        if metric.binary_only:
            with pytest.raises(NotForMe, match="5 classes"):
                metric(many.y, many.p, many.decisions, many.weight)
        else:
            value = metric(many.y, many.p, many.decisions, many.weight)
            assert metric.bounds[0] <= value <= metric.bounds[1], metric.name


def test_values_lie_in_the_declared_range(binary) -> None:
    for metric in map(named, ALL):
        low, high = metric.bounds
        assert low <= metric(binary.y, binary.p, binary.decisions, binary.weight) <= high, metric.name
        assert low <= metric(binary.y, 1 - binary.p, 1 - binary.decisions, binary.weight) <= high, metric.name


def test_the_number_of_classes_comes_from_the_probabilities() -> None:
    y, decisions = np.array([0, 0, 1, 1]), np.array([0, 0, 0, 1])
    assert named("f1")(y, np.full((4, 3), 1 / 3), decisions) == pytest.approx((0.8 + 2 / 3) / 2)
    assert named("f1")(y, np.full((4, 2), 1 / 2), decisions) == pytest.approx(2 / 3)


UNDEFINED = {
    "none positive": {
        "average_precision", "balanced_accuracy", "g_mean", "h_measure", "index_balanced_accuracy", "lift",
        "macro_mae", "mcc", "normalised_average_precision", "partial_roc_auc", "pr_auc_trapezoid",
        "precision_at_k", "precision_at_recall", "recall", "recall_at_precision", "roc_auc", "stratified_brier",
        "youden_j",
    },
    "all positive": {
        "balanced_accuracy", "g_mean", "h_measure", "index_balanced_accuracy", "macro_mae", "mcc",
        "normalised_average_precision", "partial_roc_auc", "roc_auc", "specificity", "stratified_brier",
        "youden_j",
    },
    "none positive, none flagged": {"f1", "f2", "f_beta", "precision", "cohen_kappa"},
}  # fmt: skip


@pytest.mark.parametrize("name", ALL)
def test_undefined_is_nan_and_nothing_else_is(name) -> None:
    p, mixed = np.linspace(0.1, 0.9, 8), np.tile([0, 1], 4)
    none, every = np.zeros(8, dtype=int), np.ones(8, dtype=int)
    for columns in (p, np.column_stack([1 - p, p])):
        assert np.isnan(named(name)(none, columns, mixed)) == (name in UNDEFINED["none positive"])
        assert np.isnan(named(name)(every, columns, mixed)) == (name in UNDEFINED["all positive"])
        unflagged = UNDEFINED["none positive"] | UNDEFINED["none positive, none flagged"]
        assert np.isnan(named(name)(none, columns, none)) == (name in unflagged)


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_weights_are_repeated_rows(data) -> None:
    n_classes = data.draw(st.sampled_from([2, 3]))
    n = data.draw(st.integers(1, 14))
    whole = st.integers(0, n_classes - 1)
    y = np.array(data.draw(st.lists(whole, min_size=n, max_size=n)))
    decisions = np.array(data.draw(st.lists(whole, min_size=n, max_size=n)))
    parts = st.lists(st.integers(1, 6), min_size=n_classes, max_size=n_classes)
    p = np.array([np.array(data.draw(parts), dtype=float) for _ in range(n)])
    p /= p.sum(axis=1, keepdims=True)
    times = np.array(data.draw(st.lists(st.integers(0, 3), min_size=n, max_size=n)))
    assume(times.any())
    rows = np.repeat(np.arange(n), times)
    for name in ALL:
        metric = named(name)
        if metric.binary_only and n_classes > 2:
            continue
        weighed = metric(y, p, decisions, times.astype(float))
        repeated = metric(y[rows], p[rows], decisions[rows])
        assert weighed == pytest.approx(repeated, abs=1e-12, nan_ok=True), name
        if name != "precision_at_k":  # its k is an amount of weight
            scaled = metric(y, p, decisions, times / 4)
            assert scaled == pytest.approx(repeated, abs=1e-12, nan_ok=True), name


def test_the_order_of_rows_does_not_matter(binary) -> None:
    order = np.random.default_rng(0).permutation(300)
    moved = [None if column is None else column[order] for column in binary]
    for name in ALL:
        assert named(name)(*moved) == pytest.approx(named(name)(*binary), abs=1e-12), name


def test_from_counts_is_the_function(binary) -> None:
    # arrays in, array out, over many decisions at once
    cuts = np.append(np.unique(binary.p.round(1)), 2.0)
    weight = np.ones(300) if binary.weight is None else binary.weight
    flags = (binary.p >= cuts[:, None]).astype(int)
    counts = [
        np.array([weight[(binary.y == truth) & (row == flag)].sum() for row in flags])
        for truth, flag in ((1, 1), (0, 1), (1, 0), (0, 0))
    ]
    for name in COUNTED:
        expected = [named(name)(binary.y, None, row, binary.weight) for row in flags]
        got = named(name).from_counts(*counts)
        assert got == pytest.approx(expected, abs=1e-12, nan_ok=True), name
        assert np.shape(named(name).from_counts(*(count[3] for count in counts))) == (), name


def test_from_counts_takes_integers_without_overflow() -> None:
    counts = (np.array([2_000_000_000]), np.array([7]), np.array([9]), np.array([2_000_000_000]))
    for name in COUNTED:
        as_floats = named(name).from_counts(*(count.astype(float) for count in counts))
        assert named(name).from_counts(*counts) == pytest.approx(as_floats), name


def test_the_survey_s_table_of_one_hundred_rows() -> None:
    """Card 012 (a): TP 8, FN 2, FP 10, TN 80."""
    y = np.repeat([1, 1, 0, 0], [8, 2, 10, 80])
    decisions = np.repeat([1, 0, 1, 0], [8, 2, 10, 80])
    exact = {
        "accuracy": 0.88,
        "precision": 8 / 18,
        "recall": 0.8,
        "f1": 16 / 28,
        "f2": 40 / 58,
        "specificity": 80 / 90,
        "g_mean": np.sqrt(0.8 * 80 / 90),
        "balanced_accuracy": (0.8 + 80 / 90) / 2,
        "mcc": (8 * 80 - 10 * 2) / np.sqrt(18 * 10 * 90 * 82),
        "youden_j": 0.8 + 80 / 90 - 1,
        "cohen_kappa": (0.88 - (0.18 * 0.1 + 0.82 * 0.9)) / (1 - (0.18 * 0.1 + 0.82 * 0.9)),
        "index_balanced_accuracy": (1 + 0.1 * (0.8 - 80 / 90)) * 0.8 * 80 / 90,
        "macro_mae": (0.2 + 10 / 90) / 2,
        "expected_cost": 0.12,
    }
    rounded = {"precision": 0.4444, "f1": 0.5714, "f2": 0.6897, "specificity": 0.8889, "g_mean": 0.8433,
               "balanced_accuracy": 0.8444, "mcc": 0.5379, "youden_j": 0.6889}  # fmt: skip
    for name, value in exact.items():
        assert named(name)(y, None, decisions) == pytest.approx(value, abs=1e-12), name
        assert named(name).from_counts(8, 10, 2, 80) == pytest.approx(value, abs=1e-12), name
    for name, value in rounded.items():
        assert exact[name] == pytest.approx(value, abs=5e-5), name
    assert f_beta(y, decisions, beta=2) == pytest.approx(40 / 58, abs=1e-12)


def _class_conditional(positives: int, negatives: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows whose scores follow, class by class, the same two normals, at evenly spaced quantiles."""
    from scipy.stats import norm

    high = norm(1.5, 0.7).ppf((np.arange(positives) + 0.5) / positives)
    low = norm(-1.0, 1.5).ppf((np.arange(negatives) + 0.5) / negatives)
    y = np.repeat([1, 0], [positives, negatives])
    return y, 1 / (1 + np.exp(-np.r_[high, low]))


@pytest.mark.parametrize("name", ALL)
def test_prior_sensitivity_is_what_the_card_declares(name) -> None:
    """Card 012 (b): 100,000 rows, the same scores given the class, prevalence .5 and .01."""
    values = []
    for share in (0.5, 0.01):
        y, p = _class_conditional(int(100_000 * share), int(100_000 * (1 - share)))
        values.append(named(name)(y, p, (p >= 0.6).astype(int)))
    moved = abs(values[0] - values[1])
    assert moved > 0.05 if named(name).prior_sensitive else moved < 0.01, values


@pytest.mark.parametrize("name", [name for name in ALL if not named(name).prior_sensitive])
def test_what_is_insensitive_does_not_move_at_all_when_only_weights_set_the_prevalence(name) -> None:
    y, p = _class_conditional(300, 700)
    values = [named(name)(y, p, (p >= 0.6).astype(int), np.where(y == 1, w, 1.0)) for w in (1, 7 / 3, 0.01)]
    assert values == pytest.approx([values[0]] * 3, abs=1e-12)


SHARE = 0.1
PRIOR = Prior.of([0] * 900 + [1] * 100)


@pytest.mark.parametrize("name", COUNTED)
def test_no_skill_of_decisions_is_the_best_rate_of_random_flags(name) -> None:
    metric = named(name)
    rate = np.linspace(0, 1, 20001)
    reached = metric.from_counts(
        SHARE * rate, (1 - SHARE) * rate, SHARE * (1 - rate), (1 - SHARE) * (1 - rate)
    )
    best = metric.sign * np.nanmax(metric.sign * reached)
    if name in ("recall", "specificity"):
        assert best == 1
        assert np.isnan(metric.no_skill(PRIOR))
    else:
        assert metric.no_skill(PRIOR) == pytest.approx(best, abs=1e-7)


@pytest.mark.parametrize("name", [name for name in ALL if named(name).takes == "scores"])
def test_no_skill_of_rankings_is_what_random_scores_reach(name) -> None:
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], [180_000, 20_000])
    options = {"k": 50_000} if name == "precision_at_k" else {}
    reached = named(name).function(y, rng.random(200_000), **options)
    assert named(name).no_skill(PRIOR) == pytest.approx(reached, abs=0.02)


@pytest.mark.parametrize("name", [name for name in ALL if named(name).takes == "probabilities"])
def test_no_skill_of_probabilities_is_the_best_constant(name) -> None:
    y = np.repeat([0, 1], [900, 100])
    grid = np.linspace(0, 1, 1001)
    reached = [named(name)(y, np.full(1000, share)) for share in grid]
    assert named(name).no_skill(PRIOR) == pytest.approx(min(reached), abs=1e-12)


MANY = Prior.of(np.repeat([0, 1, 2, 3], [500, 300, 150, 50]))


@pytest.mark.parametrize("name", ALL)
def test_no_skill_of_many_classes_is_reached_by_the_best_blind_strategy(name) -> None:
    metric = named(name)
    level = metric.no_skill(MANY)
    if metric.binary_only or name in ("recall", "specificity", "index_balanced_accuracy"):
        assert np.isnan(level)
        return
    rng = np.random.default_rng(0)
    y = np.repeat(np.arange(4), 100 * np.array([500, 300, 150, 50]))
    n = len(y)
    blind = [rng.integers(4, size=n), rng.choice(4, size=n, p=MANY.p), *(np.full(n, k) for k in range(4))]
    constants = [np.tile(p, (n, 1)) for p in (MANY.p, np.full(4, 0.25), np.array([0.4, 0.3, 0.2, 0.1]))]
    random = rng.dirichlet(np.ones(4), size=n)
    if metric.takes == "decisions":
        reached = [metric(y, random, decisions) for decisions in blind]
    elif metric.takes == "probabilities":
        reached = [metric(y, p) for p in constants]
    else:
        reached = [metric(y, random)]
    assert metric.sign * np.nanmax(metric.sign * np.array(reached)) == pytest.approx(level, abs=0.01)


def test_no_skill_is_nan_where_it_means_nothing() -> None:
    assert np.isnan(named("f1").no_skill(Prior.of([0, 0])))
    assert np.isnan(named("roc_auc").no_skill(Prior.of_indicators([[1, 0], [0, 1]])))
    assert named("recall_at_precision").no_skill(Prior.of([0] + [1] * 9)) == 1
