from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from steelyard.core import UsageError
from steelyard.decide import PriorCorrection
from steelyard.ensemble import (
    PriorAwareStackingClassifier,
    SoftVotingClassifier,
    UnderBaggingClassifier,
    fit_witnessed,
    last_step,
)

X, Y = make_classification(1200, n_features=6, n_informative=4, weights=[0.9], flip_y=0.02, random_state=0)
PLAIN: Any = [("linear", make_pipeline(StandardScaler(), LogisticRegression())), ("bayes", GaussianNB())]
BOTH: Any = [("under", UnderBaggingClassifier(n_estimators=10)), ("linear", LogisticRegression())]


def test_members_on_natural_rows_vote_as_scikit_learn_has_it() -> None:
    ours = SoftVotingClassifier(estimators=PLAIN, weights=[2, 1]).fit(X, Y)
    theirs = VotingClassifier(PLAIN, voting="soft", weights=[2, 1]).fit(X, Y)
    assert ours.predict_proba(X) == pytest.approx(theirs.predict_proba(X), abs=1e-12)


def test_a_balanced_member_is_brought_to_the_natural_prior_before_it_votes() -> None:
    model = SoftVotingClassifier(estimators=BOTH, random_state=0).fit(X, Y)
    natural = np.bincount(Y) / len(Y)
    assert model.member_priors_[0].tolist() == [0.5, 0.5]
    assert model.training_prior_ == pytest.approx(natural)
    under, linear = model.estimators_
    by_hand = (PriorCorrection([0.5, 0.5], natural)(under.predict_proba(X)) + linear.predict_proba(X)) / 2
    assert model.predict_proba(X) == pytest.approx(by_hand, abs=1e-12)
    raw = VotingClassifier(BOTH, voting="soft").fit(X, Y).predict_proba(X)[:, 1].mean()
    assert abs(model.predict_proba(X)[:, 1].mean() - natural[1]) < abs(raw - natural[1])


def test_a_sampler_in_a_pipeline_is_seen() -> None:
    imblearn = pytest.importorskip("imblearn.pipeline")
    sampler = pytest.importorskip("imblearn.over_sampling").SMOTE()
    model = SoftVotingClassifier(estimators=[("smote", imblearn.make_pipeline(sampler, GaussianNB()))]).fit(
        X, Y
    )
    assert model.member_priors_[0].tolist() == [0.5, 0.5]
    assert last_step(model.estimators_[0]).__class__ is GaussianNB
    assert "fit" not in vars(last_step(model.estimators_[0]))


def test_stacking_joins_out_of_fold_answers() -> None:
    train, test = slice(0, 600), slice(600, 1200)
    model = PriorAwareStackingClassifier(estimators=BOTH, random_state=0).fit(X[train], Y[train])
    assert model.training_prior_ == pytest.approx(np.bincount(Y[train]) / 600)
    p = model.predict_proba(X[test])[:, 1]
    assert abs(p.mean() - Y[test].mean()) < 0.04
    assert p[Y[test] == 1].mean() > 3 * p[Y[test] == 0].mean()


class Memory(GaussianNB):
    """Knows the rows it was trained on by heart; out of fold it knows nothing."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        self.seen_ = {row.tobytes(): label for row, label in zip(X, y, strict=True)}
        return super().fit(X, y, sample_weight)

    def predict_proba(self, X: Any) -> Any:
        known = np.array([self.seen_.get(row.tobytes(), 0.5) for row in X], dtype=float)
        return np.c_[1 - known, known]


def test_what_a_member_knows_by_heart_does_not_count() -> None:
    noise = np.random.default_rng(0).normal(size=(400, 2))
    labels = np.random.default_rng(1).integers(0, 2, 400)
    model = PriorAwareStackingClassifier(estimators=[("memory", Memory())]).fit(noise, labels)
    assert np.abs(model.final_estimator_.coef_).max() < 0.05


def test_groups_stay_on_one_side_of_every_fold() -> None:
    copies, labels, groups = (
        np.repeat(X[:300], 2, axis=0),
        np.repeat(Y[:300], 2),
        np.repeat(np.arange(300), 2),
    )
    alone = np.arange(600)  # every copy a group of its own
    leaky = PriorAwareStackingClassifier(estimators=[("memory", Memory())]).fit(copies, labels, groups=alone)
    sound = PriorAwareStackingClassifier(estimators=[("memory", Memory())]).fit(copies, labels, groups=groups)
    assert np.abs(leaky.final_estimator_.coef_).max() > 0.5
    assert np.abs(sound.final_estimator_.coef_).max() < 0.05


def test_counts_are_used_where_no_rows_are_seen() -> None:
    class Silent(GaussianNB):
        fit = property(lambda self: lambda X, y: self, lambda self, value: None)

    assert (
        fit_witnessed(GaussianNB(), X, Y, np.array([1.0, 1.0])).tolist() == (np.bincount(Y) / len(Y)).tolist()
    )
    assert fit_witnessed(Silent(), X, Y, np.array([3.0, 1.0])).tolist() == [0.75, 0.25]


def test_what_does_not_fit_is_named() -> None:
    for bad in ([], [("a", GaussianNB()), ("a", GaussianNB())], [("a", StandardScaler())], ["a"]):
        with pytest.raises(UsageError, match="estimator"):
            SoftVotingClassifier(estimators=bad).fit(X, Y)
    for bad_weights in ([1], [-1, 1], [0, 0]):
        with pytest.raises(UsageError, match="weights"):
            SoftVotingClassifier(estimators=BOTH, weights=bad_weights).fit(X, Y)
    with pytest.raises(UsageError, match="n_folds"):
        PriorAwareStackingClassifier(n_folds=1).fit(X, Y)
    with pytest.raises(UsageError, match="takes none"):
        SoftVotingClassifier(estimators=PLAIN).fit(X, Y, np.ones(len(Y)))
