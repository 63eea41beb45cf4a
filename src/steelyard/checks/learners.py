"""The protocol of learners: factories of classifiers for encoded rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import sparse

from steelyard.checks.adjustments import demand_probabilities
from steelyard.checks.failure import demand, demand_equal, quietly, untouched
from steelyard.checks.rows import rare_rows

__all__ = ["check_learner"]

LARGEST_SEED = 2**32 - 1


def check_learner(learner: Callable[..., Any], *, encoding: str = "tree", takes_sparse: bool = False) -> None:
    """Check that `learner(seed=, n_jobs=, n_rows=)` makes classifiers a race can use.

    When to use it: in the tests of a learner of your own.

    It demands, without warnings: an unfitted classifier that scikit-learn can clone; `fit(X, y,
    sample_weight=None)` and `predict_proba` on read-only float32 rows of two and three classes, with missing
    values when the encoding is "tree", as CSR when `takes_sparse`; weights that have an effect and, all equal,
    none; rows of the rare class ranked higher; the same probabilities from the same seed to the last digit,
    whatever `n_jobs`; any 32-bit seed and any number of rows.

    Raises:
        NotConforming: what was seen and what was expected.

    >>> from steelyard.tasks.tabular.learners import logistic
    >>> check_learner(logistic, encoding="linear", takes_sparse=True)
    """
    from threadpoolctl import threadpool_limits

    # on a busy machine OpenMP threads that wait for each other take minutes over these tiny tables
    with threadpool_limits(limits=1, user_api="openmp"):
        _check(learner, encoding, takes_sparse=takes_sparse)


def _check(learner: Callable[..., Any], encoding: str, *, takes_sparse: bool) -> None:
    from sklearn.base import clone

    for n_rows in (None, 10, 1_000_000):
        demand(
            hasattr(clone(learner(seed=LARGEST_SEED, n_jobs=1, n_rows=n_rows)), "predict_proba"),
            f"n_rows={n_rows} gives a classifier without predict_proba",
        )
    for n_classes in (2, 3):
        X, y = _rows(encoding, n_classes)
        with quietly("the learner"), untouched(X, y, what="the learner"):
            model = learner(seed=LARGEST_SEED, n_rows=len(X)).fit(X, y)
            p = model.predict_proba(X)
        demand_probabilities(p, (len(X), n_classes), "predict_proba", learned=True)
        demand_equal(model.classes_, np.arange(n_classes), "classes_ are not the positions it was given")
        gap = p[y == 1, 1].mean() - p[y != 1, 1].mean()
        demand(gap > 0.05, f"rows of class 1 get no higher probability of it than others ({gap:+.3f})")
    _check_seed(learner, encoding)
    _check_weights(learner, encoding)
    if takes_sparse:
        X, y = _rows("linear", 2)
        with quietly("the learner on sparse rows"):
            model = learner(seed=0, n_rows=len(X)).fit(sparse.csr_matrix(X), y)
            model.predict_proba(sparse.csr_matrix(X))


def _rows(encoding: str, n_classes: int) -> tuple[Any, Any]:
    X, y = rare_rows(n_classes=n_classes)
    if encoding == "tree":
        X[::7, 3] = np.nan
    X.flags.writeable = False
    return X, y


def _check_seed(learner: Callable[..., Any], encoding: str) -> None:
    X, y = _rows(encoding, 2)
    p = [learner(seed=3, n_jobs=n_jobs, n_rows=len(X)).fit(X, y).predict_proba(X) for n_jobs in (1, 1, 2)]
    demand_equal(p[1], p[0], "the same seed gives other probabilities")
    demand_equal(p[2], p[0], "n_jobs=2 gives other probabilities than one thread")


def _check_weights(learner: Callable[..., Any], encoding: str) -> None:
    X, y = _rows(encoding, 2)

    def mean(weight: Any) -> float:
        with quietly("the learner with weights"):
            model = learner(seed=3, n_rows=len(X)).fit(X, y, sample_weight=weight)
        return float(model.predict_proba(X)[:, 1].mean())

    plain, ones = mean(None), mean(np.ones(len(y)))
    demand_equal(ones, plain, "weights of one change the mean probability", tolerance=1e-3)
    heavy = mean(np.where(y == 1, 9.0, 1.0))
    demand(heavy > plain + 0.005, f"ninefold weights move the mean probability only {heavy - plain:+.3f}")
