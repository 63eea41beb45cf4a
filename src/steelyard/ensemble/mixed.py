"""The shell of ensembles whose members are of different kinds, each with a training prior of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import is_classifier
from sklearn.utils import get_tags
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import _check_sample_weight, has_fit_parameter

from steelyard.core import Floats, UsageError
from steelyard.decide import PriorCorrection
from steelyard.ensemble.asked import Asked
from steelyard.ensemble.balanced_forest import BalancedRandomForestClassifier
from steelyard.ensemble.committee import Committee, member_probabilities, seeded
from steelyard.ensemble.compatible_ada_boost import CompatibleAdaBoostClassifier
from steelyard.ensemble.rows import Ints
from steelyard.ensemble.self_paced import SelfPacedEnsembleClassifier
from steelyard.ensemble.witness import fit_witnessed, last_step

__all__: list[str] = []


class Mixed(Committee):
    """Clones of named estimators, whose probabilities are brought to the rows' own prior before they are joined."""

    estimators: Sequence[tuple[str, Any]] | None
    member_priors_: list[Floats]
    natural_: Floats

    def _named(self) -> list[tuple[str, Any]]:
        if self.estimators is None:
            return [
                ("self_paced", SelfPacedEnsembleClassifier(n_estimators=20)),
                ("forest", BalancedRandomForestClassifier(n_estimators=40)),
                ("boosting", CompatibleAdaBoostClassifier(n_estimators=20)),
            ]
        named = list(self.estimators)
        names = [pair[0] for pair in named if isinstance(pair, tuple) and len(pair) == 2]
        if not named or len(names) != len(named) or len(set(names)) != len(names):
            raise UsageError(
                f"estimators={self.estimators!r} came, expected pairs of a unique name and a classifier"
            )
        for name, estimator in named:
            if not is_classifier(estimator) or not hasattr(estimator, "predict_proba"):
                raise UsageError(
                    f"estimator {name!r} is {estimator!r}, expected a classifier with predict_proba"
                )
        return named

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        every = [get_tags(estimator).input_tags for _, estimator in self.estimators or []]
        tags.input_tags.allow_nan = all(one.allow_nan for one in every)
        tags.input_tags.sparse = bool(every) and all(one.sparse for one in every)
        return tags

    def _member(self) -> Any:
        return self._named()[0][1] if self.estimators else SelfPacedEnsembleClassifier()

    def _weights(self, X: Any, sample_weight: ArrayLike | None) -> Floats | None:
        if sample_weight is None:
            return None
        for name, estimator in self._named():
            if not has_fit_parameter(last_step(estimator), "sample_weight") or hasattr(estimator, "steps"):
                raise UsageError(
                    f"sample_weight came, but estimator {name!r} takes none; leave one of them out"
                )
        weights: Floats = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
        return weights

    def _light(self) -> str | None:
        """The first estimator that takes no weights, if there is one."""
        for name, estimator in self._named():
            if not has_fit_parameter(last_step(estimator), "sample_weight") or hasattr(estimator, "steps"):
                return name
        return None

    def _shares_of(self, y: Ints, weight: Floats | None) -> Floats:
        counts = np.bincount(y, weights=weight, minlength=len(self.classes_)).astype(float)
        return np.asarray(counts / counts.sum())

    def _fitted(
        self, X: Any, y: Ints, weight: Floats | None, seed: int, *key: object
    ) -> list[tuple[Any, Floats]]:
        """A fitted clone of every estimator, and the prior it was trained on (K,)."""
        counts = self._shares_of(y, weight) * len(y)
        extra = {} if weight is None else {"sample_weight": weight}

        def one(name: str, estimator: Any) -> tuple[Any, Floats]:
            member = seeded(estimator, seed, name, *key)
            return member, fit_witnessed(member, X, y, counts, **extra)

        pairs: list[tuple[Any, Floats]] = Parallel(n_jobs=self.n_jobs, prefer="threads")(
            delayed(one)(name, estimator) for name, estimator in self._named()
        )
        return pairs

    def _undone(self, member: Any, trained: Floats, X: Any, natural: Floats) -> Floats:
        """A member's probabilities at the natural prior (n, K)."""
        p = member_probabilities(member, Asked(X), len(natural))
        return p if np.allclose(trained, natural) else PriorCorrection(trained, natural)(p)

    def _keep(self, pairs: list[tuple[Any, Floats]], natural: Floats) -> None:
        self.estimators_ = [member for member, _ in pairs]
        self.member_priors_ = [prior for _, prior in pairs]
        self.natural_ = natural
