"""Logistic regression."""

from __future__ import annotations

from typing import Any

from sklearn.linear_model import LogisticRegression

__all__ = ["logistic"]


def logistic(*, seed: int, n_jobs: int = 1, n_rows: int | None = None) -> Any:  # noqa: ARG001 - a factory's contract
    r"""Logistic regression with a firm ridge penalty.

    When to use it: as the first learner on any table; it is fast, calibrated when untouched, and hard to beat
    when positives are few. Minimises :math:`C \sum_i w_i \log(1 + e^{-y_i f(x_i)}) + \lVert\beta\rVert^2 / 2`
    with C = 0.1 on features of unit scale (with K classes, the multinomial loss).

    Args:
        seed: unused, the solution is unique.
        n_jobs: unused.
        n_rows: unused.

    Returns:
        An unfitted scikit-learn classifier for "linear" rows, dense or sparse.

    >>> logistic(seed=0).fit([[-1.0], [2.0]] * 20, [0, 1] * 20).predict([[3.0]]).tolist()
    [1]

    Source: Cox (1958), The regression analysis of binary sequences.
    """
    return LogisticRegression(C=0.1, max_iter=1000)


CARD = {
    "lever": "learner",
    "name": "logistic",
    "title": "logistic regression with a ridge penalty",
    "seeds": ["001", "012"],
    "needs": [],
    "example": {"seed": 0},
    "since": "0.1",
    "status": "claimed",
    "source": "Cox (1958), The regression analysis of binary sequences",
    "facts": {
        "label": "logistic regression",
        "encoding": "linear",
        "rank": 4,
        "default": True,
        "sparse": True,
        "trusted": [],
    },
}
