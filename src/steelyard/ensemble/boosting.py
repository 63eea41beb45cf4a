"""The shell of every boosting ensemble: SAMME with hooks for the start, the draw and the update."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, softmax
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.validation import has_fit_parameter

from steelyard.core import Floats, UsageError, derive
from steelyard.ensemble.asked import Asked
from steelyard.ensemble.bagging import class_draws
from steelyard.ensemble.binned_tree import BinnedTreeClassifier
from steelyard.ensemble.bins import Bins, Codes, as_values, some
from steelyard.ensemble.committee import Committee, seeded
from steelyard.ensemble.histogram_tree import HistogramTreeClassifier
from steelyard.ensemble.monitor import FitMonitor
from steelyard.ensemble.rows import ClassRows, Drawn, Ints, Rows
from steelyard.ensemble.schedules import balancing, planned
from steelyard.ensemble.whole import whole

__all__: list[str] = []

Draw: TypeAlias = Callable[[Floats, np.random.Generator, int], Drawn]
"""(weights of all rows, generator, round) -> what the member is trained on."""


class Boosting(Committee):
    r"""Discrete multi-class AdaBoost (SAMME); subclasses change what a round does.

    Round :math:`i` trains a member, takes its weighted error :math:`e` on all rows and its vote
    :math:`\alpha = \eta (\ln \frac{1 - e}{e} + \ln(K - 1))`, and multiplies the weights of wrong rows by
    :math:`e^\alpha`. It stops early at :math:`e = 0` (that member gets a vote of one). A member with
    :math:`e \ge 1 - 1/K` is dropped; where members see draws, weights then start afresh for the next draw
    (Bauer & Kohavi 1999), else the rounds end. If no member is better than chance, the first votes alone.
    """

    _sees_all = True
    """Whether every member is trained on all rows; its tree then tries all columns (see `HistogramTreeClassifier`)."""

    learning_rate: float
    estimator_weights_: Floats
    estimator_errors_: Floats

    @property
    def _redraws(self) -> bool:
        """Whether members see draws, so that another may follow one that is no better than chance."""
        return False

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        monitor: FitMonitor | None = None,
    ) -> Self:
        """Fit on rows X (n, d), labels y (n,) and, if given, weights (n,); a monitor watches and may stop early."""
        n_members = whole("n_estimators", self.n_estimators)
        if not self.learning_rate > 0:
            raise UsageError(f"learning_rate={self.learning_rate!r} came, expected a number above 0")
        return self._boost(self._table(X, y, sample_weight), n_members, monitor)

    def bins(self) -> int | None:
        """The bins its members want, if they train on codes."""
        member = self._member()
        return member.bins() if isinstance(member, BinnedTreeClassifier) else None

    def fit_codes(
        self,
        bins: Bins,
        codes: Codes,
        y: Any,
        weight: Floats,
        rows: Ints | None = None,
        kept: dict[str, Any] | None = None,  # noqa: ARG002 - labels and bins are made anew
    ) -> Self:
        """Fit on rows a committee has binned already; members work on codes until all are trained."""
        codes = codes if rows is None else some(codes, rows)
        self.classes_, y = np.unique(y, return_inverse=True)
        self.n_features_in_ = codes.shape[1]
        groups = [np.flatnonzero(y == k) for k in range(len(self.classes_))]
        classes = tuple(ClassRows(k, rows, weight[rows]) for k, rows in enumerate(groups))
        table = Rows(as_values(codes), y, classes, 1.0, bins.plain(), codes)
        self._boost(table, whole("n_estimators", self.n_estimators), None)
        for member in self.estimators_:
            member.decode(bins)
        return self

    def _boost(self, rows: Rows, n_members: int, monitor: FitMonitor | None) -> Self:
        """The rounds, on a table of distinct rows."""
        kept = self._begin(n_members, monitor)
        draw, seed = self._drawer(rows), self._seed()
        start = self._start(rows) / self._start(rows).sum()
        weight, spare = start, None
        k = len(self.classes_)
        apart = ~np.eye(k, dtype=bool)
        for i in range(n_members):
            # the floor keeps a row from vanishing for good
            weight = np.maximum(weight, np.finfo(float).eps)
            member, entry = kept[i] if i < len(kept) else self._trained(draw, weight, rows, seed, i)
            predicted = self._decided(member, rows)
            outcome = predicted * k + rows.y
            mass = np.bincount(outcome, weights=weight, minlength=k * k).reshape(k, k)
            error = float(mass[apart].sum() / mass.sum())
            vote = self._vote(error)
            entry = {**entry, "error": error, "vote": vote}
            if vote is None:
                spare = spare or (member, entry)
                if not self._redraws:
                    break
                weight = start
                continue
            goes_on = self._join(member, entry, monitor, vote)
            if error <= 0 or not goes_on:
                break
            if i + 1 < n_members:
                growth = self._growth(rows.counts, vote)
                # costs can make large growths
                weight = weight * np.exp(growth - growth.max()).ravel().take(outcome)
                weight /= weight.sum()
        if spare and not self.estimators_:
            self._join(spare[0], {**spare[1], "vote": 1.0}, monitor, 1.0)
        self._conclude(monitor)
        self.estimator_weights_ = np.array([entry["vote"] for entry in self.log_])
        self.estimator_errors_ = np.array([entry["error"] for entry in self.log_])
        return self

    def _decided(self, member: Any, rows: Rows) -> Ints:
        """The class positions a member decides for (n,); a tree grown on all rows has said where they ended."""
        leaf: Ints | None = rows.kept.pop("leaf", None)
        if leaf is not None and isinstance(member, DecisionTreeClassifier):
            return np.asarray(decisions(member).take(leaf))
        return np.concatenate([member_decisions(member, asked) for asked, _ in rows.asked])

    def _trained(
        self, draw: Draw, weight: Floats, rows: Rows, seed: int, i: int
    ) -> tuple[Any, dict[str, Any]]:
        drawn = draw(weight, np.random.default_rng(derive(seed, "draw", i)), i)
        # a power of two changes no comparison, and learners with absolute limits on weights still split
        scale = 2.0 ** np.ceil(np.log2(len(drawn.y) / drawn.weight.sum()))
        drawn = Drawn(drawn.y, drawn.weight * scale, drawn.chosen, drawn.made)
        return drawn.fit(seeded(self._member(), seed, "member", i), rows), self._entry(drawn)

    def _votes(self) -> list[float]:
        return [float(vote) for vote in self.estimator_weights_]

    def _says(self, shares: Floats) -> Floats:
        return one_hot(shares.argmax(axis=1), shares.shape[1])

    def _heard(self, member: Any, rows: Asked) -> Floats:
        return one_hot(member_decisions(member, rows), len(self.classes_))

    def _shares(self, total: Floats, weight: float) -> Floats:
        """Softmax of the votes over K - 1, as scikit-learn's AdaBoost has it."""
        k = total.shape[1]
        if k > 2:
            return np.asarray(softmax((total * (k / weight) - 1) / (k - 1) ** 2, axis=1))
        second = expit(total[:, 1] * (4 / weight) - 2)
        return np.stack([1 - second, second], axis=1)

    def _member(self) -> Any:
        if self.estimator is not None:
            return self.estimator
        return HistogramTreeClassifier() if self._sees_all else BinnedTreeClassifier(max_depth=5)

    def _table(self, X: Any, y: Any, sample_weight: ArrayLike | None) -> Rows:
        """The distinct rows; so weights and repetitions are one, to the last bit."""
        member = self._member()
        if not has_fit_parameter(member, "sample_weight"):
            raise UsageError(
                f"{type(member).__name__} takes no sample_weight, which boosting needs; "
                "pass an estimator whose fit accepts it"
            )
        return self._binned(Rows.of(*self._read(X, y, sample_weight), merge=True).compact())

    def _start(self, rows: Rows) -> Floats:
        """Weights of all rows in the first round, on any scale."""
        return rows.mass

    def _drawer(self, rows: Rows) -> Draw:
        """What every member is trained on: here all rows."""
        return lambda weight, _rng, _i: Drawn(rows.y, weight)

    def _growth(self, counts: Floats, vote: float) -> Floats:
        """Logarithms of what weights are multiplied by after a round (K, K), rows = predicted, columns = true."""
        return vote * (1 - np.eye(len(counts)))

    def _vote(self, error: float) -> float | None:
        """A member's vote; None if it is no better than chance."""
        k = len(self.classes_)
        if error <= 0:
            return 1.0
        if error >= 1 - 1 / k:
            return None
        return float(self.learning_rate * (np.log((1 - error) / error) + np.log(k - 1.0)))


def balanced_draws(rows: Rows, target: Floats, model: Any) -> Draw:
    """Draws without replacement to the model's schedule; drawn rows keep their boosting weights."""
    schedule, origin, mass = balancing(model.balancing_schedule), rows.counts, rows.mass

    def drawn(weight: Floats, rng: np.random.Generator, i: int) -> Drawn:
        wanted = planned(schedule, origin, target, i, model.n_estimators)
        chosen, share = class_draws(rows, wanted, rng, replacement=False)
        return rows.take(chosen, share * (weight / mass)[chosen])

    return drawn


def one_hot(decided: Ints, n_classes: int) -> Floats:
    """One for the class decided for, zeros for the others (n, K)."""
    return np.eye(n_classes).take(decided, axis=0)


def decisions(member: Any) -> Ints:
    """The class position every node of a tree decides for (nodes,)."""
    best = member.tree_.value[:, 0].argmax(axis=1)
    return np.asarray(member.classes_[best], dtype=np.int64)


def member_decisions(member: Any, rows: Asked) -> Ints:
    """A member's class positions (n,)."""
    if isinstance(member, DecisionTreeClassifier):
        return rows.said(member.tree_, decisions(member))
    return np.asarray(member.predict(rows.X)).astype(np.int64)
