from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_classification
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks

from steelyard.core import Prior, TooFewSamples, UsageError
from steelyard.weights import (
    Weighted,
    effective_number,
    hardness_weights,
    harmonised_weights,
    inverse,
    inverse_power,
    square_root,
)
from steelyard.weights.weighted import drawn_rows


class OnlyClassWeight(LogisticRegression):
    """A classifier that knows class weights and no others."""

    def fit(self, X: Any, y: Any) -> OnlyClassWeight:
        return super().fit(X, y)


def rows(n_classes: int = 2) -> tuple[Any, Any]:
    weights = [0.9] if n_classes == 2 else [0.8, 0.15]
    return make_classification(600, 6, n_informative=4, n_classes=n_classes, weights=weights, random_state=0)


def test_powers_are_the_named_weightings() -> None:
    prior = Prior.of(np.repeat([0, 1, 2], [70, 25, 5]))
    assert np.allclose(inverse_power(0)(prior), 1)
    assert np.allclose(inverse_power(0.5)(prior), square_root()(prior))
    assert np.allclose(inverse_power(1)(prior), inverse()(prior))
    with pytest.raises(UsageError, match="power is -1"):
        inverse_power(-1)


def test_hardness_weights_by_hand() -> None:
    p, y = np.array([[0.8, 0.2], [0.8, 0.2], [0.4, 0.6]]), np.array([0, 1, 1])
    assert hardness_weights(1)(p, y).tolist() == pytest.approx([0.2 / 1.4 * 3, 0.8 / 1.4 * 3, 0.4 / 1.4 * 3])
    assert hardness_weights(0)(p, y).tolist() == [1, 1, 1]
    assert hardness_weights(2)(np.eye(2), np.array([0, 1])).tolist() == [1, 1]  # nothing is hard
    with pytest.raises(UsageError, match="gamma is -1"):
        hardness_weights(-1)


def test_every_level_of_hardness_has_the_same_mass() -> None:
    rng = np.random.default_rng(0)
    y, first = np.zeros(500, dtype=int), rng.beta(5, 1, 500)
    weight = harmonised_weights(5)(np.column_stack([first, 1 - first]), y)
    level = np.minimum(((1 - first) * 5).astype(int), 4)
    mass = np.bincount(level, weights=weight)
    assert weight.mean() == pytest.approx(1)
    assert np.allclose(mass[mass > 0], mass[0])
    with pytest.raises(UsageError, match="bins is 0"):
        harmonised_weights(0)


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize(
    ("base", "how"),
    [
        (GaussianNB(), "sample_weight"),
        (OnlyClassWeight(), "class_weight"),
        (KNeighborsClassifier(), "resampling"),
        (make_pipeline(StandardScaler(), GaussianNB()), "sample_weight"),
        (make_pipeline(StandardScaler(), KNeighborsClassifier()), "resampling"),
    ],
    ids=["sample_weight", "class_weight", "resampling", "pipeline", "pipeline resampling"],
)
def test_the_best_way_is_found(base: Any, how: str, n_classes: int) -> None:
    X, y = rows(n_classes)
    model = Weighted(base, effective_number(0.99), random_state=0).fit(X, y)
    prior = Prior.of(y)
    assert model.how_ == how
    assert np.allclose(model.training_prior_, prior.reweighted(effective_number(0.99)(prior)).p)


def test_balanced_weights_are_those_of_scikit_learn_and_multiply_own_weights() -> None:
    X, y = rows()
    balanced = LogisticRegression(tol=1e-10, max_iter=5000, class_weight="balanced").fit(X, y)
    ours = Weighted(LogisticRegression(tol=1e-10, max_iter=5000)).fit(X, y)
    assert np.allclose(ours.predict_proba(X), balanced.predict_proba(X), atol=1e-6)
    only = Weighted(OnlyClassWeight()).fit(X, y)
    assert np.allclose(only.predict_proba(X), balanced.predict_proba(X), atol=1e-3)
    own = np.random.default_rng(0).uniform(0.5, 2, len(y))
    weight = inverse()(Prior.of(y, sample_weight=own))[y] * own
    by_row = LogisticRegression(tol=1e-10, max_iter=5000).fit(X, y, sample_weight=weight)
    ours.fit(X, y, own)
    assert np.allclose(ours.predict_proba(X), by_row.predict_proba(X), atol=1e-6)


def test_text_labels_frames_and_missing_values() -> None:
    X, y = rows()
    frame = pd.DataFrame(X, columns=list("abcdef")).mask(np.random.default_rng(0).random(X.shape) < 0.1)
    model = Weighted(HistGradientBoostingClassifier(max_iter=10), random_state=0)
    p = model.fit(frame, np.array(["no", "yes"])[y]).predict_proba(frame)
    assert model.classes_.tolist() == ["no", "yes"]
    own = HistGradientBoostingClassifier(max_iter=10).fit(frame, y, sample_weight=inverse()(Prior.of(y))[y])
    assert np.allclose(p, own.predict_proba(frame))


def test_drawing_keeps_counts_within_one() -> None:
    rng = np.random.default_rng(0)
    weight, codes = rng.exponential(size=300), rng.integers(0, 2, 300)
    times = np.bincount(drawn_rows(weight, codes, 0), minlength=300)
    wanted = weight / weight.sum() * 300
    assert times.sum() == 300
    assert (np.abs(times - wanted) < 1 + 1e-9).all()


def test_a_class_is_never_lost_in_drawing() -> None:
    weight, codes = np.append(np.ones(50), 1e-9), np.append(np.zeros(50, dtype=int), 1)
    assert 50 in drawn_rows(weight, codes, 0)


def test_row_weights_come_from_held_out_probabilities() -> None:
    X, y = rows()
    seen: list[Any] = []

    def spy(p: Any, codes: Any) -> Any:
        seen.append((p, codes))
        return 1.0 + (codes == 1)

    model = Weighted(KNeighborsClassifier(1), inverse_power(0), rows=spy, random_state=0).fit(X, y)
    p, codes = seen[0]
    assert codes.tolist() == y.tolist()
    # a nearest neighbour is certain and right about rows it has seen
    assert (p[np.arange(len(y)), y] < 1).sum() > 10
    share = y.mean()
    assert model.training_prior_[1] == pytest.approx(2 * share / (1 + share))


def test_refusals() -> None:
    X, y = rows()
    with pytest.raises(UsageError, match="is set on the classifier"):
        Weighted(LogisticRegression(class_weight="balanced")).fit(X, y)
    with pytest.raises(UsageError, match="needs probabilities"):
        Weighted(RidgeClassifier(), rows=hardness_weights()).fit(X, y)
    with pytest.raises(TooFewSamples, match="the rarest class has 1 rows"):
        Weighted(GaussianNB(), rows=hardness_weights()).fit(X[:50], np.append(np.zeros(49, int), 1))


@parametrize_with_checks(
    [
        Weighted(LogisticRegression(max_iter=1000)),
        Weighted(DecisionTreeClassifier(random_state=0)),
    ]
)
def test_scikit_learn_conventions(estimator: Any, check: Any) -> None:
    check(estimator)
