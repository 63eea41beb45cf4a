from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.core import DataError, UsageError
from steelyard.decide import ExpectedF, best_threshold, expected_f, general_f_maximizer, label_size_table
from steelyard.decide.poisson_binomial import distribution, without
from steelyard.metrics import f1

unit = st.floats(0, 1)


def f_beta(truth: tuple[int, ...], chosen: tuple[int, ...], beta: float) -> float:
    hits = sum(a and b for a, b in zip(truth, chosen, strict=True))
    away = sum(chosen) + beta**2 * sum(truth)
    return (1 + beta**2) * hits / away if away else 1.0


def by_force(joint: dict[tuple[int, ...], float], n: int, beta: float) -> tuple[float, tuple[int, ...]]:
    """The best of all 2^n sets."""
    return max(
        (sum(q * f_beta(truth, chosen, beta) for truth, q in joint.items()), chosen)
        for chosen in product((0, 1), repeat=n)
    )


def independent(p: list[float]) -> dict[tuple[int, ...], float]:
    return {
        truth: float(np.prod([q if bit else 1 - q for bit, q in zip(truth, p, strict=True)]))
        for truth in product((0, 1), repeat=len(p))
    }


@settings(max_examples=30)
@given(p=st.lists(unit, min_size=1, max_size=5), beta=st.sampled_from([0.5, 1.0, 2.0, 1.7]))
def test_the_best_set_by_brute_force(p: list[float], beta: float) -> None:
    best, _ = by_force(independent(p), len(p), beta)
    found = expected_f(p, beta)
    assert found.max() == pytest.approx(best, abs=1e-9)
    chosen = tuple(ExpectedF(beta).decide(p).tolist())
    value = sum(q * f_beta(truth, chosen, beta) for truth, q in independent(p).items())
    assert value == pytest.approx(best, abs=1e-9)


@settings(max_examples=30)
@given(p=st.lists(unit, min_size=1, max_size=5))
def test_every_number_of_flags_by_brute_force(p: list[float]) -> None:
    order = np.argsort([-value for value in p], kind="stable")
    for k, value in enumerate(expected_f(p)):
        chosen = np.zeros(len(p), dtype=int)
        chosen[order[:k]] = 1
        force = sum(q * f_beta(truth, tuple(chosen), 1.0) for truth, q in independent(p).items())
        assert value == pytest.approx(force, abs=1e-9)


def test_stopping_early_loses_nothing() -> None:
    rng = np.random.default_rng(0)
    p = rng.beta(0.2, 4, 400)
    found = expected_f(p)
    assert len(found) < 401
    whole = distribution(np.sort(p)[::-1])
    falling, hits, full = np.sort(p)[::-1], np.zeros(401), []
    for k, one in enumerate(falling, start=1):
        rest = np.delete(falling, k - 1)
        hits[1:] += one * distribution(rest)
        full.append(2 * float(hits[1:] @ (1 / (k + np.arange(1, 401)))))
    assert np.allclose(found[1:], full[: len(found) - 1], atol=1e-11)
    assert max(full) <= found.max() + 1e-12
    assert whole.sum() == pytest.approx(1)


@pytest.mark.parametrize("likely", [0.0, 1e-9, 0.3, 0.5, 0.8, 1.0])
def test_taking_one_out_is_leaving_one_out(likely: float) -> None:
    rng = np.random.default_rng(1)
    p = np.append(rng.random(60), likely)
    assert np.allclose(without(distribution(p), likely)[:-1], distribution(p[:-1]), atol=1e-12)


def test_on_many_rows_it_is_near_the_threshold_at_half_the_reachable_f1() -> None:
    rng = np.random.default_rng(0)
    p = rng.beta(0.3, 6, 20_000)
    y = (rng.random(20_000) < p).astype(int)
    decided = ExpectedF().decide(p)
    cut = p[decided == 1].min()
    reached = expected_f(p).max()
    assert cut == pytest.approx(reached / 2, abs=0.005)
    assert f1(y, decided) == pytest.approx(best_threshold(y, p, "f1")[1], abs=0.01)


def test_edges_of_expected_f() -> None:
    assert ExpectedF().decide(np.empty(0)).tolist() == []
    assert ExpectedF().decide([0.0, 0.0]).tolist() == [0, 0]
    assert ExpectedF().decide([1.0, 1.0, 0.0]).tolist() == [1, 1, 0]
    with pytest.raises(UsageError, match="beta is 0"):
        ExpectedF(0)
    with pytest.raises(UsageError, match="calibrate scores first"):
        expected_f([2.0, 0.1])


@settings(max_examples=30)
@given(
    shares=st.lists(st.floats(0.01, 1), min_size=8, max_size=8),
    beta=st.sampled_from([0.5, 1.0, 2.0]),
)
def test_dependent_labels_by_brute_force(shares: list[float], beta: float) -> None:
    cells = list(product((0, 1), repeat=3))
    joint = dict(zip(cells, np.array(shares) / sum(shares), strict=True))
    best, _ = by_force(joint, 3, beta)
    chosen, value = general_f_maximizer(*label_size_table(cells, shares), beta)
    assert value == pytest.approx(best)
    assert sum(q * f_beta(t, tuple(chosen.tolist()), beta) for t, q in joint.items()) == pytest.approx(best)


def test_labels_that_exclude_each_other_need_the_joint_distribution() -> None:
    # exactly one of two labels applies: two coin flips in the margins, one certain hit in truth
    joint = label_size_table([[1, 0], [0, 1]])
    assert general_f_maximizer(*joint)[1] == pytest.approx(2 / 3)
    assert expected_f([0.5, 0.5]).max() < 2 / 3


def test_tables_that_do_not_fit_are_refused() -> None:
    with pytest.raises(DataError, match="total probability of 0.5"):
        general_f_maximizer([[0.5]], 0.0)
    with pytest.raises(DataError, match=r"shape \(1, 2\)"):
        general_f_maximizer([[0.5, 0.5]], 0.0)
    with pytest.raises(DataError, match="zeros and ones"):
        label_size_table([[0.5, 1]])
    with pytest.raises(UsageError, match="beta"):
        general_f_maximizer([[1.0]], 0.0, beta=0)
