"""Meta-sampling: which hardness the next member is to see is found out by trying."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from steelyard.core import Floats, UsageError, derive
from steelyard.ensemble.rounds import HardnessRounds, Pick
from steelyard.ensemble.rows import ClassRows, Ints, Rows, draw
from steelyard.ensemble.schedules import BalancingSchedule, Target

__all__ = ["MetaSampledEnsembleClassifier"]


class MetaSampledEnsembleClassifier(HardnessRounds):
    r"""An under-sampling ensemble that tries, round by round, which hardness of majority rows helps.

    When to use it: as the self-paced ensemble, where its schedule from easy to hard does not fit the data and there
    are rare rows to spare for judging; every round trains as many candidates as there are `centres`.

    A stratified share of every class is held out. In each round a candidate is trained for every centre
    :math:`\mu`: a row of a larger class of hardness h is drawn with a probability proportional to
    :math:`\exp(-(h - \mu)^2 / 2\sigma^2)`. The candidate stays that gives the ensemble the least class-balanced log
    loss on the held-out rows. MESA learns this choice by reinforcement on the same Gaussian family; trying a few
    centres needs no second learner and can be read in `log_`.

    Args:
        estimator: the member; a binned tree if None. It needs `predict_proba`.
        n_estimators: number of members T.
        centres: hardness values to try, from 0 (easy) to 1 (hard).
        width: the Gaussian's :math:`\sigma`.
        holdout: share of every class's rows to judge by; classes too small for it give none.
        target: rows of every class: a number, or one a label; the smallest class's if None.
        balancing_schedule: "uniform", "progressive" or a function of (origin, target, round, rounds).
        warm_start: whether `fit` keeps the members there are and adds those that `n_estimators` lacks.
        n_jobs: threads for prediction; the answer does not depend on it.
        random_state: seed.

    Attributes:
        estimators_: the members, trained on class positions.
        classes_: labels (K,).
        training_prior_: class probabilities the members were trained on (K,).
        log_: for every member, rows and weight of each class and, from the second on, the centre chosen.
        n_features_in_: columns seen in `fit`.

    Raises:
        UsageError: an option out of range.
        TooFewSamples: only one class.

    >>> from sklearn.datasets import make_classification
    >>> X, y = make_classification(500, weights=[0.9], random_state=0)
    >>> model = MetaSampledEnsembleClassifier(n_estimators=3, centres=(0.0, 0.5), random_state=0).fit(X, y)
    >>> {entry["centre"] for entry in model.log_[1:]} <= {0.0, 0.5}
    True

    Source: Liu et al. (2020), MESA: Boost Ensemble Imbalanced Learning with MEta-SAmpler.
    """

    hardness = "absolute"

    def __init__(
        self,
        *,
        estimator: Any = None,
        n_estimators: int = 20,
        centres: Sequence[float] = (0.0, 0.25, 0.5, 0.75, 1.0),
        width: float = 0.2,
        holdout: float = 0.2,
        target: Target = None,
        balancing_schedule: str | BalancingSchedule = "uniform",
        warm_start: bool = False,
        n_jobs: int | None = None,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.n_estimators = n_estimators
        self.centres = centres
        self.width = width
        self.holdout = holdout
        self.target = target
        self.balancing_schedule = balancing_schedule
        self.warm_start = warm_start
        self.n_jobs = n_jobs
        self.random_state = random_state

    def _rows(self, X: Any, y: Any, sample_weight: Any) -> Rows:
        """The rows to draw from; the others are in the table, but in no class."""
        if not 0 < self.holdout < 1 or not self.width > 0 or not len(self.centres):
            raise UsageError(
                f"holdout={self.holdout!r}, width={self.width!r}, centres={self.centres!r} came; expected a share "
                "between 0 and 1, a number above 0 and at least one centre"
            )
        rows = super()._rows(X, y, sample_weight)
        rng = np.random.default_rng(derive(self._seed(), "holdout"))
        classes = []
        for group in rows.classes:
            order = rng.permutation(len(group.rows))
            kept = np.sort(order[int(self.holdout * len(order)) :])
            classes.append(ClassRows(group.code, group.rows[kept], group.mass[kept]))
        smallest = min(classes, key=lambda group: group.total)
        return replace(rows, classes=tuple(classes), unit=smallest.total / len(smallest.rows))

    def _picker(self, rows: Rows, target: Floats) -> Pick:  # noqa: ARG002 - the shell's hook
        return _Gaussian(float(self.centres[0]), self.width)

    def _grown(
        self, rows: Rows, wanted: Floats, pick: Pick, true: Floats, i: int, seed: int
    ) -> tuple[Any, dict[str, Any]]:
        if i == 0:
            return super()._grown(rows, wanted, pick, true, i, seed)
        held = np.ones(len(rows.y), dtype=bool)
        held[np.concatenate([group.rows for group in rows.classes])] = False
        best: tuple[float, Any, dict[str, Any]] | None = None
        for centre in self.centres:
            candidate, entry = super()._grown(rows, wanted, _Gaussian(centre, self.width), true, i, seed)
            mean = (true + self._true_class(candidate, rows)) / (i + 1)
            loss = balanced_log_loss(mean[held], rows.y[held])
            if best is None or loss < best[0]:
                best = (loss, candidate, {**entry, "centre": float(centre), "held_out_loss": loss})
        assert best is not None  # noqa: S101 - there is at least one centre; narrows the type
        return best[1], best[2]


class _Gaussian:
    """Rows of a class by how near their hardness is to a centre."""

    def __init__(self, centre: float, width: float) -> None:
        self.centre, self.width = centre, width

    def __call__(self, group: ClassRows, hard: Floats, n: int, _i: int, rng: np.random.Generator) -> Ints:
        near = np.exp(-((hard - self.centre) ** 2) / (2 * self.width**2))
        return draw(group.mass * np.maximum(near, 1e-12), n, rng, even=False)


def balanced_log_loss(true: Floats, y: Ints) -> float:
    """Minus the mean over classes of the mean logarithm of the true class's probability; 0 without rows."""
    logs = -np.log(np.clip(true, 1e-3, 1.0))
    return float(np.mean([logs[y == k].mean() for k in np.unique(y)])) if len(y) else 0.0


CARD = {
    "lever": "ensemble",
    "name": "MetaSampledEnsembleClassifier",
    "title": "Meta-sampled ensemble (hardness found by trying)",
    "seeds": ["006", "021"],
    "needs": ["predict_proba"],
    "example": {"n_estimators": 5},
    "since": "0.1",
    "status": "experimental",
    "source": "Liu et al. (2020), MESA: Boost Ensemble Imbalanced Learning with MEta-SAmpler",
    "facts": {
        "arm": {
            "kind": "ensemble",
            "rank": 8,
            "label": "meta-sampled ensemble",
            "wraps": False,
            "encoding": "tree",
            "default": False,
        }
    },
}
