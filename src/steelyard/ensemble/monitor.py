"""Watching an ensemble grow: metrics on named sets after every member, and stopping early."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import Prior, UsageError
from steelyard.ensemble.asked import Asked
from steelyard.ensemble.whole import whole
from steelyard.metrics import Metric, named

__all__ = ["FitMonitor"]


class FitMonitor:
    """Metrics on evaluation sets while members are added; ends the fit once they no longer gain.

    When to use it: `ensemble.fit(X, y, monitor=FitMonitor({"valid": (Xv, yv)}, patience=10))`, to draw curves or to
    train no more members than help. Every new member judges the sets once, so watching costs one prediction.

    With `patience` the fit ends once the first metric on the last set has not gained for so many points, and the
    ensemble keeps the members up to the best point. A set the choice was made on is no test set any more.

    Args:
        sets: name -> (X, y), with labels the ensemble knows.
        metrics: names or metrics; decisions are the most probable class.
        every: members between two points.
        patience: points without a gain after which to stop; None never stops.
        least_gain: a smaller gain is none.
        report: called with every point, for example `print`.

    Attributes:
        points: one dictionary a set and point: "set", "members", and one entry a metric under its name.
        best: members at the best point, 0 before the first.

    Raises:
        UsageError: no sets or metrics, or a number out of range.
        TargetError: a set holds labels the ensemble does not know.

    >>> from sklearn.datasets import make_classification
    >>> from steelyard.ensemble import UnderBaggingClassifier
    >>> X, y = make_classification(500, weights=[0.9], random_state=0)
    >>> monitor = FitMonitor({"train": (X, y)}, every=2)
    >>> model = UnderBaggingClassifier(n_estimators=6, random_state=0).fit(X, y, monitor=monitor)
    >>> [point["members"] for point in monitor.points]
    [2, 4, 6]

    Source: Liu et al. (2023), IMBENS: Ensemble Class-imbalanced Learning in Python.
    """

    def __init__(
        self,
        sets: Mapping[str, tuple[ArrayLike, ArrayLike]],
        metrics: Iterable[str | Metric] = ("average_precision",),
        *,
        every: int = 1,
        patience: int | None = None,
        least_gain: float = 0.0,
        report: Callable[[dict[str, Any]], Any] | None = None,
    ) -> None:
        self.sets = sets
        self.metrics = [metric if isinstance(metric, Metric) else named(metric) for metric in metrics]
        if not sets or not self.metrics:
            raise UsageError("a monitor came without sets or metrics; name at least one of each")
        self.every = whole("every", every)
        self.patience = None if patience is None else whole("patience", patience)
        self.least_gain = least_gain
        self.report = report
        self.points: list[dict[str, Any]] = []
        self.best = 0

    def begin(self, model: Any) -> None:
        """Forget earlier fits and read the sets as the model reads them."""
        self.points, self.best, self._best_value, self._waited = [], 0, -np.inf, 0
        self._members, self._votes = 0, 0.0
        self._rows, self._codes, self._totals = {}, {}, {}
        labels = np.asarray(model.classes_).tolist()
        for name, (X, y) in self.sets.items():
            self._rows[name] = Asked(model._validated(X, reset=False))
            self._codes[name] = Prior.of(y, labels=list(labels)).encode(y)
            self._totals[name] = np.zeros((len(self._codes[name]), len(labels)))

    def heard(self, model: Any, member: Any, vote: float) -> bool:
        """Take in one member; whether to go on."""
        self._members += 1
        self._votes += vote
        for name, rows in self._rows.items():
            model._tally(self._totals[name], [member], rows, [vote])
        return self._members % self.every != 0 or self._point(model)

    def end(self, model: Any) -> int | None:
        """Judge the last members too; how many to keep, or None for all."""
        if self._members and self._members % self.every:
            self._point(model)
        return None if self.patience is None else self.best

    def _point(self, model: Any) -> bool:
        for name in self.sets:
            p = model._shares(self._totals[name], self._votes)
            values = {metric.name: metric(self._codes[name], p, p.argmax(axis=1)) for metric in self.metrics}
            self.points.append({"set": name, "members": self._members, **values})
            if self.report is not None:
                self.report(self.points[-1])
        first = self.metrics[0]
        value = self.points[-1][first.name] * first.sign
        if value > self._best_value + self.least_gain:
            self._best_value, self.best, self._waited = value, self._members, 0
        else:
            self._waited += 1
        return self.patience is None or self._waited < self.patience
