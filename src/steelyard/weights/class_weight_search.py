"""Search how much class weight, and say honestly what it brought."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import Floats, UsageError, derive, generator
from steelyard.metrics import Metric, named
from steelyard.weights._inverse_power import inverse_power
from steelyard.weights.weighted import Weighted
from steelyard.weights.wrapping import Ints, Wrapper, checked, folds, take_rows

__all__ = ["ClassWeightSearchCV"]


class ClassWeightSearchCV(Wrapper):
    r"""Class weights :math:`n_k^{-a}` with the power a chosen by cross-validation.

    When to use it: class weights are to be tried at all, and nobody knows how strong. Every power is judged by
    its ranking or by its probabilities with the weights' prior undone, never by decisions at a fixed threshold:
    weights and thresholds move the same boundary, and the threshold is the cheaper one.

    The least power within one standard error (of the paired differences over folds) of the best wins, so nothing
    is weighted without a reason. With `outer` folds the whole search is repeated inside each of them, and `gain_` says
    what it brought over no weights on rows the search had not seen.

    Args:
        estimator: the classifier; logistic regression if None. It must give probabilities.
        powers: what to try; 0 is no weights, 1 balanced. 0 is always among them.
        metric: name of a metric of scores or probabilities.
        cv: folds of the search, at least 2.
        outer: folds of the honest estimate, at least 2; None leaves it out and takes a sixth of the time.
        random_state: seed.

    Attributes:
        power_: the chosen power.
        scores_: for every power, in rising order, its score in every fold (powers, folds).
        gain_: mean gain over no weights in the outer folds, positive when better; NaN without `outer`.
        gain_se_: its standard error over the outer folds; folds share training rows, so it is a little too small.
        estimator_, how_, class_weight_, classes_, training_prior_: as in `Weighted`.

    Raises:
        UsageError: a metric of decisions, or powers that are negative.
        TooFewSamples: a class with fewer rows than two.

    >>> from sklearn.datasets import make_classification
    >>> X, y = make_classification(400, weights=[0.9], random_state=0)
    >>> model = ClassWeightSearchCV(powers=(0.5, 1), cv=3, outer=None, random_state=0).fit(X, y)
    >>> model.power_, model.scores_.shape
    (0.0, (3, 3))

    Source: Breiman, Friedman, Olshen, Stone (1984), Classification and Regression Trees (one standard error);
    Varma, Simon (2006), Bias in Error Estimation When Using Cross-Validation for Model Selection.
    """

    def __init__(
        self,
        estimator: Any = None,
        *,
        powers: Sequence[float] = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25),
        metric: str = "average_precision",
        cv: int = 5,
        outer: int | None = 5,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.powers = powers
        self.metric = metric
        self.cv = cv
        self.outer = outer
        self.random_state = random_state

    def fit(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Search on rows X, labels y (n,) and, if given, weights (n,); then fit on all of them."""
        metric = named(self.metric)
        if metric.takes == "decisions":
            raise UsageError(
                f"{metric.name} judges decisions, so weights and threshold would be confused; search by "
                "average_precision or log_loss and set the threshold afterwards"
            )
        X, labels, own = checked(X, y, sample_weight)
        codes = np.unique(labels, return_inverse=True)[1].astype(np.int64)
        seed = int(generator(self.random_state).integers(2**31))
        powers = sorted({0.0, *map(float, self.powers)})
        self.power_, self.scores_ = self._search(X, codes, own, powers, metric, derive(seed, "search"))
        self.gain_, self.gain_se_ = float("nan"), float("nan")
        if self.outer is not None:
            gains = self._outer_gains(X, codes, own, powers, metric, derive(seed, "outer"))
            self.gain_ = float(gains.mean())
            self.gain_se_ = float(gains.std(ddof=1) / np.sqrt(len(gains)))
        model = Weighted(
            self.estimator, inverse_power(self.power_), random_state=derive(seed, "final") % 2**31
        )
        model.fit(X, labels, own)
        for name in ("estimator_", "how_", "class_weight_", "classes_", "training_prior_"):
            setattr(self, name, getattr(model, name))
        return self

    def _search(
        self, X: Any, codes: Ints, own: Floats | None, powers: list[float], metric: Metric, seed: int
    ) -> tuple[float, Floats]:
        scores = np.array(
            [
                [
                    self._score(X, codes, own, power, metric, fold, seed)
                    for fold in folds(codes, self.cv, seed)
                ]
                for power in powers
            ]
        )
        mean = metric.sign * scores.mean(axis=1)
        best = int(mean.argmax())
        gaps = metric.sign * (scores[best] - scores)
        spread = gaps.std(axis=1, ddof=1) / np.sqrt(scores.shape[1])
        return powers[int(np.flatnonzero(gaps.mean(axis=1) <= spread)[0])], scores

    def _outer_gains(
        self, X: Any, codes: Ints, own: Floats | None, powers: list[float], metric: Metric, seed: int
    ) -> Floats:
        gains = []
        for fold in folds(codes, int(self.outer or 0), seed):
            inside = None if own is None else own[fold[0]]
            rows, inner = take_rows(X, fold[0]), derive(seed, "inside")
            power, _ = self._search(rows, codes[fold[0]], inside, powers, metric, inner)
            with_it, without = (self._score(X, codes, own, a, metric, fold, seed) for a in (power, 0.0))
            gains.append(metric.sign * (with_it - without))
        return np.array(gains)

    def _score(
        self,
        X: Any,
        codes: Ints,
        own: Floats | None,
        power: float,
        metric: Metric,
        fold: tuple[Ints, Ints],
        seed: int,
    ) -> float:
        """Fit on one part, undo the weights, judge on the other."""
        train, test = fold
        model = Weighted(self.estimator, inverse_power(power), random_state=seed % 2**31)
        model.fit(take_rows(X, train), codes[train], None if own is None else own[train])
        p = model.predict_proba(take_rows(X, test)) / model.class_weight_
        p = p / p.sum(axis=1, keepdims=True)
        return float(metric(codes[test], p, p.argmax(axis=1), None if own is None else own[test]))


CARD = {
    "lever": "weights",
    "name": "ClassWeightSearchCV",
    "title": "Class weight search on a logarithmic grid, with nested cross-validation",
    "seeds": ["001", "012", "039"],
    "needs": [],
    "example": {"powers": [0, 0.5, 1], "cv": 2, "outer": None},
    "since": "0.1",
    "status": "claimed",
    "source": "Breiman, Friedman, Olshen, Stone (1984), Classification and Regression Trees",
    "facts": {},
}
