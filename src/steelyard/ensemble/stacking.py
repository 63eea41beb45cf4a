"""Stacking on out-of-fold log-odds at the rows' own prior."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.linear_model import LogisticRegression
from sklearn.utils.validation import check_is_fitted, has_fit_parameter

from steelyard.core import Floats
from steelyard.data import make_folds
from steelyard.ensemble.asked import Asked
from steelyard.ensemble.committee import member_probabilities, seeded
from steelyard.ensemble.mixed import Mixed
from steelyard.ensemble.rows import Ints, Rows
from steelyard.ensemble.whole import whole
from steelyard.ensemble.witness import fit_witnessed

__all__ = ["PriorAwareStackingClassifier"]


class PriorAwareStackingClassifier(Mixed):
    r"""A classifier that learns from the out-of-fold log-odds of others how to join them.

    When to use it: enough rare rows (some hundreds) and members that err in different places. Against scikit-learn's
    StackingClassifier it brings three things: every member's training prior is found and undone before its answers
    are learned from, so balanced members and plain ones speak of the same prior and the joint answer stands at the
    rows' own; it learns from log-odds, in which a prior shift is a constant; and groups of rows stay together in the
    folds. Samplers in a member's pipeline see training folds only.

    Every member is fitted once a fold and once on all rows; the joining classifier sees
    :math:`\log \frac{p_m(x)}{1 - p_m(x)}` (for many classes each :math:`\log p_{mk}(x)`) of rows the member was not
    trained on.

    Args:
        estimators: pairs of name and classifier; a self-paced ensemble, a balanced forest and AdaBoost if None.
        final_estimator: the joining classifier; logistic regression if None.
        n_folds: folds for the out-of-fold answers, at least 2.
        n_jobs: threads; the answer does not depend on it.
        random_state: seed; it sets every `random_state` of the members.

    Attributes:
        estimators_: the members, trained on all rows and class positions.
        member_priors_: class probabilities each of them was trained on (K,).
        final_estimator_: the joining classifier.
        classes_: labels (K,).
        training_prior_: class probabilities the joining classifier was trained on (K,).
        n_features_in_: columns seen in `fit`.

    Raises:
        UsageError: estimators that do not fit, or an option out of range.
        TooFewSamples: only one class.

    >>> from sklearn.datasets import make_classification
    >>> X, y = make_classification(500, weights=[0.9], flip_y=0, random_state=0)
    >>> model = PriorAwareStackingClassifier(n_folds=3, random_state=0).fit(X, y)
    >>> model.training_prior_.tolist()
    [0.902, 0.098]

    Source: Wolpert (1992), Stacked Generalization; Ting & Witten (1999), Issues in Stacked Generalization.
    """

    def __init__(
        self,
        *,
        estimators: Sequence[tuple[str, Any]] | None = None,
        final_estimator: Any = None,
        n_folds: int = 5,
        n_jobs: int | None = None,
        random_state: Any = None,
    ) -> None:
        self.estimators = estimators
        self.final_estimator = final_estimator
        self.n_folds = n_folds
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        groups: ArrayLike | None = None,
    ) -> Self:
        """Fit on rows X (n, d), labels y (n,) and, if given, weights and groups (n,)."""
        n_folds = whole("n_folds", self.n_folds, least=2)
        if sample_weight is not None and groups is not None:
            groups = np.asarray(groups)[np.asarray(sample_weight) > 0]
        rows, codes, weight = self._read(X, y, sample_weight)
        if groups is None and self._light() is None:
            # equal rows are one row of more weight: on both sides of a fold they would leak
            table = Rows.of(rows, codes, weight, merge=True).compact()
            rows, codes, weight = table.X, table.y, table.mass
        seed, natural = self._seed(), self._shares_of(codes, weight)
        width = len(self._named()) * (1 if len(natural) == 2 else len(natural))
        answers = np.zeros((len(codes), width))
        judged = np.zeros(len(codes), dtype=bool)
        for number, (train, test) in enumerate(self._folds(codes, groups, n_folds, seed)):
            part = None if weight is None else weight[train]
            if len(np.unique(codes[train])) < len(natural):
                continue  # a class of one row cannot be left out
            here = self._shares_of(codes[train], part)
            pairs = self._fitted(rows[train], codes[train], part, seed, number)
            answers[test] = self._features(pairs, rows[test], here)
            judged[test] = True
        if not judged.any():
            judged[:] = True
            answers = self._features(self._fitted(rows, codes, weight, seed), rows, natural)
        self._keep(self._fitted(rows, codes, weight, seed), natural)
        final = LogisticRegression(max_iter=1000) if self.final_estimator is None else self.final_estimator
        self.final_estimator_ = seeded(final, seed, "final")
        weighs = weight is not None and has_fit_parameter(final, "sample_weight")
        extra = {"sample_weight": weight[judged]} if weighs and weight is not None else {}
        counts = natural * len(codes)
        self.training_prior_ = fit_witnessed(
            self.final_estimator_, answers[judged], codes[judged], counts, **extra
        )
        return self

    def predict_proba(self, X: ArrayLike) -> Floats:
        """What the joining classifier makes of the members' answers (n, K)."""
        check_is_fitted(self)
        rows = self._validated(X, reset=False)
        pairs = list(zip(self.estimators_, self.member_priors_, strict=True))
        answers = self._features(pairs, rows, self.natural_)
        return member_probabilities(self.final_estimator_, Asked(answers), len(self.classes_))

    def _features(self, pairs: list[tuple[Any, Floats]], rows: Any, natural: Floats) -> Floats:
        p = [self._undone(member, prior, rows, natural) for member, prior in pairs]
        logs = [np.log(np.clip(one, 1e-4, 1.0)) for one in p]
        if len(natural) == 2:
            return np.stack([one[:, 1] - one[:, 0] for one in logs], axis=1)
        return np.concatenate(logs, axis=1)

    def _folds(
        self, codes: Ints, groups: ArrayLike | None, n_folds: int, seed: int
    ) -> list[tuple[Ints, Ints]]:
        folds = make_folds(
            codes,
            n_folds=n_folds,
            repeats=1,
            groups=None if groups is None else np.asarray(groups),
            time=None,
            seed=seed,
        )
        return [(fold.train, fold.test) for fold in folds]


CARD = {
    "lever": "ensemble",
    "name": "PriorAwareStackingClassifier",
    "title": "Stacking on out-of-fold log-odds at one prior",
    "seeds": ["006", "075"],
    "needs": ["predict_proba"],
    "example": {"n_folds": 2},
    "since": "0.1",
    "status": "claimed",
    "source": "Wolpert (1992), Stacked Generalization",
    "facts": {
        "arm": {
            "kind": "ensemble",
            "rank": 9,
            "label": "stacking",
            "wraps": False,
            "encoding": "tree",
            "default": False,
        }
    },
}
