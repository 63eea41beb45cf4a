from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from steelyard.core import DataError, UsageError
from steelyard.decide import ConformalSets

PRIOR = np.array([0.9, 0.08, 0.02])


def draw(n: int, seed: int, prior: np.ndarray = PRIOR) -> tuple[np.ndarray, np.ndarray]:
    """Rows of a bad model: it knows the classes a little and hardly believes in rare ones."""
    rng = np.random.default_rng(seed)
    y = rng.choice(3, size=n, p=prior)
    z = rng.normal(size=(n, 3)) + np.log(PRIOR)
    z[np.arange(n), y] += 1.5
    p = np.exp(z)
    return p / p.sum(axis=1, keepdims=True), y


def test_by_hand() -> None:
    # class 0 looked like .9 .8 .6: a row at .7 beats one of three, so its p-value is 2/4
    p, y = [[0.9, 0.1], [0.8, 0.2], [0.6, 0.4], [0.3, 0.7]], [0, 0, 0, 1]
    values = ConformalSets(0.4).fit(p, y).p_values([[0.7, 0.3], [0.6, 0.4]])
    assert values.tolist() == [[0.5, 0.5], [0.5, 0.5]]
    assert ConformalSets(0.4).fit(p, y).p_values([0.75, 0.05])[:, 1].tolist() == [1.0, 0.5]


def test_rows_of_repeated_folds_count_once() -> None:
    rng = np.random.default_rng(0)
    y = (rng.random(60) < 0.2).astype(int)
    repeats = [rng.random((60, 2)) for _ in range(3)]
    new = rng.random((40, 2))
    one_by_one = [ConformalSets(0.1).fit(p, y).p_values(new) for p in repeats]
    pooled = ConformalSets(0.1).fit(np.concatenate(repeats), np.tile(y, 3), distinct=np.bincount(y))
    assert pooled.p_values(new) == pytest.approx(np.mean(one_by_one, axis=0))
    assert pooled.n_rows_.tolist() == np.bincount(y).tolist()


def test_a_class_with_few_rows_is_never_ruled_out() -> None:
    p, y = draw(300, 0)
    few = np.flatnonzero(y == 2)[:8]
    kept = np.append(np.flatnonzero(y != 2), few)
    assert ConformalSets(0.1).fit(p[kept], y[kept]).sets(p)[:, 2].all()


@pytest.mark.parametrize("alpha", [0.05, 0.2])
def test_every_class_is_covered_and_the_average_hides_it(alpha: float) -> None:
    repeats, hits, hits_average, rows = 60, np.zeros(3), np.zeros(3), np.zeros(3)
    for seed in range(repeats):
        p, y = draw(4000, seed)
        new, truth = draw(4000, 1000 + seed, np.array([0.4, 0.3, 0.3]))  # other class shares
        by_class = ConformalSets(alpha).fit(p, y).sets(new)[np.arange(4000), truth]
        average = ConformalSets(alpha, per_class=False).fit(p, y).sets(new)[np.arange(4000), truth]
        rows += np.bincount(truth, minlength=3)
        hits += np.bincount(truth, weights=by_class, minlength=3)
        hits_average += np.bincount(truth, weights=average, minlength=3)
    coverage = hits / rows
    # the fitting rows of the rarest class, about 80, make coverage itself random: beta with this spread
    spread = np.sqrt(alpha * (1 - alpha) / (4000 * PRIOR) / repeats)
    assert (coverage > 1 - alpha - 4 * spread).all()
    assert (coverage < 1 - alpha + 4 * spread + 1 / (4000 * PRIOR)).all()
    assert hits_average[2] / rows[2] < 0.7


def test_the_promise_holds_in_finite_samples() -> None:
    # exactly 19 rows a class: coverage of a new row is (at least) 1 - 2/20 = 0.9 whatever the scores
    rng, hits, trials = np.random.default_rng(0), 0, 4000
    for _ in range(trials):
        known, new = rng.normal(size=19), rng.normal()
        p = 1 / (1 + np.exp(-np.append(known, new)))
        both = np.column_stack([1 - p, p])
        hits += int(ConformalSets(0.1).fit(both[:19], np.ones(19, dtype=int)).sets(both[19:])[0, 1])
    assert binom.ppf(1e-4, trials, 0.9) <= hits <= binom.ppf(1 - 1e-4, trials, 0.9)


def test_larger_alpha_gives_smaller_sets() -> None:
    p, y = draw(2000, 0)
    small, large = (ConformalSets(alpha).fit(p, y).sets(p) for alpha in (0.3, 0.05))
    assert (large | ~small).all()


def test_errors() -> None:
    with pytest.raises(UsageError, match="alpha is 1"):
        ConformalSets(1)
    p, y = draw(50, 0)
    with pytest.raises(DataError, match="probabilities of 2 classes"):
        ConformalSets().fit(p, y).sets([0.3])
