from __future__ import annotations

import numpy as np
import pytest
import skops.io
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit, logit
from sklearn.base import clone
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from steelyard.core import DataError, TooFewSamples, catalogue
from steelyard.decide import (
    BetaCalibration,
    Calibration,
    IsotonicCalibration,
    NoCalibration,
    PriorCorrection,
    SigmoidCalibration,
    VennAbersCalibration,
    calibration_in_the_large,
)
from steelyard.decide.logistic import soft_targets

ALL = [NoCalibration, SigmoidCalibration, BetaCalibration, IsotonicCalibration, VennAbersCalibration]
LEARNED = ALL[1:]


def rare(seed: int, n: int = 4000, share: float = 0.05) -> tuple[np.ndarray, np.ndarray]:
    """Scores that promise ten times too many positives, and labels."""
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < share).astype(int)
    x = rng.normal(size=n) + 1.5 * y
    return expit(1.5 * x - 1.125 + logit(share) + 2.5), y


def three(seed: int, n: int = 3000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y = rng.choice(3, size=n, p=[0.8, 0.15, 0.05])
    z = rng.normal(size=(n, 3))
    z[np.arange(n), y] += 1
    p = np.exp(2 * z)
    return p / p.sum(axis=1, keepdims=True), y


@pytest.mark.parametrize("kind", ALL)
@settings(max_examples=30)
@given(seed=st.integers(0, 10_000), n=st.integers(4, 60), digits=st.integers(1, 3))
def test_monotone_and_inside_the_unit_interval(
    kind: type[Calibration], seed: int, n: int, digits: int
) -> None:
    rng = np.random.default_rng(seed)
    p, y = np.round(rng.random(n), digits), np.append([0, 1], rng.integers(0, 2, n - 2))
    calibrated = kind().fit(p, y, sample_weight=rng.uniform(0.1, 3, n))(np.linspace(0, 1, 301))
    assert (np.diff(calibrated) >= -1e-12).all()
    assert (calibrated >= 0).all()
    assert (calibrated <= 1).all()


@pytest.mark.parametrize("kind", LEARNED)
@pytest.mark.parametrize("weighted", [False, True])
def test_mean_prediction_is_the_prevalence_of_the_fitting_rows(
    kind: type[Calibration], weighted: bool
) -> None:
    p, y = rare(0)
    weight = np.random.default_rng(1).uniform(0, 2, len(y)) if weighted else None
    assert calibration_in_the_large(p, y, weight) > 4
    calibrated = kind().fit(p, y, weight)(p)
    assert calibration_in_the_large(calibrated, y, weight) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("positives", [1, 2, 5])
def test_few_positives_keep_the_mean_and_a_finite_slope(positives: int) -> None:
    p = np.append(np.linspace(0.01, 0.3, 200), np.linspace(0.9, 0.95, positives))
    y = np.append(np.zeros(200, dtype=int), np.ones(positives, dtype=int))  # perfectly separable
    for kind in (SigmoidCalibration, BetaCalibration):
        calibration = kind().fit(p, y)
        assert calibration_in_the_large(calibration(p), y) == pytest.approx(1, abs=1e-6)
        assert 0.001 < calibration([0.95])[0] < 0.999


def test_targets_are_pulled_without_moving_their_mean() -> None:
    positive, weight = np.array([1.0, 0, 0, 0]), np.ones(4)
    targets = soft_targets(positive, weight)
    assert targets.tolist() == pytest.approx([1 - 0.75 / 3, *[0.25 / 3] * 3])  # pull 1 / (1 + 2) to 0.25
    assert targets.mean() == pytest.approx(0.25)
    assert np.allclose(soft_targets(positive, 7 * weight), targets)


def test_sigmoid_undoes_a_prior_shift_exactly_on_the_posterior() -> None:
    p = np.linspace(0.02, 0.6, 400)
    shifted = PriorCorrection([0.9, 0.1], [0.3, 0.7])(p)
    # every row twice, weighted by its true probability: the sample is the population
    rows, y = np.tile(shifted, 2), np.repeat([0, 1], 400)
    calibration = SigmoidCalibration().fit(rows, y, sample_weight=np.concatenate([1 - p, p]))
    assert np.allclose(calibration(shifted), p, atol=2e-3)


@pytest.mark.parametrize("kind", [SigmoidCalibration, BetaCalibration])
def test_parametric_fits_reach_the_least_loss_of_an_independent_optimiser(kind: type[Calibration]) -> None:
    p, y = rare(3, n=1500)
    weight = np.random.default_rng(0).uniform(0.2, 2, len(y))
    weight /= weight.mean()
    targets = soft_targets(y.astype(float), weight)
    columns = [logit(p)] if kind is SigmoidCalibration else [np.log(p), -np.log1p(-p)]
    design = np.column_stack([*columns, np.ones(len(p))])

    def loss(beta):
        z = design @ beta
        return weight @ (np.logaddexp(0, z) - targets * z) / weight.sum()

    bounds = [(0, None)] * len(columns) + [(None, None)]
    found = minimize(loss, np.zeros(design.shape[1]), bounds=bounds, tol=1e-12)
    ours = kind().fit(p, y, weight).maps_[0][: design.shape[1]]
    assert (ours[:-1] >= 0).all()
    assert loss(ours) <= found.fun + 1e-9


def test_scores_that_point_the_wrong_way_become_the_prevalence() -> None:
    p, y = np.array([0.9, 0.8, 0.7, 0.2, 0.1, 0.1]), np.array([0, 0, 0, 0, 1, 1])
    for kind in LEARNED[:3]:
        assert np.allclose(kind().fit(p, y)(p), 1 / 3, atol=1e-6)


def test_sigmoid_equals_a_plain_logistic_regression_when_positives_are_many() -> None:
    p, y = rare(0, n=20_000, share=0.3)
    plain = LogisticRegression(C=np.inf, tol=1e-10).fit(logit(p)[:, None], y)
    theirs = plain.predict_proba(logit(p)[:, None])[:, 1]
    assert np.abs(SigmoidCalibration().fit(p, y)(p) - theirs).max() < 1e-3


@pytest.mark.parametrize("seed", range(3))
def test_beta_equals_betacal_when_positives_are_many(seed: int) -> None:
    BetaCal = pytest.importorskip(
        "betacal", reason="an oracle; pip install 'steelyard[oracles]'"
    ).BetaCalibration
    rng = np.random.default_rng(seed)
    y = (rng.random(20_000) < 0.4).astype(int)
    p = rng.beta(1 + 1.5 * y, 2 - 0.7 * y).clip(1e-6, 1 - 1e-6)
    theirs = BetaCal(parameters="abm").fit(p[:, None], y).predict(p)
    assert np.abs(BetaCalibration().fit(p, y)(p) - theirs).max() < 2e-3


@pytest.mark.parametrize("weighted", [False, True])
def test_isotonic_equals_scikit_learn(weighted: bool) -> None:
    p, y = rare(2)
    weight = np.random.default_rng(1).uniform(0.1, 2, len(y)) if weighted else None
    theirs = IsotonicRegression(out_of_bounds="clip").fit(p, y, sample_weight=weight)
    new = np.linspace(0, 1, 997)
    assert np.allclose(
        IsotonicCalibration().fit(p, y, weight)(new), theirs.predict(new).clip(1e-12, 1 - 1e-12)
    )


def test_ranking_survives_the_parametric_maps() -> None:
    p, y = rare(0, n=300)
    for kind in (SigmoidCalibration, BetaCalibration):
        assert np.array_equal(np.argsort(kind().fit(p, y)(p), kind="stable"), np.argsort(p, kind="stable"))


@pytest.mark.parametrize("kind", LEARNED)
def test_scale_of_weights_is_free_and_weightless_rows_do_not_count(kind: type[Calibration]) -> None:
    p, y = rare(4, n=500, share=0.2)
    weight = np.random.default_rng(0).integers(0, 3, 500).astype(float)
    whole = kind().fit(p, y, weight)(p)
    assert np.allclose(kind().fit(p, y, 1000 * weight)(p), whole, atol=1e-9)
    kept = weight > 0
    assert np.allclose(kind().fit(p[kept], y[kept], weight[kept])(p), whole, atol=1e-9)


@pytest.mark.parametrize("kind", ALL)
def test_both_shapes_agree(kind: type[Calibration]) -> None:
    p, y = rare(5, n=500, share=0.2)
    both = np.column_stack([1 - p, p])
    one, two = kind().fit(p, y), kind().fit(both, y)
    assert one(p).shape == (500,)
    assert two(both).shape == (500, 2)
    assert np.allclose(one(p), two(both)[:, 1])
    assert np.allclose(one(both).sum(axis=1), 1)


@pytest.mark.parametrize("kind", LEARNED)
def test_many_classes_improve_and_stay_probabilities(kind: type[Calibration]) -> None:
    (p, y), (q, z) = three(0), three(1)
    calibrated = kind().fit(p, y)(q)
    assert np.allclose(calibrated.sum(axis=1), 1)

    def log_loss(scores):
        return -np.log(np.clip(scores[np.arange(len(z)), z], 1e-12, 1)).mean()

    assert log_loss(calibrated) < log_loss(q) - 0.1
    worst = calibration_in_the_large(calibrated, z)
    assert abs(np.log(worst)) < abs(np.log(calibration_in_the_large(q, z))) / 2


def test_a_class_without_rows_keeps_its_probabilities_before_normalising() -> None:
    p, y = three(0, n=200)
    calibrated = SigmoidCalibration().fit(p[y < 2], y[y < 2])(p)
    assert np.allclose(calibrated.sum(axis=1), 1)
    assert (calibrated[:, 2] > 0).all()


@pytest.mark.parametrize("kind", ALL)
def test_saved_and_loaded_and_cloned(kind: type[Calibration]) -> None:
    p, y = rare(6, n=300, share=0.2)
    calibration = kind().fit(p, y)
    stored = skops.io.dumps(calibration)
    unknown = skops.io.get_untrusted_types(data=stored)
    assert all(name.startswith("steelyard.decide.") for name in unknown)
    assert np.array_equal(skops.io.loads(stored, trusted=unknown)(p), calibration(p))
    assert not hasattr(clone(calibration), "maps_")


def test_no_calibration_changes_nothing() -> None:
    p = np.array([[0.0, 1.0], [0.25, 0.75]])
    assert NoCalibration().fit(p, [1, 1])(p).tolist() == p.tolist()


@pytest.mark.parametrize("kind", [SigmoidCalibration, BetaCalibration])
def test_exact_zeros_of_a_forest_do_not_bend_the_curve(kind: type[Calibration]) -> None:
    rng = np.random.default_rng(0)
    posterior, y = rare(0, n=4000)
    posterior = PriorCorrection([0.5, 0.5], [0.9, 0.1])(posterior)
    y = (rng.random(4000) < posterior).astype(int)
    trees = rng.binomial(50, posterior) / 50  # a vote of fifty trees: many exact zeros
    assert (trees == 0).mean() > 0.1
    calibrated = kind().fit(trees, y)(trees)
    for low, high in ((0, 0), (0.02, 0.1), (0.12, 0.4), (0.42, 1)):
        inside = (trees >= low) & (trees <= high)
        assert calibrated[inside].mean() == pytest.approx(y[inside].mean(), rel=0.25, abs=0.01)


def test_extreme_probabilities_stay_finite() -> None:
    p, y = np.array([0.0, 0.0, 1e-15, 0.5, 1.0, 1.0]), np.array([0, 0, 1, 0, 1, 1])
    for kind in LEARNED:
        assert np.isfinite(np.log(kind().fit(p, y)(p))).all()


def test_step_functions_say_that_they_make_ties() -> None:
    p, y = rare(0, n=300, share=0.3)
    for kind in ALL:
        told = "ties" in kind().fit(p, y).note_
        assert told == (kind in (IsotonicCalibration, VennAbersCalibration))


@pytest.mark.parametrize("kind", LEARNED)
def test_errors(kind: type[Calibration]) -> None:
    with pytest.raises(TooFewSamples, match=r"only positions \[0\] came"):
        kind().fit([0.1, 0.2], [0, 0])
    with pytest.raises(TooFewSamples):
        kind().fit([0.1, 0.2], [0, 1], [1, 0])
    with pytest.raises(DataError, match="3 classes came, the calibration was fitted on 2"):
        kind().fit([0.1, 0.2], [0, 1])(np.full((1, 3), 1 / 3))
    with pytest.raises(DataError, match="one label a row"):
        kind().fit([0.1, 0.2], [0])


@pytest.mark.parametrize("kind", ALL)
def test_has_a_card(kind: type[Calibration]) -> None:
    assert catalogue.get(kind.__name__, lever="decide").load() is kind
