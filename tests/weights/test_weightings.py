from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.utils.class_weight import compute_class_weight

from steelyard.core import DataError, Prior, UsageError, Weighting, catalogue
from steelyard.weights import (
    as_sample_weight,
    cost_weights,
    effective_number,
    inverse,
    mean_one,
    minority_weight,
    odds_power,
    square_root,
)

ALL = {
    "inverse": inverse(),
    "square_root": square_root(),
    "effective_number": effective_number(0.99),
    "odds_power": odds_power(0.3),
    "minority_weight": minority_weight(0.5),
    "cost_weights": cost_weights([[0, 3, 3], [1, 0, 3], [1, 1, 0]]),
}
IR9 = Prior.of([0] * 90 + [1] * 10)


def ratio(weight: np.ndarray) -> float:
    return float(weight[1] / weight[0])


@pytest.mark.parametrize("name", ALL)
@given(counts=st.lists(st.integers(1, 10_000), min_size=3, max_size=3))
def test_weights_of_all_rows_average_one(name: str, counts: list[int]) -> None:
    prior = Prior(tuple(range(3)), np.array(counts, dtype=float))
    weight = ALL[name](prior)
    assert weight.shape == (3,)
    assert (weight >= 0).all()
    assert weight @ prior.counts == pytest.approx(prior.total)


@pytest.mark.parametrize("name", sorted(set(ALL) - {"cost_weights"}))
@given(counts=st.lists(st.integers(1, 10_000), min_size=3, max_size=3))
def test_rarer_classes_never_weigh_less(name: str, counts: list[int]) -> None:
    weight = ALL[name](Prior(tuple(range(3)), np.array(counts, dtype=float)))
    by_count = weight[np.argsort(counts, kind="stable")]
    assert (np.diff(by_count) <= 1e-9).all()


@pytest.mark.parametrize("name", sorted(set(ALL)))
def test_a_class_without_rows_gets_no_weight_and_spoils_nothing(name: str) -> None:
    weight = ALL[name](Prior(("a", "b", "c"), np.array([90.0, 10.0, 0.0])))
    assert np.isfinite(weight).all()
    assert weight[2] == 0
    assert weight[1] > 0


def test_inverse_equals_scikit_learn() -> None:
    y = np.repeat([0, 1, 2], [70, 25, 5])
    expected = compute_class_weight("balanced", classes=np.arange(3), y=y)
    assert np.allclose(inverse()(Prior.of(y)), expected, rtol=1e-14)


def test_inverse_uses_weighted_counts() -> None:
    prior = Prior.of([0, 0, 1], sample_weight=[1, 1, 8])
    assert inverse()(prior).tolist() == [2.5, 0.625]


def test_square_root_by_hand() -> None:
    assert ratio(square_root()(IR9)) == pytest.approx(3)


@pytest.mark.parametrize("beta", [0.5, 0.9, 0.999, 0.999999])
def test_effective_number_by_its_formula(beta: float) -> None:
    weight = effective_number(beta)(IR9)
    raw = [(1 - beta) / (1 - beta**n) for n in (90, 10)]
    assert ratio(weight) == pytest.approx(raw[1] / raw[0], rel=1e-9)


def test_effective_number_has_the_two_known_ends() -> None:
    assert np.allclose(effective_number(0)(IR9), [1, 1])
    # 1 - beta**n evaluated plainly would keep hardly any digit here
    assert ratio(effective_number(1 - 1e-13)(IR9)) == pytest.approx(9, rel=1e-9)


def test_effective_number_of_a_published_long_tail() -> None:
    # class-balanced weights as used with deferred re-weighting: (1/e_k) / sum(1/e) * K
    counts = np.array([5000, 500, 50])
    e = (1 - 0.9999**counts) / (1 - 0.9999)
    published = (1 / e) / (1 / e).sum() * 3
    ours = effective_number(0.9999)(Prior((0, 1, 2), counts.astype(float)))
    assert np.allclose(ours / ours.mean(), published)


def test_odds_power_by_hand() -> None:
    assert ratio(odds_power(0.3)(IR9)) == pytest.approx(81**0.3)
    assert np.allclose(odds_power(0)(IR9), 1)


def test_odds_power_equals_the_published_form() -> None:
    p = np.array([0.6, 0.3, 0.1])
    published = ((p.mean() / p) * ((1 - p) / (1 - p.mean()))) ** 0.3
    ours = odds_power(0.3)(Prior((0, 1, 2), 100 * p))
    assert np.allclose(ours / ours[0], published / published[0])


def test_minority_weight_of_the_published_grid() -> None:
    grid = [0, 0.25, 0.5, 0.75, 1, 1.25]
    assert [minority_weight(f, scaled=False)(IR9).tolist() for f in grid] == [
        [1, weight] for weight in (1, 3, 5, 7, 9, 11)
    ]
    assert np.allclose([ratio(minority_weight(f)(IR9)) for f in grid], [1, 3, 5, 7, 9, 11])
    assert np.allclose(minority_weight(1)(IR9), inverse()(IR9))


def test_cost_weights_by_hand() -> None:
    assert ratio(cost_weights([[0, 9], [1, 0]])(IR9)) == pytest.approx(9)
    # column sums over the wrong decisions, less what the right one costs: 1+2, 4+3-2·1, 5+6
    three = cost_weights([[0, 4, 5], [1, 1, 6], [2, 3, 0]])(Prior((0, 1, 2), np.ones(3)))
    assert np.allclose(three / three[0] * 3, [3, 5, 11])


def test_as_sample_weight() -> None:
    assert as_sample_weight([1, 9], np.array([1, 0, 1])).tolist() == [9, 1, 9]
    assert as_sample_weight([1, 9], [1, 0], sample_weight=[0.5, 2]).tolist() == [4.5, 2]
    y = np.repeat([0, 1], [90, 10])
    assert as_sample_weight(inverse()(IR9), y).mean() == pytest.approx(1)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: effective_number(1.0), UsageError, "beta is 1.0"),
        (lambda: effective_number(-0.1), UsageError, "beta"),
        (lambda: odds_power(-1), UsageError, "power is -1"),
        (lambda: minority_weight(-0.5), UsageError, "fraction"),
        (lambda: cost_weights([[0, 1]]), UsageError, "shape"),
        (lambda: cost_weights([[9, 0], [0, 9]]), UsageError, "rows of the matrix are decisions"),
        (lambda: mean_one([1, 1, 1], IR9), DataError, "3 weights came for 2 classes"),
        (lambda: mean_one([0, 0], IR9), DataError, "one of them more"),
        (lambda: mean_one([-1, 2], IR9), DataError, "at least 0"),
        (lambda: odds_power()(Prior.of([0, 0])), DataError, "finite weight"),
        (lambda: as_sample_weight([1, 2], [0, 2]), DataError, "positions 0..1"),
        (lambda: as_sample_weight([1, 2], ["a", "b"]), DataError, "prior.encode"),
        (lambda: as_sample_weight([1, 2], [0, 1], sample_weight=[1]), DataError, "one weight a row"),
    ],
)
def test_errors_say_what_came_and_what_to_do(call, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize(
    "card",
    [
        card
        for card in catalogue.find(lever="weights")
        if "costs" not in card.name and "takes" not in card.facts and card.name.islower()
    ],
)
def test_cards_give_working_examples(card) -> None:
    weighting: Weighting = card.load()(**card.example)
    assert weighting(IR9) @ IR9.counts == pytest.approx(IR9.total)


def test_only_the_two_plain_weightings_race() -> None:
    racing = {card.name for card in catalogue.find(lever="weights", fact="arm")}
    assert racing == {"inverse", "square_root"}
