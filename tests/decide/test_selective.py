from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom
from sklearn.metrics import accuracy_score

from steelyard.core import DataError, TooFewSamples, UsageError
from steelyard.decide import GuaranteedRisk, Threshold, risk_coverage


def draw(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.beta(0.3, 3, n)
    return np.clip(truth**0.8, 0, 1), (rng.random(n) < truth).astype(int)


def test_risk_by_brute_force() -> None:
    rng = np.random.default_rng(0)
    loss, sure, weight = rng.random(60), np.round(rng.random(60), 1), rng.integers(0, 3, 60)
    curve = risk_coverage(loss, sure, sample_weight=weight)
    for confidence, coverage, risk in zip(curve.confidence, curve.coverage, curve.risk, strict=True):
        kept = sure >= confidence
        assert coverage == pytest.approx(weight[kept].sum() / weight.sum())
        assert risk == pytest.approx(np.average(loss[kept], weights=weight[kept]))
    assert curve.coverage[-1] == 1


def test_full_coverage_is_the_error_rate_and_a_perfect_order_is_best() -> None:
    p, y = draw(2000, 0)
    wrong = ((p >= 0.5) != y).astype(float)
    assert risk_coverage(wrong, p).risk_at(1) == pytest.approx(1 - accuracy_score(y, p >= 0.5))
    best = risk_coverage(wrong, 1 - wrong + 1e-9 * np.arange(2000)).area
    assert best < risk_coverage(wrong, np.maximum(p, 1 - p)).area < risk_coverage(wrong, np.zeros(2000)).area


def test_bad_curves_are_refused() -> None:
    with pytest.raises(DataError, match="one finite number"):
        risk_coverage([1, 0], [0.5])
    with pytest.raises(TooFewSamples):
        risk_coverage([1], [0.5], sample_weight=[0])


def test_a_bound_by_hand() -> None:
    # 16 rows without an error: 17 outcomes take 5 steps; the bound at doubt d and no errors is 1 - d^(1/n)
    rule = GuaranteedRisk(0.4, certainty=0.9).fit(np.linspace(0.9, 0.99, 16), np.ones(16, dtype=int))
    assert rule.coverage_ == 1
    assert rule.bound_[1] == pytest.approx(1 - 0.02 ** (1 / 16))


def test_nothing_is_decided_where_nothing_is_safe() -> None:
    rule = GuaranteedRisk(0.01).fit(np.linspace(0.9, 0.99, 16), np.ones(16, dtype=int))
    assert rule.coverage_ == 0
    assert rule.reject([0.999, 0.001]).all()
    assert np.isnan(rule.bound_).all()


@pytest.mark.parametrize("per_class", [False, True])
def test_the_bound_is_broken_no_more_often_than_promised(per_class: bool) -> None:
    certainty, risk, repeats, broken, covered = 0.8, 0.1, 200, 0, []
    new, truth = draw(100_000, 9999)
    decided = (new >= 0.5).astype(int)
    for seed in range(repeats):
        p, y = draw(500, seed)
        rule = GuaranteedRisk(risk, certainty=certainty, per_class=per_class).fit(p, y)
        kept = ~rule.reject(new)
        groups = [kept & (decided == k) for k in (0, 1)] if per_class else [kept]
        broken += any((decided != truth)[g].mean() > risk for g in groups if g.any())
        covered.append(kept.mean())
    assert broken <= binom.ppf(0.999, repeats, 1 - certainty)
    assert np.mean(covered) > 0.3


def test_without_per_class_the_rare_decision_hides_behind_the_common_one() -> None:
    p, y = draw(20_000, 0)
    new, truth = draw(50_000, 1)
    flagged = new >= 0.5
    together, apart = (GuaranteedRisk(0.1, per_class=one).fit(p, y).reject(new) for one in (False, True))
    assert (truth[flagged & ~together] == 0).mean() > 0.1
    assert not (flagged & ~apart).any() or (truth[flagged & ~apart] == 0).mean() <= 0.1


def test_decisions_of_another_rule_are_followed() -> None:
    p, y = draw(5000, 0)
    rule = Threshold(0.2)
    fitted = GuaranteedRisk(0.1, per_class=True).fit(p, y, rule.decide(p))
    kept = ~fitted.reject(p, rule.decide(p))
    assert fitted.coverage_ == pytest.approx(kept.mean())
    assert (rule.decide(p) != y)[kept & (p < 0.2)].mean() < 0.1


def test_options_out_of_range() -> None:
    with pytest.raises(UsageError, match="risk is 0"):
        GuaranteedRisk(0)
    with pytest.raises(UsageError, match="certainty is 1"):
        GuaranteedRisk(0.1, certainty=1)
