"""The shell of every boosting ensemble: SAMME with hooks for the start, the draw and the update."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import softmax
from sklearn.tree import BaseDecisionTree, DecisionTreeClassifier
from sklearn.utils.validation import check_is_fitted, has_fit_parameter

from steelyard.core import Floats, UsageError, derive
from steelyard.ensemble.committee import Committee, fit_member, seeded, whole
from steelyard.ensemble.rows import Ints, Rows

__all__: list[str] = []

Draw: TypeAlias = Callable[[Floats, np.random.Generator, int], tuple[Any, Ints, Floats]]
"""(weights of all rows, generator, round) -> rows, labels and weights the member is trained on."""


class Boosting(Committee):
    r"""Discrete multi-class AdaBoost (SAMME); subclasses change what a round does.

    Round :math:`i` trains a member, takes its weighted error :math:`e` on all rows and its vote
    :math:`\alpha = \eta (\ln \frac{1 - e}{e} + \ln(K - 1))`, and multiplies the weights of wrong rows by
    :math:`e^\alpha`. It stops early at :math:`e = 0` (that member gets a vote of one). A member with
    :math:`e \ge 1 - 1/K` is dropped; where members see draws, weights then start afresh for the next draw
    (Bauer & Kohavi 1999), else the rounds end. If no member is better than chance, the first votes alone.
    """

    _redraws = False

    learning_rate: float
    estimator_weights_: Floats
    estimator_errors_: Floats

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Fit on rows X (n, d), labels y (n,) and, if given, weights (n,)."""
        n_members = whole("n_estimators", self.n_estimators)
        if not self.learning_rate > 0:
            raise UsageError(f"learning_rate={self.learning_rate!r} came, expected a number above 0")
        rows = self._table(X, y, sample_weight)
        draw, seed = self._drawer(rows), self._seed()
        start = self._start(rows) / self._start(rows).sum()
        weight, spare = start, None
        self.estimators_, self.log_ = [], []
        for i in range(n_members):
            # the floor keeps a row from vanishing for good
            weight = np.maximum(weight, np.finfo(float).eps)
            Xi, yi, wi = draw(weight, np.random.default_rng(derive(seed, "draw", i)), i)
            # a power of two changes no comparison, and learners with absolute limits on weights still split
            wi = wi * 2.0 ** np.ceil(np.log2(len(wi) / wi.sum()))
            member = fit_member(seeded(self._member(), seed, "member", i), Xi, yi, wi)
            predicted = member_decisions(member, rows.X)
            error = float(np.average(predicted != rows.y, weights=weight))
            vote = self._vote(error)
            if vote is None:
                spare = spare or (member, error, yi, wi)
                if not self._redraws:
                    break
                weight = start
                continue
            self._join(member, error, vote, yi, wi)
            if error <= 0 or i + 1 == n_members:
                break
            weight = _grown(weight, self._growth(rows, vote, predicted))
        if spare and not self.estimators_:
            member, error, yi, wi = spare
            self._join(member, error, 1.0, yi, wi)
        self.estimator_weights_ = np.array([entry["vote"] for entry in self.log_])
        self.estimator_errors_ = np.array([entry["error"] for entry in self.log_])
        self._conclude()
        return self

    def predict_proba(self, X: ArrayLike) -> Floats:
        """Softmax of the weighted votes over K − 1, as scikit-learn's AdaBoost has it (n, K)."""
        check_is_fitted(self)
        *_, last = self.staged_predict_proba(X)
        return last

    def staged_predict_proba(self, X: ArrayLike) -> Iterator[Floats]:
        """The probabilities (n, K) after one member, after two, and so on."""
        check_is_fitted(self)
        rows = self._validated(X, reset=False)
        k, total = len(self.classes_), 0.0
        votes = np.zeros((rows.shape[0], k))
        for member, vote in zip(self.estimators_, self.estimator_weights_, strict=True):
            votes[np.arange(len(votes)), member_decisions(member, rows)] += vote
            total += vote
            yield softmax((votes * (k / total) - 1) / (k - 1) ** 2, axis=1)

    def _member(self) -> Any:
        return DecisionTreeClassifier(max_depth=1) if self.estimator is None else self.estimator

    def _table(self, X: Any, y: Any, sample_weight: ArrayLike | None) -> Rows:
        """The distinct rows; so weights and repetitions are one, to the last bit."""
        member = self._member()
        if not has_fit_parameter(member, "sample_weight"):
            raise UsageError(
                f"{type(member).__name__} takes no sample_weight, which boosting needs; "
                "pass an estimator whose fit accepts it"
            )
        return Rows.of(*self._read(X, y, sample_weight), merge=True).compact()

    def _start(self, rows: Rows) -> Floats:
        """Weights of all rows in the first round, on any scale."""
        return rows.mass

    def _drawer(self, rows: Rows) -> Draw:
        """What every member is trained on: here all rows."""
        return lambda weight, _rng, _i: (rows.X, rows.y, weight)

    def _growth(self, rows: Rows, vote: float, predicted: Ints) -> Floats:
        """Logarithms of what every row's weight is multiplied by after a round."""
        return np.asarray(vote * (predicted != rows.y))

    def _join(self, member: Any, error: float, vote: float, y: Ints, weight: Floats) -> None:
        self.estimators_.append(member)
        self._record(y, weight, error=error, vote=vote)

    def _vote(self, error: float) -> float | None:
        """A member's vote; None if it is no better than chance."""
        k = len(self.classes_)
        if error <= 0:
            return 1.0
        if error >= 1 - 1 / k:
            return None
        return float(self.learning_rate * (np.log((1 - error) / error) + np.log(k - 1.0)))


def _grown(weight: Floats, growth: Floats) -> Floats:
    """Weights times e to the growth, summing to one; taken in logarithms, since costs make large growths."""
    logs = np.log(weight) + growth
    grown = np.exp(logs - logs.max())
    return np.asarray(grown / grown.sum())


def member_decisions(member: Any, X: Any) -> Ints:
    """A member's class positions (n,)."""
    known = {"check_input": False} if isinstance(member, BaseDecisionTree) else {}
    return np.asarray(member.predict(X, **known)).astype(np.int64)
