"""The delivered model: probabilities you can trust, a decision you asked for, a prevalence you can change."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.core import DataError, Floats
from steelyard.decide import ConformalSets, Goal, PriorCorrection, RowCosts, rule_from_json
from steelyard.race.fitting import probabilities

__all__ = ["Evidence", "Member", "TableModel"]


@dataclass
class Member:
    """One fitted classifier, the encoding it reads, the class probabilities it was trained on, its share."""

    encoding: str
    estimator: Any
    trained: Floats
    share: float


@dataclass
class Evidence:
    """Out-of-fold calibrated probabilities with their classes: what an operating point is chosen from.

    Repeated folds hold a row several times; `distinct` is the number of different rows of each class (K,).
    """

    p: Floats
    y: NDArray[np.int64]
    weight: Floats
    distinct: NDArray[np.int64] | None = None


class TableModel:
    r"""Encoders, members, prior correction, calibration and decision rule in one object.

    When to use it: it is what `run` delivers and `predict` loads; build it with neither by hand.

    For a row x with member probabilities :math:`p_m(x)` trained on prior :math:`\\pi_m`, natural prior
    :math:`\\pi` and calibration c, the probability is
    :math:`c(\\sum_m s_m [p_m \\pi / \\pi_m])` with the members' shares s, shifted to the prevalence in force.
    """

    def __init__(
        self,
        *,
        labels: tuple[Hashable, ...],
        encoders: dict[str, Any],
        members: list[Member],
        natural: Floats,
        calibration: Any,
        rule: dict[str, Any],
        goal: dict[str, Any],
        evidence: Evidence,
    ) -> None:
        self.labels = list(labels)
        self.encoders = encoders
        self.members = members
        self.natural = natural
        self.calibration = calibration
        self.rule = rule
        self.goal = goal
        self.evidence = evidence
        self.prevalence = natural

    def raw_proba(self, X: Any) -> Floats:
        """Mixed member probabilities as they come, before anything is undone."""
        encoded = {kind: encoder.transform(X) for kind, encoder in self.encoders.items()}
        parts = [
            probabilities(one.estimator, encoded[one.encoding], len(self.labels)) for one in self.members
        ]
        return self._mixed(parts)

    def undone_proba(self, X: Any) -> Floats:
        """Member probabilities with the training prior undone, then mixed."""
        encoded = {kind: encoder.transform(X) for kind, encoder in self.encoders.items()}
        parts = []
        for one in self.members:
            p = probabilities(one.estimator, encoded[one.encoding], len(self.labels))
            if not np.allclose(one.trained, self.natural):
                p = PriorCorrection(one.trained, self.natural)(p)
            parts.append(p)
        return self._mixed(parts)

    def _mixed(self, parts: list[Floats]) -> Floats:
        return np.asarray(np.average(parts, axis=0, weights=[one.share for one in self.members]))

    def predict_proba(self, X: Any) -> Floats:
        """Calibrated probabilities (n, K) at the prevalence in force, columns in the order of `labels`."""
        return self.at_prevalence(self.calibration(self.undone_proba(X)))

    def at_prevalence(self, p: Floats) -> Floats:
        """Shift calibrated probabilities from the training prevalence to the one in force."""
        if np.allclose(self.prevalence, self.natural):
            return p
        return PriorCorrection(self.natural, self.prevalence)(p)

    def decide(self, p: Floats, *, costs: RowCosts | None = None) -> NDArray[np.int64]:
        """Class positions from probabilities by the rule in force."""
        return rule_from_json(self.rule).for_rows(len(p)).decide(p, costs=costs)

    def predict(self, X: Any, *, costs: RowCosts | None = None) -> NDArray[Any]:
        """Labels by the rule in force."""
        return np.asarray(self.labels)[self.decide(self.predict_proba(X), costs=costs)]

    def conformal_sets(self, coverage: float) -> ConformalSets:
        """Sets of classes that hold the true one in a share `coverage` of the rows of every class.

        They compare new rows with the out-of-fold rows of the race. Those were scored by models of their folds, new
        rows are scored by the model refitted on all: the promise holds as far as these agree (cross-conformal
        prediction), and class shares do not matter to it.
        """
        if not 0 < coverage < 1:
            raise DataError(f"coverage is {coverage!r}, expected a share between 0 and 1, such as 0.9")
        evidence = self.evidence
        if not len(evidence.y):
            raise DataError(
                "this model holds no out-of-fold scores, which sets are made from; run again to make one that does"
            )
        conformal = ConformalSets(1 - coverage)
        return conformal.fit(self.at_prevalence(evidence.p), evidence.y, distinct=evidence.distinct)

    def set_prevalence(self, prevalence: float | ArrayLike) -> Self:
        """Re-target to another prevalence without refitting; the operating point is chosen anew.

        Args:
            prevalence: the share of the positive class, or for many classes one share a class.
        """
        target = np.atleast_1d(np.asarray(prevalence, dtype=float))
        if target.size == 1 and len(self.labels) == 2:
            target = np.array([1 - target[0], target[0]])
        if target.shape != self.natural.shape or not np.isfinite(target).all() or (target <= 0).any():
            raise DataError(
                f"prevalence {prevalence!r} does not fit {len(self.labels)} classes; give the share of the positive "
                "class between 0 and 1, or one positive share a class"
            )
        self.prevalence = target / target.sum()
        if not len(self.evidence.y):
            return self
        shift = self.prevalence / self.natural
        evidence = self.evidence
        rule = Goal.from_json(self.goal).fit_rule(
            self.at_prevalence(evidence.p), evidence.y, sample_weight=evidence.weight * shift[evidence.y]
        )
        if self.rule["kind"] in {"threshold", "class_multipliers"}:
            self.rule = rule.to_json()
        return self
