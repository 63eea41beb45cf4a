"""What every ensemble here shares: checked input, seeded members, a soft vote."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble._forest import BaseForest
from sklearn.tree import BaseDecisionTree, DecisionTreeClassifier
from sklearn.utils import get_tags
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import (
    _check_sample_weight,
    check_is_fitted,
    has_fit_parameter,
    validate_data,
)

from steelyard.core import Floats, TooFewSamples, UsageError, count_threads, derive, generator
from steelyard.ensemble.asked import PART, Asked, lacking, pays
from steelyard.ensemble.binned_tree import BinnedTreeClassifier
from steelyard.ensemble.forest import Forest
from steelyard.ensemble.histogram_tree import HistogramTreeClassifier
from steelyard.ensemble.monitor import FitMonitor
from steelyard.ensemble.rows import Drawn, Ints, Rows
from steelyard.ensemble.schedules import Target, target_rows
from steelyard.weights.wrapping import seeded_clone

__all__ = ["Committee"]

TREES = {BinnedTreeClassifier, HistogramTreeClassifier}


class Committee(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Base of all ensembles: subclasses fill `estimators_` and `training_prior_` in `fit`.

    Members are trained on class positions 0..K-1 and vote with the mean of their probabilities.
    """

    _interpolates = False
    """Whether rows are made between others, which takes complete, dense columns."""

    estimator: Any
    n_estimators: int
    target: Target
    n_jobs: int | None
    random_state: Any
    estimators_: list[Any]
    training_prior_: Floats
    log_: list[dict[str, Any]]
    classes_: NDArray[Any]
    n_features_in_: int

    def predict_proba(self, X: ArrayLike) -> Floats:
        """The members' joint class probabilities (n, K): the mean, or what the ensemble's vote makes of them."""
        check_is_fitted(self)
        rows = self._validated(X, reset=False)
        trees = [tree for tree in trees_of(self.estimators_) if pays(tree, rows.shape[0])]
        forest = Forest(trees, lost=bool(trees) and lacking(rows))
        shared = forest if forest.in_common() else None

        def one(part: slice) -> Floats:  # what is remembered of a part goes with it
            return self._answer(Asked(rows[part], shared))

        # a tree answers a row alike in any company; what multiplies matrices may round otherwise
        parts = in_parts(rows.shape[0], self.n_jobs if only_trees(self.estimators_) else 1)
        return np.concatenate(on_threads(one, parts, self.n_jobs))

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """The class with the highest mean probability (n,)."""
        best = self.predict_proba(X).argmax(axis=1)
        return np.asarray(self.classes_[best])

    def staged_predict_proba(self, X: ArrayLike) -> Iterator[Floats]:
        """The probabilities (n, K) after one member, after two, and so on."""
        check_is_fitted(self)
        rows = Asked(self._validated(X, reset=False))
        total, weight = np.zeros((len(rows), len(self.classes_))), 0.0
        for member, vote in zip(self.estimators_, self._votes(), strict=True):
            self._tally(total, [member], rows, [vote])
            weight += vote
            yield self._shares(total, weight)

    def _answer(self, rows: Asked) -> Floats:
        """The joint probabilities of checked rows (n, K): members vote in their order, whatever the threads."""
        votes = self._votes()
        total = np.zeros((len(rows), len(self.classes_)))
        self._tally(total, self.estimators_, rows, votes)
        return self._shares(total, sum(votes))

    def _votes(self) -> list[float]:
        """What every member's vote weighs."""
        return [1.0] * len(self.estimators_)

    def _tally(self, total: Floats, members: list[Any], rows: Asked, votes: list[float]) -> None:
        """Add members' votes (n, K) in place."""
        if all(isinstance(member, DecisionTreeClassifier) for member in members):
            trees = [member.tree_ for member in members]
            weights = np.repeat(votes, [tree.node_count for tree in trees])
            rows.add(trees, self._says(node_shares(members, total.shape[1])) * weights[:, None], total)
            return
        for member, vote in zip(members, votes, strict=True):
            p = self._heard(member, rows)
            total += p if vote == 1 else vote * p

    def _says(self, shares: Floats) -> Floats:
        """How the nodes of trees vote (nodes, K), by their class shares."""
        return shares

    def _heard(self, member: Any, rows: Asked) -> Floats:
        """A member's vote on every row (n, K)."""
        return member_probabilities(member, rows, len(self.classes_))

    def _shares(self, total: Floats, weight: float) -> Floats:
        """Probabilities from the votes of members that weigh `weight` together."""
        return total / weight

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        base = get_tags(self._member()).input_tags
        tags.input_tags.allow_nan = base.allow_nan and not self._interpolates
        tags.input_tags.sparse = base.sparse and not self._interpolates
        return tags

    def _member(self) -> Any:
        """The learner that members are clones of."""
        return BinnedTreeClassifier() if self.estimator is None else self.estimator

    def _validated(self, X: Any, y: Any = None, *, reset: bool = True) -> Any:
        """X (and y), finite unless the members take missing values; float32 once if they are trees."""
        tags = self.__sklearn_tags__().input_tags
        trees = isinstance(self._member(), BaseDecisionTree | BaseForest)
        options: dict[str, Any] = {
            "accept_sparse": "csr" if tags.sparse else False,
            "dtype": np.float32 if trees else "numeric",
            "ensure_all_finite": "allow-nan" if tags.allow_nan else True,
            "reset": reset,
        }
        return validate_data(self, X, **options) if y is None else validate_data(self, X, y, **options)

    def _read(
        self, X: Any, y: Any, sample_weight: ArrayLike | None = None
    ) -> tuple[Any, Ints, Floats | None]:
        """Checked rows of positive weight, class positions and weights; sets `classes_` (two or more)."""
        if y is None:
            raise UsageError(
                f"{type(self).__name__} requires y to be passed, but the target y is None; "
                "pass one label a row"
            )
        X, y = self._validated(X, y)
        check_classification_targets(y)
        weights = self._weights(X, sample_weight)
        if weights is not None and (weights == 0).any():
            X, y, weights = X[weights > 0], y[weights > 0], weights[weights > 0]
        known: Any = getattr(self, "classes_", None)
        self.classes_, codes = np.unique(y, return_inverse=True)
        if self._resumes and not np.array_equal(known, self.classes_):
            raise UsageError(
                f"a warm start came with the labels {self.classes_.tolist()}, but the members know {known}; "
                "set warm_start=False"
            )
        if len(self.classes_) < 2:
            raise TooFewSamples(
                f"the rows hold only one class ({self.classes_[0]!r}); pass rows of at least two classes"
            )
        return X, codes.astype(np.int64), weights

    def _weights(self, X: Any, sample_weight: ArrayLike | None) -> Floats | None:
        if sample_weight is None:
            return None
        if not has_fit_parameter(self._member(), "sample_weight"):
            raise UsageError(
                f"sample_weight came, but {type(self._member()).__name__} takes none; "
                "pass an estimator whose fit accepts sample_weight"
            )
        weights: Floats = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
        return weights

    def _rows(self, X: Any, y: Any, sample_weight: ArrayLike | None) -> Rows:
        """The rows to draw from; equal rows are merged if the members can weigh them."""
        merge = has_fit_parameter(self._member(), "sample_weight")
        return self._binned(Rows.of(*self._read(X, y, sample_weight), merge=merge))

    def _binned(self, rows: Rows) -> Rows:
        """The rows with their codes, if the members train on codes."""
        member = self._member()
        most = member.bins() if hasattr(member, "fit_codes") and not sparse.issparse(rows.X) else None
        return rows if most is None else rows.binned(most)

    @property
    def _resumes(self) -> bool:
        return bool(getattr(self, "warm_start", False)) and hasattr(self, "estimators_")

    def _begin(self, n_members: int, monitor: FitMonitor | None) -> list[tuple[Any, dict[str, Any]]]:
        """Start with no members; those a warm start goes on from come back with their log."""
        kept = list(zip(self.estimators_, self.log_, strict=True)) if self._resumes else []
        if len(kept) > n_members:
            raise UsageError(
                f"n_estimators={n_members} came with warm_start, but there are {len(kept)} members; ask for more"
            )
        self.estimators_, self.log_ = [], []
        if monitor is not None:
            monitor.begin(self)
        return kept

    def _target(self, origin: Floats, default: ArrayLike) -> Floats:
        """Rows of each class a member is to see (K,)."""
        return target_rows(self.target, self.classes_.tolist(), origin, default)

    def _entry(self, drawn: Drawn, **more: Any) -> dict[str, Any]:
        """What the log says of a member's training rows."""
        n_classes = len(self.classes_)
        mass = np.bincount(drawn.y, weights=drawn.weight, minlength=n_classes)
        rows = np.bincount(drawn.y, minlength=n_classes)
        return {"rows": rows.tolist(), "weight": mass.tolist(), **more}

    def _join(
        self, member: Any, entry: dict[str, Any], monitor: FitMonitor | None = None, vote: float = 1.0
    ) -> bool:
        """Take a member in; whether to go on."""
        self.log_.append({**entry, "member": len(self.log_)})
        self.estimators_.append(member)
        return monitor is None or monitor.heard(self, member, vote)

    def _conclude(self, monitor: FitMonitor | None = None) -> None:
        """Drop members past the best point, then take the training prior: every member counts the same."""
        best = None if monitor is None else monitor.end(self)
        self.estimators_, self.log_ = self.estimators_[:best], self.log_[:best]
        shares = np.array([entry["weight"] for entry in self.log_])
        self.training_prior_ = (shares / shares.sum(axis=1, keepdims=True)).mean(axis=0)

    def _seed(self) -> int:
        """One number from `random_state` that all of a fit's randomness is derived from."""
        return int(generator(self.random_state).integers(2**31))


def seeded(estimator: Any, seed: int, *key: object) -> Any:
    """A clone of `estimator`, every `random_state` in it set from the seed and the key: no two members alike."""
    kind: Any = type(estimator)
    if kind in TREES:
        return _copied(estimator, derive(seed, *key, "random_state"))
    if issubclass(kind, Committee) and type(getattr(estimator, "estimator", None)) in TREES:
        member = _copied(estimator, derive(seed, *key, "random_state"))
        member.estimator = _copied(estimator.estimator, derive(seed, *key, "estimator__random_state"))
        return member
    return seeded_clone(estimator, seed, *key, anew=True)


def _copied(estimator: Any, state: int) -> Any:
    """What `clone` gives where there is nothing inside to clone, at a tenth of the time."""
    kind: Any = type(estimator)
    member = kind(**{name: getattr(estimator, name) for name in _options(kind)})
    member.random_state = state % 2**31
    return member


@cache
def _options(kind: Hashable) -> tuple[str, ...]:
    names: Any = kind
    return tuple(names._get_param_names())


def member_probabilities(member: Any, rows: Asked, n_classes: int) -> Floats:
    """A member's probabilities (n, K), with zeros for classes it never saw; rows were checked before."""
    if isinstance(member, DecisionTreeClassifier):
        total = np.zeros((len(rows), n_classes))
        rows.add([member.tree_], node_shares([member], n_classes), total)
        return total
    if getattr(type(member), "predict_proba", None) is Committee.predict_proba:
        return full(member._answer(rows), member.classes_, n_classes)
    return full(member.predict_proba(rows.X), member.classes_, n_classes)


def node_shares(members: list[Any], n_classes: int) -> Floats:
    """The class shares of all nodes of some trees (nodes, K)."""
    return np.concatenate([full(member.tree_.value[:, 0], member.classes_, n_classes) for member in members])


def full(shares: Floats, classes: Any, n_classes: int) -> Floats:
    """Shares of some classes as shares of all: zeros for the others."""
    if shares.shape[1] == n_classes:
        return np.asarray(shares)
    spread = np.zeros((len(shares), n_classes))
    spread[:, classes.astype(np.int64)] = shares
    return spread


def trees_of(members: Iterable[Any]) -> Iterator[Any]:
    """The trees among members, and among the members of these."""
    for member in members:
        if isinstance(member, DecisionTreeClassifier):
            yield member.tree_
        elif isinstance(member, Committee):
            yield from trees_of(getattr(member, "estimators_", ()))


def only_trees(members: Iterable[Any]) -> bool:
    """Whether members, and the members of these, are trees."""
    return all(
        only_trees(member.estimators_)
        if isinstance(member, Committee)
        else isinstance(member, DecisionTreeClassifier)
        for member in members
    )


def in_parts(n: int, n_jobs: int | None) -> list[slice]:
    """`n` rows in parts that fit a core's cache, and enough of them for all threads."""
    threads = 1 if n_jobs is None else count_threads(n_jobs)
    size = min(PART, -(-n // threads))
    return [slice(start, min(start + size, n)) for start in range(0, n, size)]


def on_threads(one: Callable[[Any], Floats], parts: list[Any], n_jobs: int | None) -> list[Floats]:
    """`one` of every part."""
    if len(parts) == 1 or n_jobs in {None, 1}:
        return [one(part) for part in parts]
    answers: list[Floats] = Parallel(n_jobs=n_jobs, prefer="threads")(delayed(one)(part) for part in parts)
    return answers
