"""What all calibrators share: one map a class, fitted on held-out probabilities."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator

from steelyard.core import DataError, Floats, TooFewSamples
from steelyard.decide.rows import FLOOR, class_positions, class_scores, row_weights

__all__ = ["Calibration"]


class Calibration(BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """A monotone map from probabilities to calibrated probabilities.

    When to use it: as the base of calibrators, which state only how one map is fitted and applied. With two
    classes the map of the positive class is all; with more, every class against the rest gets a map and the rows
    are normalised; a class with no rows, or with all rows, keeps its probabilities.

    Attributes:
        maps_: after fitting, one float array of the calibrator's own shape for every map.
        n_classes_: K.
        note_: a sentence for people: what to know about this calibration, and why it was chosen.
    """

    name: ClassVar[str]
    caveat: ClassVar[str] = ""

    maps_: list[Floats]
    n_classes_: int
    note_: str

    def fit(self, p: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Learn the maps from rows the model was not fitted on.

        Args:
            p: probabilities (n, K), or (n,) of the positive class.
            y: class positions (n,).
            sample_weight: (n,) or None; rows of weight 0 do not count.

        Raises:
            TooFewSamples: with two classes, one of them has no row.
            DataError, TargetError: arrays that do not fit.
        """
        scores = class_scores(p)
        n, n_classes = scores.shape
        truth, weight = class_positions(y, n, n_classes), row_weights(sample_weight, n)
        kept = weight > 0
        scores, truth, weight = scores[kept], truth[kept], weight[kept]
        present = np.unique(truth)
        if len(present) == 0 or (n_classes == 2 and len(present) < 2):
            raise TooFewSamples(
                f"calibration needs rows of both classes, only positions {present.tolist()} came; give it more rows"
            )
        weight = weight / weight.mean()
        columns = [1] if n_classes == 2 else range(n_classes)
        self.maps_ = [
            self._learn(np.clip(scores[:, k], FLOOR, 1 - FLOOR), (truth == k).astype(np.float64), weight)
            if 0 < (truth == k).sum() < len(truth)
            else np.empty(0)
            for k in columns
        ]
        self.n_classes_ = n_classes
        self.note_ = self.caveat
        return self

    def __call__(self, p: ArrayLike) -> Floats:
        """Calibrate probabilities (n, K), or (n,) of the positive class; the shape stays."""
        scores = class_scores(p)
        if scores.shape[1] != self.n_classes_:
            raise DataError(
                f"probabilities of {scores.shape[1]} classes came, the calibration was fitted on {self.n_classes_}; "
                "use the model it belongs to"
            )
        columns = scores[:, 1:] if self.n_classes_ == 2 else scores
        mapped = [
            np.clip(self._map(state, np.clip(column, FLOOR, 1 - FLOOR)), FLOOR, 1 - FLOOR)
            if state.size
            else column
            for state, column in zip(self.maps_, columns.T, strict=True)
        ]
        if self.n_classes_ == 2:
            return np.column_stack([1 - mapped[0], mapped[0]]) if np.ndim(p) == 2 else np.asarray(mapped[0])
        stacked = np.column_stack(mapped)
        return np.asarray(stacked / stacked.sum(axis=1, keepdims=True))

    def _learn(self, p: Floats, positive: Floats, weight: Floats) -> Floats:
        """One map as a non-empty array, from probabilities inside (0, 1), 0/1 targets and mean-one weights."""
        raise NotImplementedError  # not abstract: leaving probabilities alone needs no map

    def _map(self, state: Floats, p: Floats) -> Floats:
        """Apply one map."""
        raise NotImplementedError  # not abstract: where nothing is learnt there is nothing to apply
