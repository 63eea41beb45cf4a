"""Under-sampling by hardness: as much from easy rows as from hard ones, or as many."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from steelyard.core import Floats, UsageError
from steelyard.resample.base import positive_integer
from steelyard.resample.judged import JudgedUnderSampler
from steelyard.resample.plan import Ints, Plan
from steelyard.resample.strategy import Strategy
from steelyard.samplers import hardness, hardness_bins, self_paced_quotas

__all__ = ["SelfPacedUnderSampler"]


class SelfPacedUnderSampler(JudgedUnderSampler):
    r"""Keep rows of the large classes from all degrees of hardness instead of at random.

    When to use it: instead of random under-sampling, when most rows of a large class are easy and say little. It is
    one round of a self-paced ensemble; to steer rounds yourself pass the models so far as
    `FrozenEstimator(model)`, which is asked and not fitted.

    The hardness :math:`h` of every row (see `hardness`), by classifiers that did not see it, is cut into `k_bins`
    bins of equal width. Bin :math:`l` with mean hardness :math:`h_l` gives a share proportional to
    :math:`1 / (h_l + \alpha)`: alpha 0 takes the same sum of hardness from every bin, infinity the same number of
    rows. A bin too small for its share leaves the rest to the others. Classes are cut one by one.

    Args:
        estimator: an unfitted classifier with `predict_proba`, or a `FrozenEstimator`; None is a random forest of
            100 trees.
        sampling_strategy: see `sampling_targets`.
        random_state: seed of the draws, the folds and the classifier.
        k_bins: number of bins.
        hardness: "absolute", "squared" or "cross_entropy".
        alpha: the self-paced factor, from 0 up.
        cv: number of folds; fewer where a class has fewer rows.
        n_jobs: processes of the forest and of the cross-validation.

    Raises:
        UsageError: an option out of range, or an estimator without `predict_proba`.

    >>> from sklearn.linear_model import LogisticRegression
    >>> X = np.arange(40.0)[:, None]
    >>> sampler = SelfPacedUnderSampler(LogisticRegression(), random_state=0, alpha=np.inf, k_bins=2)
    >>> sampler.fit_resample(X, [0] * 34 + [1] * 6)[0].shape
    (12, 1)

    Source: Liu et al. (2020), Self-paced Ensemble for Highly Imbalanced Massive Data Classification.
    """

    def __init__(
        self,
        estimator: Any = None,
        *,
        sampling_strategy: Strategy = "auto",
        random_state: Any = None,
        k_bins: int = 5,
        hardness: str = "absolute",
        alpha: float = 0.0,
        cv: int = 5,
        n_jobs: int | None = None,
    ) -> None:
        self.estimator = estimator
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.k_bins = k_bins
        self.hardness = hardness
        self.alpha = alpha
        self.cv = cv
        self.n_jobs = n_jobs

    def _check_options(self) -> None:
        super()._check_options()
        positive_integer(self.k_bins, "k_bins")
        positive_integer(self.cv, "cv", at_least=2)
        hardness([0], [1.0], self.hardness)
        if not self.alpha >= 0:
            raise UsageError(f"alpha={self.alpha!r} was given, expected a number from 0 up")

    def _plan(self, X: Any, y: Ints) -> Plan:
        random_state = check_random_state(self.random_state)
        self.estimator_ = self._classifier(X, random_state)
        self.hardness_: Floats = hardness(y, self._held_out(X, y, random_state), self.hardness)
        kept = []
        for code in np.unique(y):
            rows = np.flatnonzero(y == code)
            if code in self._wanted:
                rows = rows[np.sort(self._drawn(self.hardness_[rows], self._wanted[code], random_state))]
            kept.append(rows)
        return Plan.keeping(len(y), np.concatenate(kept))

    def _drawn(self, hard: Floats, wanted: int, random_state: np.random.RandomState) -> Ints:
        order = random_state.permutation(len(hard))
        bins = hardness_bins(hard, self.k_bins)
        if bins is None:
            return np.asarray(order[:wanted])
        size = np.bincount(bins, minlength=self.k_bins)
        mean = np.bincount(bins, weights=hard, minlength=self.k_bins) / np.maximum(size, 1)
        quotas = self_paced_quotas(size, mean, wanted, self.alpha, capacity=size)
        return np.concatenate([order[bins[order] == number][:quota] for number, quota in enumerate(quotas)])


CARD = {
    "lever": "resample",
    "name": "SelfPacedUnderSampler",
    "title": "under-sampling by hardness, self-paced",
    "seeds": ["006", "021"],
    "needs": [],
    "example": {"random_state": 0},
    "since": "0.1",
    "status": "claimed",
    "source": "Liu et al. (2020), Self-paced Ensemble for Highly Imbalanced Massive Data Classification",
    "facts": {
        "kind": "under",
        "arm": {
            "kind": "resampler",
            "rank": 4,
            "label": "self-paced under-sampling",
            "encoding": "linear",
            "default": False,
        },
    },
}
