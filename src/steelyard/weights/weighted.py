"""Class and row weights for any classifier."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.model_selection import cross_val_predict

from steelyard.core import (
    Floats,
    Prior,
    RowWeighting,
    UsageError,
    Weighting,
    derive,
    generator,
)
from steelyard.weights._inverse import inverse
from steelyard.weights.row_scaling import mean_one_rows
from steelyard.weights.wrapping import Ints, Wrapper, checked, folds, seeded_clone, take_rows, weight_name

__all__ = ["Weighted"]


class Weighted(Wrapper):
    r"""Any classifier, with class weights and row weights, by the best way it has to take them.

    When to use it: the classifier has no `class_weight`, or the weights are not "balanced" but effective
    numbers, a cost matrix, hardness. Only 15 of scikit-learn's 44 classifiers know class weights.

    Row i of class k weighs :math:`w_k h_i` times its own weight, with w from `weighting` and h from `rows`. The
    weights reach the classifier as `sample_weight` (of its last step, if it is a pipeline), else, class weights
    alone, as its `class_weight`, else by drawing as many rows as there are, each as often as it weighs, give or
    take one.

    Args:
        estimator: the classifier; logistic regression if None.
        weighting: class weights from the prior; balanced if None. `inverse_power(0)` weighs all alike.
        rows: row weights from probabilities held out in `cv` folds, such as `hardness_weights(2)`; None for none.
        cv: folds for `rows`, at least 2.
        random_state: seed of the folds, the drawing, and the classifier.

    Attributes:
        estimator_: the fitted classifier.
        how_: "sample_weight", "class_weight" or "resampling".
        class_weight_: w (K,).
        classes_: labels (K,).
        training_prior_: class probabilities the classifier was trained on, with all weights (K,).

    Raises:
        UsageError: the classifier already has a class weight, or row weights are wanted and it gives no
            probabilities.
        TooFewSamples: only one class, or a class too small to hold rows out.

    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> from sklearn.datasets import make_classification
    >>> X, y = make_classification(200, weights=[0.9], flip_y=0, random_state=0)
    >>> model = Weighted(KNeighborsClassifier(), random_state=0).fit(X, y)
    >>> model.how_, model.training_prior_.tolist()
    ('resampling', [0.5, 0.5])

    Source: King, Zeng (2001), Logistic Regression in Rare Events Data; Zadrozny, Langford, Abe (2003),
    Cost-Sensitive Learning by Cost-Proportionate Example Weighting, on drawing in place of weights.
    """

    def __init__(
        self,
        estimator: Any = None,
        weighting: Weighting | None = None,
        *,
        rows: RowWeighting | None = None,
        cv: int = 5,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.weighting = weighting
        self.rows = rows
        self.cv = cv
        self.random_state = random_state

    def fit(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Fit on rows X, labels y (n,) and, if given, weights (n,)."""
        X, labels, own = checked(X, y, sample_weight)
        self.classes_, codes = np.unique(labels, return_inverse=True)
        prior = Prior.of(codes, labels=range(len(self.classes_)), sample_weight=own)
        self.class_weight_ = (self.weighting or inverse())(prior)
        seed = int(generator(self.random_state).integers(2**31))
        hard = None if self.rows is None else self._hard(X, labels, codes, own, seed)
        self._fit_by_best_way(X, labels, codes, own, hard, seed)
        mass = self.class_weight_[codes] * (1 if own is None else own) * (1 if hard is None else hard)
        self.training_prior_ = Prior.of(codes, labels=range(len(self.classes_)), sample_weight=mass).p
        return self

    def _fit_by_best_way(
        self, X: Any, labels: Any, codes: Ints, own: Floats | None, hard: Floats | None, seed: int
    ) -> None:
        model = seeded_clone(self._base(), seed)
        named = weight_name(model)
        params = model.get_params(deep=False)
        if params.get("class_weight") is not None:
            raise UsageError(
                f"class_weight={params['class_weight']!r} is set on the classifier; leave it None and give weighting="
            )
        weight = self.class_weight_[codes] * (1 if own is None else own) * (1 if hard is None else hard)
        if named:
            self.how_ = "sample_weight"
            self.estimator_ = model.fit(X, labels, **{named: weight})
        elif "class_weight" in params and hard is None and own is None:
            self.how_ = "class_weight"
            model.set_params(class_weight=dict(zip(self.classes_.tolist(), self.class_weight_, strict=True)))
            self.estimator_ = model.fit(X, labels)
        else:
            self.how_ = "resampling"
            drawn = drawn_rows(weight, codes, seed)
            self.estimator_ = model.fit(take_rows(X, drawn), labels[drawn])

    def _hard(self, X: Any, labels: Any, codes: Ints, own: Floats | None, seed: int) -> Floats:
        """Row weights from probabilities of folds whose models had the class weights only."""
        if self.rows is None or not hasattr(self._base(), "predict_proba"):
            raise UsageError(
                f"rows= needs probabilities, which {type(self._base()).__name__} does not give; take another classifier"
            )
        parts = folds(codes, self.cv, seed)
        plain = Weighted(self.estimator, self.weighting, random_state=derive(seed, "held out") % 2**31)
        given = {} if own is None else {"sample_weight": own}
        p = cross_val_predict(plain, X, labels, cv=parts, method="predict_proba", params=given)
        return mean_one_rows(self.rows(np.asarray(p, dtype=np.float64), codes))


def drawn_rows(weight: Floats, codes: Ints, seed: int) -> Ints:
    """As many rows as there are, each floor or ceiling of its share of them; no class with weight is lost."""
    rng, n = np.random.default_rng(derive(seed, "draw")), len(weight)
    order = rng.permutation(n)
    ends = np.cumsum(weight[order])
    points = (rng.random() + np.arange(n)) * (ends[-1] / n)
    drawn = order[np.minimum(np.searchsorted(ends, points, side="right"), n - 1)]
    heaviest = [np.flatnonzero(codes == k)[weight[codes == k].argmax()] for k in np.unique(codes)]
    lost = [row for row in heaviest if weight[row] > 0 and codes[row] not in codes[drawn]]
    return np.sort(np.append(drawn, lost).astype(np.int64))


CARD = {
    "lever": "weights",
    "name": "Weighted",
    "title": "Class and row weights for any classifier",
    "seeds": ["001", "005", "012", "023"],
    "needs": [],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "King, Zeng (2001), Logistic Regression in Rare Events Data",
    "facts": {},
}
