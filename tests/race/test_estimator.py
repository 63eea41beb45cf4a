from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import sklearn
from scipy import sparse
from sklearn.base import clone
from sklearn.metrics import make_scorer, roc_auc_score
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from steelyard import ImbalanceClassifier
from worlds import logistic_world, three_classes

TINY = ImbalanceClassifier(learners=("logistic",), remedies=(), folds=2, max_fits=2)


ACROSS_FOLDS = (
    "folds are dealt by row, so a row of weight two is not the row twice; CalibratedClassifierCV says so too"
)
EXPECTED = {
    "check_sample_weight_equivalence_on_dense_data": ACROSS_FOLDS,
    "check_sample_weight_equivalence_on_sparse_data": ACROSS_FOLDS,
}


# The suite wants `predict` to be the most probable class, which is what accuracy as the goal leads to.
BY_ACCURACY = ImbalanceClassifier(metric="accuracy", learners=("logistic",), remedies=(), folds=2, max_fits=2)


@parametrize_with_checks([BY_ACCURACY], expected_failed_checks=lambda _: EXPECTED)
def test_scikit_learns_conformance_suite(estimator, check) -> None:
    check(estimator)


def _data():
    frame = logistic_world(400, prevalence=0.2).frame
    return frame.drop(columns="y"), frame["y"]


def test_it_takes_pandas_polars_arrays_and_sparse() -> None:
    pl = pytest.importorskip("polars")
    X, y = _data()
    numbers = X[["x0", "noise"]]
    answers = [
        clone(TINY).fit(given, y).predict_proba(given)
        for given in (
            numbers,
            pl.from_pandas(numbers),
            numbers.to_numpy(),
            sparse.csr_matrix(numbers.to_numpy()),
        )
    ]
    for other in answers[1:]:
        assert np.allclose(answers[0], other, atol=1e-4)


def test_text_and_missing_cells_pass() -> None:
    X, y = _data()
    X = X.assign(x0=X.x0.where(X.x0 > -1.5))
    model = clone(TINY).fit(X, y)
    assert model.predict(X).shape == (len(X),)
    assert list(model.feature_names_in_) == list(X.columns)


def test_labels_keep_their_type_and_order() -> None:
    frame = three_classes(600)
    model = ImbalanceClassifier(
        metric="balanced_accuracy", learners=("logistic",), remedies=(), folds=2, max_fits=2
    )
    model.fit(frame.drop(columns="y"), frame["y"])
    assert model.classes_.tolist() == ["common", "rare", "rarest"]
    p = model.predict_proba(frame.drop(columns="y"))
    share = frame["y"].value_counts(normalize=True)[model.classes_].to_numpy()
    assert np.allclose(p.mean(axis=0), share, atol=0.03)


def test_the_rare_label_may_come_first() -> None:
    X, y = _data()
    model = clone(TINY).fit(X, np.where(y == 1, "a", "b"))
    p = model.predict_proba(X)
    assert abs(p[:, 0].mean() - y.mean()) < 0.05
    agree = (model.predict(X) == np.where(y == 1, "a", "b")).mean()
    assert agree > 0.7


def test_metadata_routing_carries_weights_and_groups() -> None:
    X, y = _data()
    with sklearn.config_context(enable_metadata_routing=True):
        model = clone(TINY).set_fit_request(sample_weight=True, groups=True)
        scores = cross_val_score(
            model,
            X,
            y,
            cv=3,
            scoring=make_scorer(roc_auc_score, response_method="predict_proba").set_score_request(
                sample_weight=False
            ),
            params={"sample_weight": np.ones(len(y)), "groups": np.arange(len(y)) // 4},
        )
    assert scores.mean() > 0.75


def test_a_prevalence_can_be_set() -> None:
    X, y = _data()
    model = clone(TINY).fit(X, y)
    before = model.predict_proba(X)[:, 1].mean()
    assert model.set_prevalence(0.01).predict_proba(X)[:, 1].mean() < before / 3


def test_the_same_seed_gives_the_same_bytes() -> None:
    X, y = _data()
    one, two = clone(TINY).fit(X, y), clone(TINY).fit(X, y)
    assert np.array_equal(one.predict_proba(X), two.predict_proba(X))
    assert isinstance(pd.DataFrame(one.predict_proba(X)), pd.DataFrame)


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_it_takes_what_set_output_makes(kind) -> None:
    """In a pipeline whose transformers give frames, the names arrive and the answer is that of arrays."""
    pytest.importorskip(kind)
    X, y = _data()
    numbers = X[["x0", "noise"]]
    plain = make_pipeline(StandardScaler(), clone(TINY)).fit(numbers, y)
    framed = make_pipeline(StandardScaler(), clone(TINY)).set_output(transform=kind).fit(numbers, y)
    assert list(framed[-1].feature_names_in_) == ["x0", "noise"]
    assert np.allclose(framed.predict_proba(numbers), plain.predict_proba(numbers), atol=1e-4)
