"""A chain of classifiers in which cheap ones stop most rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.utils import get_tags
from sklearn.utils.validation import _num_samples, check_is_fitted

from steelyard.core import Floats, NotForMe, UsageError, derive, generator
from steelyard.weights.wrapping import Ints, checked, fit_weighted, folds, take_rows

__all__ = ["RejectionCascadeClassifier"]

Stage = tuple[Any, float, float]


class TwoClassesOnly(NotForMe, ValueError):  # noqa: N818 - reads as the fact it states
    """Three classes came; scikit-learn wants a ValueError, a race wants to go on."""


class RejectionCascadeClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    r"""Ever stronger classifiers, each looking only at the rows the ones before could not dismiss.

    When to use it: positives are very rare, a cheap model can dismiss most rows, and what follows is dear: many
    features, a big model, a person. Every stage has a floor for the share of positives it must let pass, so the
    whole keeps about the product of the floors.

    Stage s passes rows with :math:`p_s \geq t_s`; :math:`t_s` is the highest value at which the held-out
    probabilities (`cv` folds) of the positives that reached it keep the floor. The next stage learns from the rows
    that passed, so the classes get more equal from stage to stage and only hard negatives are left. The probability
    of a row is that of the last stage that saw it.

    Args:
        stages: (classifier, floor, cost) each; the floor of the last is not used, the cost is the price of asking
            for one row. None for logistic regression (0.99, 1) and histogram gradient boosting (1, 10).
        cv: folds that hold rows out, at least 2.
        random_state: seed.

    Attributes:
        estimators_: the fitted stages; fewer than asked for when nothing was left to tell apart.
        thresholds_: t of all stages but the last.
        pass_rates_: share of the training rows that reached each stage, held out.
        recalls_: share of the positives that reached each stage, held out.
        expected_cost_: the mean price of a row.
        classes_: labels (2,), the second the positive one.
        training_prior_: class probabilities of the training rows (2,).

    Raises:
        UsageError: a floor outside (0, 1], or a negative cost.
        NotForMe: more than two classes.
        TooFewSamples: only one class, or a class too small to hold rows out.

    >>> from sklearn.datasets import make_classification
    >>> X, y = make_classification(3000, weights=[0.97], flip_y=0, class_sep=2, random_state=0)
    >>> model = RejectionCascadeClassifier(random_state=0).fit(X, y)
    >>> bool(model.pass_rates_[1] < 0.5), bool(model.recalls_[1] >= 0.99), bool(model.expected_cost_ < 6)
    (True, True, True)

    Source: Viola, Jones (2001), Rapid Object Detection Using a Boosted Cascade of Simple Features.
    """

    def __init__(
        self, stages: Sequence[Stage] | None = None, *, cv: int = 5, random_state: Any = None
    ) -> None:
        self.stages = stages
        self.cv = cv
        self.random_state = random_state

    def fit(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Fit on rows X, labels y (n,) and, if given, weights (n,)."""
        stages = self._stages()
        X, labels, own = checked(X, y, sample_weight)
        self.classes_, codes = np.unique(labels, return_inverse=True)
        if len(self.classes_) > 2:
            raise TwoClassesOnly(
                f"Only binary classification is supported. {len(self.classes_)} classes came"
            )
        weight = np.ones(len(codes)) if own is None else own
        seed = int(generator(self.random_state).integers(2**31))
        mass = np.bincount(codes, weights=weight)
        self.training_prior_ = mass / mass.sum()
        self.estimators_, self.thresholds_ = [], []
        self.pass_rates_, self.recalls_, self.expected_cost_ = [], [], 0.0
        alive = np.arange(len(codes))
        for s, (base, floor, cost) in enumerate(stages):
            share = float(weight[alive].sum() / weight.sum())
            self.pass_rates_.append(share)
            self.recalls_.append(float((weight * codes)[alive].sum() / mass[1]))
            self.expected_cost_ += cost * share
            inside = take_rows(X, alive), codes[alive], None if own is None else own[alive]
            self.estimators_.append(fit_weighted(base, *inside, derive(seed, "stage", s)))
            if s == len(stages) - 1:
                break
            p = self._held_out(base, *inside, derive(seed, "held out", s))
            threshold = keeping(p, codes[alive], weight[alive], floor)
            passed = alive[p >= threshold]
            if np.bincount(codes[passed], minlength=2).min() < 2:
                break
            self.thresholds_.append(threshold)
            alive = passed
        return self

    def predict_proba(self, X: Any) -> Floats:
        """Probabilities (n, 2), each of the last stage that saw the row."""
        return self._run(X)[0]

    def predict(self, X: Any) -> NDArray[Any]:
        """The most probable class (n,)."""
        check_is_fitted(self)
        return np.asarray(self.classes_[self.predict_proba(X).argmax(axis=1)])

    def reached(self, X: Any) -> Ints:
        """The number of the last stage that saw each row (n,), from 0."""
        return self._run(X)[1]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        inputs = [get_tags(base).input_tags for base, _, _ in self._stages()]
        tags.input_tags.allow_nan = all(one.allow_nan for one in inputs)
        tags.input_tags.sparse = all(one.sparse for one in inputs)
        return tags

    @property
    def n_features_in_(self) -> int:
        """Columns seen in `fit`."""
        return int(self.estimators_[0].n_features_in_)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "expected_cost_")

    def _run(self, X: Any) -> tuple[Floats, Ints]:
        check_is_fitted(self)
        rows: Any = X if hasattr(X, "shape") else np.asarray(X)
        rows = rows.tocsr() if hasattr(rows, "tocsr") else rows
        p = np.asarray(self.estimators_[0].predict_proba(rows), dtype=np.float64)
        stage = np.zeros(_num_samples(rows), dtype=np.int64)
        alive = np.arange(len(stage))
        for s, threshold in enumerate(self.thresholds_, start=1):
            alive = alive[p[alive, 1] >= threshold]
            if not len(alive):
                break
            p[alive] = self.estimators_[s].predict_proba(take_rows(rows, alive))
            stage[alive] = s
        return p, stage

    def _held_out(self, base: Any, X: Any, codes: Ints, own: Floats | None, seed: int) -> Floats:
        p = np.empty(len(codes))
        for i, (train, test) in enumerate(folds(codes, self.cv, seed)):
            inside = None if own is None else own[train]
            model = fit_weighted(base, take_rows(X, train), codes[train], inside, derive(seed, "fold", i))
            p[test] = model.predict_proba(take_rows(X, test))[:, 1]
        return p

    def _stages(self) -> list[Stage]:
        if self.stages is None:
            return [
                (LogisticRegression(max_iter=1000), 0.99, 1.0),
                (HistGradientBoostingClassifier(), 1.0, 10.0),
            ]
        for _, floor, cost in self.stages:
            if not (0 < floor <= 1 and 0 <= cost < np.inf):
                raise UsageError(
                    f"a stage has floor {floor!r} and cost {cost!r}; expected a share above 0 "
                    "and up to 1, and at least 0"
                )
        return list(self.stages)


def keeping(p: Floats, codes: Ints, weight: Floats, floor: float) -> float:
    """The highest threshold that lets this share of the positives pass.

    >>> keeping(np.array([0.9, 0.5, 0.4, 0.1]), np.array([1, 1, 1, 1]), np.ones(4), 0.75)
    0.4
    """
    order = np.argsort(-p[codes == 1], kind="stable")
    falling, kept = p[codes == 1][order], np.cumsum(weight[codes == 1][order])
    return float(falling[int(np.searchsorted(kept, floor * kept[-1] * (1 - 1e-12)))])


CARD = {
    "lever": "ensemble",
    "name": "RejectionCascadeClassifier",
    "title": "Rejection cascade with recall floors and stage costs",
    "seeds": ["058"],
    "needs": ["predict_proba"],
    "example": {"cv": 3},
    "since": "0.1",
    "status": "claimed",
    "source": "Viola, Jones (2001), Rapid Object Detection Using a Boosted Cascade of Simple Features",
    "facts": {},
}
