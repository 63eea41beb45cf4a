"""The protocol of metrics."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from steelyard.checks.failure import demand, demand_equal, demand_error, quietly, untouched
from steelyard.checks.rows import probabilities, rare_rows, weights
from steelyard.core import SteelyardError

__all__ = ["check_metric"]

CLOSE = 1e-9


def check_metric(
    metric: Callable[..., float],
    *,
    takes: str,
    direction: str,
    range: Sequence[float | None],  # noqa: A002 - the fact's name
    binary_only: bool,
    prior_sensitive: bool = True,
    from_counts: Callable[..., Any] | None = None,
    options: Mapping[str, Any] | None = None,
) -> None:
    """Check that `metric(y, values, *, sample_weight=None)` behaves as a metric must.

    When to use it: in the tests of a metric of your own, with the facts of its card as arguments.

    It demands: a finite float within `range`, no warnings, inputs left alone, no dependence on the order of
    rows, weights that act like repeated rows, perfect values at least as good as others, the same from (n,) and
    (n, 2), ranking metrics that see only the order, three classes or a polite refusal, agreement with
    `from_counts`, and no change when prevalence alone changes unless `prior_sensitive`.

    Args:
        metric: the function.
        takes: "decisions", "scores" or "probabilities".
        direction: "max" or "min".
        range: lowest and highest value, None where open.
        binary_only: whether three classes are refused with NotForMe.
        prior_sensitive: whether prevalence moves it.
        from_counts: `from_counts(tp, fp, fn, tn)`, vectorised, for metrics of confusion counts.
        options: further keyword arguments of the metric.

    Raises:
        NotConforming: what was seen and what was expected.

    >>> from steelyard.metrics import recall
    >>> check_metric(recall, takes="decisions", direction="max", range=[0, 1], binary_only=False)
    """
    n_classes = (2,) if binary_only else (2, 3)

    def call(y: Any, values: Any, **more: Any) -> float:
        return metric(y, values, **(options or {}), **more)

    for k in n_classes:
        y, values, perfect = _case(takes, k)
        _check_value(call, y, values, range)
        _check_rows(call, y, values)
        good, ordinary = call(y, perfect), call(y, values)
        worse = good < ordinary - CLOSE if direction == "max" else good > ordinary + CLOSE
        demand(not worse, f"perfect {takes} give {good}, others {ordinary}, but direction is {direction!r}")
    if takes == "scores":
        _check_order_only(call)
    _check_shapes(call, takes, binary_only=binary_only)
    if not prior_sensitive:
        _check_prevalence(call, takes)
    if from_counts is not None:
        _check_counts(call, from_counts)


def _case(takes: str, n_classes: int) -> tuple[Any, Any, Any]:
    _, y = rare_rows(n_classes=n_classes)
    p = probabilities(y, n_classes=n_classes)
    if takes == "decisions":
        return y, p.argmax(axis=1), y.copy()
    perfect = np.eye(n_classes)[y]
    return (y, p[:, 1], perfect[:, 1]) if n_classes == 2 else (y, p, perfect)


def _check_value(call: Any, y: Any, values: Any, bounds: Sequence[float | None]) -> None:
    with quietly("the metric"), untouched(y, values, what="the metric"):
        value = call(y, values)
    demand(type(value) is float, f"the metric returned a {type(value).__name__}; return a Python float")
    demand(np.isfinite(value), f"the metric is {value} on ordinary rows; it must be finite")
    low, high = bounds
    inside = (low is None or value >= low) and (high is None or value <= high)
    demand(inside, f"the metric is {value}, outside the stated range {list(bounds)}")
    demand_equal(call(y.tolist(), values.tolist()), value, "lists give another value than arrays")
    short = values[:-1]
    demand_error(lambda: call(y, short), SteelyardError, "values one row short must raise a DataError")


def _check_rows(call: Any, y: Any, values: Any) -> None:
    value = call(y, values)
    order = np.random.default_rng(3).permutation(len(y))
    demand_equal(
        call(y[order], values[order]), value, "the order of rows changes the metric", tolerance=CLOSE
    )
    ones = np.ones(len(y))
    demand_equal(call(y, values, sample_weight=ones), value, "weights of one change it", tolerance=CLOSE)
    w = weights(len(y))
    repeated = np.repeat(np.arange(len(y)), w)
    demand_equal(
        call(y, values, sample_weight=w.astype(float)),
        call(y[repeated], values[repeated]),
        "whole-number weights must act like repeated rows (weight 0 like absence)",
        tolerance=CLOSE,
    )


def _check_order_only(call: Any) -> None:
    y, scores, _ = _case("scores", 2)
    demand_equal(
        call(y, scores**3),
        call(y, scores),
        "a metric of scores must see their order only, but cubes of them give another value",
        tolerance=CLOSE,
    )


def _check_shapes(call: Any, takes: str, *, binary_only: bool) -> None:
    if takes != "decisions":
        y, values, _ = _case(takes, 2)
        both = np.column_stack([1 - values, values])
        demand_equal(call(y, both), call(y, values), "(n, 2) and (n,) give different values", tolerance=CLOSE)
    if binary_only:
        y, values, _ = _case(takes, 3)
        demand_error(
            lambda: call(y, values), SteelyardError, "three classes must raise NotForMe (binary only)"
        )


def _check_prevalence(call: Any, takes: str) -> None:
    y, values, _ = _case(takes, 2)
    fewer_negatives = np.where(y == 0, 0.2, 1.0)
    demand_equal(
        call(y, values, sample_weight=fewer_negatives),
        call(y, values),
        "prevalence moves the metric although prior_sensitive is False",
        tolerance=CLOSE,
    )


def _check_counts(call: Any, from_counts: Callable[..., Any]) -> None:
    _, y = rare_rows()
    p = probabilities(y)[:, 1]
    cuts = np.array([[0.1, 0.2], [0.4, 0.7]])
    flagged = p >= cuts[..., None]
    tp, fp = (flagged & (y == 1)).sum(axis=-1), (flagged & (y == 0)).sum(axis=-1)
    counted = from_counts(tp, fp, (y == 1).sum() - tp, (y == 0).sum() - fp)
    direct = [[call(y, (p >= cut).astype(np.int64)) for cut in row] for row in cuts]
    demand_equal(counted, direct, "from_counts disagrees with the metric itself", tolerance=CLOSE)
