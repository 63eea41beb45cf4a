"""What holds for every ensemble of this folder."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from steelyard.core import TooFewSamples, UsageError
from steelyard.ensemble import (
    BalanceCascadeClassifier,
    BalancedRandomForestClassifier,
    BinnedTreeClassifier,
    CompatibleAdaBoostClassifier,
    EasyEnsembleClassifier,
    FoldAveragingClassifier,
    HistogramTreeClassifier,
    OverBaggingClassifier,
    SelfPacedEnsembleClassifier,
    UnderBaggingClassifier,
)
from steelyard.ensemble.committee import seeded
from steelyard.weights.wrapping import seeded_clone

BALANCED = [
    SelfPacedEnsembleClassifier(n_estimators=5, random_state=0),
    EasyEnsembleClassifier(n_estimators=3, random_state=0),
    BalancedRandomForestClassifier(n_estimators=5, random_state=0),
    BalanceCascadeClassifier(n_estimators=4, random_state=0),
    UnderBaggingClassifier(n_estimators=3, random_state=0),
    OverBaggingClassifier(n_estimators=3, random_state=0),
]
ALL = [*BALANCED, FoldAveragingClassifier(n_folds=3, random_state=0)]
WRAPPING = [model for model in ALL if "estimator" in model.get_params()]


def data(n_classes: int = 2, n: int = 600) -> tuple[Any, Any]:
    weights = [0.9, 0.1] if n_classes == 2 else [0.8, 0.15, 0.05]
    X, y = make_classification(
        n, n_features=6, n_informative=4, n_classes=n_classes, weights=weights, flip_y=0, random_state=0
    )
    return X, np.array(["a", "b", "c"])[y]


@pytest.mark.parametrize("model", ALL, ids=lambda m: type(m).__name__)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_threads_pickling_and_refits_change_nothing(model: Any, n_classes: int) -> None:
    X, y = data(n_classes)
    one = clone(model).fit(X, y)
    two = clone(model).set_params(n_jobs=2).fit(X, y)
    p = one.predict_proba(X)
    assert p.shape == (len(y), n_classes)
    assert p.sum(axis=1) == pytest.approx(1)
    assert (two.predict_proba(X) == p).all()
    assert (pickle.loads(pickle.dumps(one)).predict_proba(X) == p).all()
    assert (clone(model).set_params(random_state=1).fit(X, y).predict_proba(X) != p).any()


@pytest.mark.parametrize("model", BALANCED, ids=lambda m: type(m).__name__)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_members_were_trained_on_equal_classes(model: Any, n_classes: int) -> None:
    fitted = clone(model).fit(*data(n_classes))
    assert fitted.training_prior_ == pytest.approx(np.full(n_classes, 1 / n_classes))


@pytest.mark.parametrize("model", ALL, ids=lambda m: type(m).__name__)
def test_a_learned_rule_beats_chance(model: Any) -> None:
    X, y = data(n=2000)
    fitted = clone(model).fit(X[:1000], y[:1000])
    recall = [np.mean(fitted.predict(X[1000:][y[1000:] == label]) == label) for label in "ab"]
    assert np.mean(recall) > 0.65


@pytest.mark.parametrize("model", ALL, ids=lambda m: type(m).__name__)
def test_missing_values_pass_through_trees(model: Any) -> None:
    if isinstance(model, EasyEnsembleClassifier):
        model = clone(model).set_params(estimator=DecisionTreeClassifier())
    X, y = data()
    X[::7, 2] = np.nan
    assert clone(model).fit(X, y).predict(X).shape == y.shape


@pytest.mark.parametrize("model", WRAPPING, ids=lambda m: type(m).__name__)
def test_members_that_take_no_weights_work_without_weights_only(model: Any) -> None:
    X, y = data()
    X = np.r_[X, X[:50]]
    y = np.r_[y, y[:50]]
    for base in (KNeighborsClassifier(), make_pipeline(StandardScaler(), LogisticRegression())):
        wrapped = clone(model).set_params(estimator=base)
        assert wrapped.fit(X, y).predict_proba(X).shape == (650, 2)
        with pytest.raises(UsageError, match="takes none"):
            wrapped.fit(X, y, sample_weight=np.ones(650))


@pytest.mark.parametrize("model", ALL, ids=lambda m: type(m).__name__)
def test_bad_input_is_named(model: Any) -> None:
    X, y = data()
    with pytest.raises(TooFewSamples, match="only one class"):
        clone(model).fit(X, np.full(len(y), "a"))
    size = "n_folds" if "n_folds" in model.get_params() else "n_estimators"
    for bad in (0, 2.5, True):
        with pytest.raises(UsageError, match=size):
            clone(model).set_params(**{size: bad}).fit(X, y)


@pytest.mark.parametrize("model", ALL, ids=lambda m: type(m).__name__)
def test_the_scale_of_weights_does_not_matter(model: Any) -> None:
    X, y = data()
    weights = np.random.default_rng(0).integers(1, 4, len(y)).astype(float)
    small = clone(model).fit(X, y, sample_weight=weights / 1024).predict_proba(X)
    assert clone(model).fit(X, y, sample_weight=weights).predict_proba(X) == pytest.approx(small)


@pytest.mark.parametrize(
    "model",
    [
        BinnedTreeClassifier(max_depth=3, criterion="entropy"),
        HistogramTreeClassifier(max_depth=3, random_state=5),
        CompatibleAdaBoostClassifier(estimator=BinnedTreeClassifier(max_depth=3), learning_rate=0.5),
        UnderBaggingClassifier(estimator=HistogramTreeClassifier(), target=20, random_state=7),
        EasyEnsembleClassifier(n_estimators=2),
    ],
    ids=lambda model: type(model).__name__,
)
def test_a_member_is_what_a_seeded_clone_is(model: Any) -> None:
    X, y = data()
    model = clone(model).fit(X, y)
    ours, theirs = seeded(model, 3, "member", 1), seeded_clone(model, 3, "member", 1, anew=True)
    options, wanted = ours.get_params(), theirs.get_params()
    assert list(options) == list(wanted)
    assert [repr(value) for value in options.values()] == [repr(value) for value in wanted.values()]
    assert vars(ours).keys() == vars(theirs).keys()
    for name in ("estimator", "tree_", "estimators_"):
        inner = getattr(model, name, None)
        assert inner is None or getattr(ours, name, None) is not inner
