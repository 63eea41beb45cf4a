"""Costs of confusing classes, as cost-sensitive boosting takes them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import Floats, UsageError

__all__ = ["class_betas", "class_costs"]


def class_costs(counts: ArrayLike, cost: str | ArrayLike = "inverse") -> Floats:
    r"""Costs C[predicted, true] from class counts, or a given matrix, checked.

    "uniform" is 1 everywhere; "inverse" is :math:`n_p / n_t` (1 on the diagonal): taking a rare class for a
    frequent one is dear; "log1p-inverse" is :math:`\ln(1 + n_p / n_t)`.

    Args:
        counts: rows of each class (K,).
        cost: a name, or a matrix (K, K) with rows = predicted and columns = true.

    Raises:
        UsageError: an unknown name, a wrong shape, or costs that are not above 0.

    >>> class_costs([900, 100]).round(3).tolist()
    [[1.0, 9.0], [0.111, 1.0]]
    """
    n = np.asarray(counts, dtype=float)
    if isinstance(cost, str):
        inverse = n[:, None] / n[None, :]
        named = {"uniform": np.ones_like(inverse), "inverse": inverse, "log1p-inverse": np.log1p(inverse)}
        return _named("cost", cost, named)
    return _given("cost", cost, (len(n), len(n)))


def class_betas(counts: ArrayLike, beta: str | ArrayLike = "inverse") -> Floats:
    r"""Importance of each class (K,): 1, :math:`n_{\max} / n_c`, :math:`\ln(1 + n_{\max} / n_c)`, or given.

    Raises:
        UsageError: an unknown name, a wrong shape, or values that are not above 0.

    >>> class_betas([900, 100]).tolist()
    [1.0, 9.0]
    """
    n = np.asarray(counts, dtype=float)
    if isinstance(beta, str):
        inverse = n.max() / n
        named = {"uniform": np.ones_like(n), "inverse": inverse, "log1p-inverse": np.log1p(inverse)}
        return _named("beta", beta, named)
    return _given("beta", beta, (len(n),))


def _named(option: str, name: str, known: dict[str, Floats]) -> Floats:
    if name not in known:
        raise UsageError(f"{option}={name!r} came, expected one of {', '.join(known)}; or pass numbers")
    return known[name]


def _given(option: str, values: ArrayLike, shape: tuple[int, ...]) -> Floats:
    numbers = np.asarray(values, dtype=float)
    if numbers.shape != shape or not np.isfinite(numbers).all() or (numbers <= 0).any():
        raise UsageError(
            f"{option} has shape {numbers.shape} or holds values that are not above 0; "
            f"pass positive numbers of shape {shape}, in the order of the sorted labels"
        )
    return numbers
