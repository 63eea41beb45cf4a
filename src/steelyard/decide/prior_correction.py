"""Move probabilities from one class prior to another."""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import DataError, Floats, Prior, UsageError
from steelyard.decide.rows import class_scores

__all__ = ["PriorCorrection"]


class PriorCorrection:
    r"""Probabilities a model would give had it been trained at another class prior.

    When to use it: to undo what resampling or weighting did to a model's prior (before any calibration, on the
    raw probabilities), or to move a finished model to another prevalence. The ranking of rows of a binary
    problem does not change.

    :math:`p'_k = p_k\,(\pi'_k / \pi_k) \,/\, \sum_j p_j\,(\pi'_j / \pi_j)`, exact when only the class shares differ.

    Args:
        trained: the prior the probabilities stand at (K,), a `Prior` or positive numbers; need not sum to one.
        target: the prior they should stand at (K,); zeros remove a class.

    Raises:
        UsageError: priors of different length, or numbers that are no prior.
        DataError: probabilities of another number of classes.

    >>> PriorCorrection([0.5, 0.5], [0.9, 0.1])([0.5]).tolist()
    [0.1]

    Source: Saerens, Latinne, Decaestecker (2002), Adjusting the Outputs of a Classifier to New a Priori
    Probabilities.
    """

    def __init__(self, trained: Prior | ArrayLike, target: Prior | ArrayLike) -> None:
        self.trained, self.target = shares(trained, "trained prior"), shares(target, "target prior")
        if self.trained.shape != self.target.shape:
            raise UsageError(
                f"the trained prior has {len(self.trained)} classes and the target {len(self.target)}; they must agree"
            )
        if (self.trained <= 0).any():
            raise UsageError(
                f"the trained prior is {self.trained.tolist()}, every class must have had some rows"
            )

    def fit(self, scores: ArrayLike, y: ArrayLike) -> Self:  # noqa: ARG002 - all adjustments can be fitted
        """Nothing is learned: both priors are given."""
        return self

    def __call__(self, scores: ArrayLike) -> Floats:
        """Correct probabilities (n, K), or (n,) of the positive class; the shape stays."""
        p = class_scores(scores)
        if p.shape[1] != len(self.trained):
            raise DataError(
                f"probabilities of {p.shape[1]} classes came, the priors have {len(self.trained)}; they must agree"
            )
        moved = p * (self.target / self.trained)
        total = moved.sum(axis=1, keepdims=True)
        # a row that was certain of a class the target excludes knows nothing else
        moved = np.divide(moved, total, out=np.tile(self.target, (len(p), 1)), where=total > 0)
        return np.asarray(moved if np.ndim(scores) == 2 else moved[:, 1])


def shares(prior: Prior | ArrayLike, what: str) -> Floats:
    """A prior as shares (K,) that sum to one."""
    values = prior.p if isinstance(prior, Prior) else np.asarray(prior, dtype=np.float64)
    if (
        values.ndim != 1
        or len(values) < 2
        or not np.isfinite(values).all()
        or (values < 0).any()
        or not values.any()
    ):
        raise UsageError(
            f"the {what} is {np.asarray(prior).tolist()}, expected one share of at least 0 a class"
        )
    return np.asarray(values / values.sum())


CARD = {
    "lever": "decide",
    "name": "PriorCorrection",
    "title": "Prior correction of probabilities",
    "seeds": ["012", "028", "054"],
    "needs": ["probabilities"],
    "example": {"trained": [0.5, 0.5], "target": [0.9, 0.1]},
    "since": "0.1",
    "status": "claimed",
    "source": "Saerens, Latinne, Decaestecker (2002), Neural Computation 14(1)",
    "facts": {},
}
