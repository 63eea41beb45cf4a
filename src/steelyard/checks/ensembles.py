"""The protocol of ensembles: classifiers that know the prior their members saw."""

from __future__ import annotations

from typing import Any

import numpy as np

from steelyard.checks.adjustments import demand_probabilities
from steelyard.checks.failure import demand, demand_equal, quietly, untouched
from steelyard.checks.rows import rare_rows
from steelyard.core import NotForMe

__all__ = ["check_ensemble"]


def check_ensemble(ensemble: Any) -> None:
    """Check that a classifier made for imbalance keeps what a race relies on.

    When to use it: beside scikit-learn's `check_estimator`, which says whether it is a good classifier at all.

    It demands: `fit(X, y)` and `predict_proba` on two classes (and three, unless it raises
    NotForMe), text labels included; `training_prior_` (K,) positive and summing to one; positives ranked above
    chance; the same answer from the same seed, whatever `n_jobs`; parameters left as they were; inputs left
    alone, read-only float32 accepted, and no warnings.

    Raises:
        NotConforming: what was seen and what was expected.

    >>> from steelyard.ensemble import FoldAveragingClassifier
    >>> check_ensemble(FoldAveragingClassifier(n_folds=2))
    """
    from sklearn.base import clone

    seeded = clone(ensemble)
    if "random_state" in seeded.get_params():
        seeded.set_params(random_state=0)
    p = _check_fit(clone(seeded), n_classes=2)
    demand_equal(_check_fit(clone(seeded), n_classes=2), p, "the same seed gives other probabilities")
    if "n_jobs" in seeded.get_params():
        jobs = clone(seeded).set_params(n_jobs=2)
        demand_equal(_check_fit(jobs, n_classes=2), p, "n_jobs=2 gives other probabilities than one thread")
    _check_labels(clone(seeded), p)
    try:
        _check_fit(clone(seeded), n_classes=3)
    except NotForMe as reason:
        demand(str(reason), "three classes are refused without a reason")


def _check_fit(ensemble: Any, *, n_classes: int) -> Any:
    X, y = rare_rows(n_classes=n_classes)
    X.flags.writeable = False
    params = {name: repr(value) for name, value in ensemble.get_params().items()}
    with quietly("the ensemble"), untouched(X, y, what="the ensemble"):
        fitted = ensemble.fit(X, y)
        p = ensemble.predict_proba(X)
    demand(fitted is ensemble, "fit returned something else; return self")
    after = {name: repr(value) for name, value in ensemble.get_params().items()}
    demand(params == after, "fit changed its parameters; keep what is learned in attributes ending in _")
    demand_equal(ensemble.classes_, np.arange(n_classes), "classes_ are not the sorted labels")
    demand_probabilities(p, (len(X), n_classes), "predict_proba", learned=True)
    prior = np.asarray(getattr(ensemble, "training_prior_", []), dtype=float)
    good = prior.shape == (n_classes,) and (prior > 0).all() and abs(prior.sum() - 1) < 1e-9
    demand(good, f"training_prior_ is {prior.tolist()}; expected {n_classes} positive shares that sum to one")
    for k in range(1, n_classes):
        gap = p[y == k, k].mean() - p[y != k, k].mean()
        demand(gap > 0, f"rows of class {k} get no higher probability of it than others ({gap:+.3f})")
    return p


def _check_labels(ensemble: Any, p: Any) -> None:
    X, y = rare_rows()
    names = np.array(["no", "yes"])[y]
    ensemble.fit(X, names)
    demand(list(ensemble.classes_) == ["no", "yes"], f"text labels became {list(ensemble.classes_)}")
    demand_equal(ensemble.predict_proba(X), p, "text labels give other probabilities than positions")
    demand(np.isin(ensemble.predict(X), ["no", "yes"]).all(), "predict gave labels it never saw")
