"""The pipeline with samplers: scikit-learn's behaviour, and arrays that follow the rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
import sklearn
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin, clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import get_scorer
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_predict, cross_validate
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline as TheirPipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from steelyard.core import LeakError, UsageError
from steelyard.data import TrainOnly
from steelyard.resample import (
    SMOTE,
    EditedNearestNeighbours,
    Pipeline,
    RandomOverSampler,
    RandomUnderSampler,
    make_pipeline,
)


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], [90, 20])
    return rng.normal(size=(110, 3)) + y[:, None], y


class Recorder(ClassifierMixin, BaseEstimator):
    """Remembers what it was fitted on and asked."""

    def fit(self, X, y, sample_weight=None, groups=None):
        self.seen_ = {"X": X, "y": y, "sample_weight": sample_weight, "groups": groups}
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        self.asked_ = X
        return np.full(len(X), self.classes_[0])


CHECKED = [
    make_pipeline(StandardScaler(), LogisticRegression()),
    make_pipeline(StandardScaler(), RandomUnderSampler(random_state=0), LogisticRegression()),
    make_pipeline(SMOTE(random_state=0), LogisticRegression()),
]
IN_PLACE = "steps are fitted in place, as in scikit-learn's own Pipeline"
WITH_A_SAMPLER = {
    "check_sample_weight_equivalence_on_dense_data": "a sampler counts rows, so a row of weight two is not two rows",
    "check_sample_weight_equivalence_on_sparse_data": "likewise",
    "check_supervised_y_2d": "samplers take labels in one column without a warning",
}


def expected_to_fail(pipeline):
    known = dict.fromkeys(("check_estimators_overwrite_params", "check_dont_overwrite_parameters"), IN_PLACE)
    sampling = any(hasattr(step, "fit_resample") for _, step in pipeline.steps)
    return known | (WITH_A_SAMPLER if sampling else {})


@parametrize_with_checks(CHECKED, expected_failed_checks=expected_to_fail)
def test_scikit_learn_conventions(estimator, check):
    check(estimator)


class TestFitting:
    def test_the_last_step_sees_what_the_steps_by_hand_give(self, table):
        X, y = table
        pipeline = make_pipeline(StandardScaler(), SMOTE(random_state=1), Recorder()).fit(X, y)
        scaled = StandardScaler().fit_transform(X)
        rows, labels = SMOTE(random_state=1).fit_resample(scaled, y)
        np.testing.assert_array_equal(pipeline[-1].seen_["X"], rows)
        np.testing.assert_array_equal(pipeline[-1].seen_["y"], labels)
        assert pipeline.prior_.counts.tolist() == [90, 90]

    def test_rows_to_be_predicted_are_transformed_and_never_resampled(self, table):
        X, y = table
        pipeline = make_pipeline(StandardScaler(), RandomUnderSampler(random_state=0), Recorder()).fit(X, y)
        assert len(pipeline.predict(X)) == len(X)
        np.testing.assert_array_equal(pipeline[-1].asked_, StandardScaler().fit_transform(X))
        pipeline.score(X, y)

    def test_folds_of_a_cross_validation_hold_real_rows_only(self, table):
        X, y = table
        shown = []

        class Watcher(Recorder):
            def predict(self, X):
                shown.append(X)
                return super().predict(X)

        folds = StratifiedKFold(5)
        cross_val_predict(make_pipeline(SMOTE(random_state=0), Watcher()), X, y, cv=folds)
        np.testing.assert_array_equal(
            np.concatenate(shown), X[np.concatenate([test for _, test in folds.split(X, y)])]
        )

    def test_the_same_as_imbalanced_learns(self, table):
        theirs = pytest.importorskip("imblearn.pipeline")
        X, y = table
        steps = [
            StandardScaler(),
            SMOTE(random_state=0),
            PCA(2),
            EditedNearestNeighbours(),
            LogisticRegression(),
        ]
        mine = make_pipeline(*map(clone, steps)).fit(X, y).predict_proba(X)
        other = theirs.make_pipeline(*map(clone, steps)).fit(X, y).predict_proba(X)
        np.testing.assert_allclose(mine, other)

    def test_imbalanced_learns_samplers_may_stand_in_it(self, table):
        theirs = pytest.importorskip("imblearn.under_sampling").RandomUnderSampler
        X, y = table
        pipeline = make_pipeline(theirs(random_state=0), Recorder())
        pipeline.fit(X, y, sample_weight=np.arange(110.0), groups=np.arange(110))
        kept = pipeline[0].sample_indices_
        np.testing.assert_array_equal(pipeline[-1].seen_["sample_weight"], kept)
        np.testing.assert_array_equal(pipeline[-1].seen_["groups"], kept)

    def test_samplers_without_an_account_cannot_carry_weights(self, table):
        theirs = pytest.importorskip("imblearn.over_sampling").SMOTE
        X, y = table
        make_pipeline(theirs(), Recorder()).fit(X, y)
        with pytest.raises(UsageError, match="does not say where its rows come from"):
            make_pipeline(theirs(), Recorder()).fit(X, y, sample_weight=np.ones(110))


class TestArraysFollow:
    def test_weights_and_groups_through_two_samplers(self, table):
        X, y = table
        weight, groups = np.random.default_rng(1).uniform(1, 2, 110), np.arange(110) // 5
        steps = [SMOTE(random_state=0), EditedNearestNeighbours(), Recorder()]
        seen = make_pipeline(*steps).fit(X, y, sample_weight=weight, groups=groups)[-1].seen_
        first = SMOTE(random_state=0).resample(X, y, sample_weight=weight, groups=groups)
        then = EditedNearestNeighbours().resample(
            first.X, first.y, sample_weight=first.sample_weight, groups=first.groups
        )
        np.testing.assert_allclose(seen["sample_weight"], then.sample_weight)
        np.testing.assert_array_equal(seen["groups"], then.groups)

    def test_arguments_of_a_step_follow_too(self, table):
        X, y = table
        pipeline = make_pipeline(RandomUnderSampler(random_state=0), Recorder())
        pipeline.fit(X, y, recorder__sample_weight=np.arange(110.0), recorder__groups=list(range(110)))
        kept = pipeline[0].sample_indices_
        np.testing.assert_array_equal(pipeline[-1].seen_["sample_weight"], kept)
        assert pipeline[-1].seen_["groups"] == kept.tolist()

    def test_transformers_are_weighted_as_well(self, table):
        X, y = table
        weight = np.where(y == 1, 5.0, 1.0)
        pipeline = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y, sample_weight=weight)
        np.testing.assert_allclose(pipeline[0].mean_, np.average(X, axis=0, weights=weight))

    def test_weights_the_last_step_cannot_take_are_refused(self, table):
        X, y = table
        with pytest.raises(UsageError, match="KNeighborsClassifier takes none"):
            make_pipeline(RandomUnderSampler(), KNeighborsClassifier()).fit(X, y, sample_weight=np.ones(110))

    def test_calibration_and_grid_search_pass_weights_on(self, table):
        X, y = table
        pipeline = make_pipeline(StandardScaler(), RandomOverSampler(random_state=0), LogisticRegression())
        weight = np.linspace(1, 3, 110)
        CalibratedClassifierCV(pipeline, cv=3).fit(X, y, sample_weight=weight)
        search = GridSearchCV(pipeline, {"logisticregression__C": [0.1, 1]}, cv=3).fit(
            X, y, sample_weight=weight
        )
        assert len(search.predict(X)) == 110


class TestRouting:
    @pytest.fixture(autouse=True)
    def enabled(self):
        with sklearn.config_context(enable_metadata_routing=True):
            yield

    def test_steps_get_what_they_request_and_arrays_follow(self, table):
        X, y = table
        model = Recorder().set_fit_request(sample_weight=True, groups=False)
        scaler = StandardScaler().set_fit_request(sample_weight=False)
        pipeline = make_pipeline(scaler, SMOTE(random_state=0), model)
        weight = np.linspace(1, 2, 110)
        pipeline.fit(X, y, sample_weight=weight, groups=np.arange(110))
        expected = SMOTE(random_state=0).resample(StandardScaler().fit_transform(X), y, sample_weight=weight)
        np.testing.assert_allclose(pipeline[-1].seen_["sample_weight"], expected.sample_weight)
        assert pipeline[-1].seen_["groups"] is None
        assert len(pipeline[1].groups_) == 180

    def test_an_unstated_request_is_an_error(self, table):
        X, y = table
        pipeline = make_pipeline(RandomUnderSampler(), LogisticRegression())
        with pytest.raises(ValueError, match="sample_weight"):
            pipeline.fit(X, y, sample_weight=np.ones(110))

    def test_cross_validation_splits_the_weights(self, table):
        X, y = table
        model = LogisticRegression().set_fit_request(sample_weight=True)
        judge = get_scorer("roc_auc").set_score_request(sample_weight=True)
        pipeline = make_pipeline(RandomUnderSampler(random_state=0), model)
        found = cross_validate(
            pipeline, X, y, cv=3, scoring=judge, params={"sample_weight": np.linspace(1, 2, 110)}
        )
        assert np.isfinite(found["test_score"]).all()


CALLS = []


def counted(X):
    CALLS.append(len(X))
    return X


class TestBehavesAsAPipeline:
    def test_it_is_one(self, table):
        X, y = table
        pipeline = Pipeline(
            [("scale", StandardScaler()), ("more", SMOTE(random_state=0)), ("model", Recorder())]
        )
        assert isinstance(pipeline, TheirPipeline)
        again = clone(pipeline).set_params(more__k_neighbors=3, scale="passthrough")
        again.fit(X, y)
        np.testing.assert_array_equal(again["model"].seen_["X"][:110], X)
        assert again.named_steps.more.k_neighbors == 3
        assert pipeline.fit(X, y).n_features_in_ == 3
        np.testing.assert_array_equal(again.classes_, [0, 1])

    def test_slices_transform_without_sampling(self, table):
        X, y = table
        pipeline = make_pipeline(StandardScaler(), SMOTE(random_state=0), Recorder()).fit(X, y)
        np.testing.assert_array_equal(pipeline[:-1].transform(X), StandardScaler().fit_transform(X))
        assert list(pipeline[:-1].get_feature_names_out(["a", "b", "c"])) == ["a", "b", "c"]

    def test_fit_transform_keeps_the_rows_that_came_in(self, table):
        X, y = table
        pipeline = make_pipeline(SMOTE(random_state=0), StandardScaler())
        found = pipeline.fit_transform(X, y)
        np.testing.assert_array_equal(found, pipeline.transform(X))
        assert found.shape == X.shape
        nested = make_pipeline(clone(pipeline), LogisticRegression()).fit(X, y)
        assert len(nested.predict(X)) == 110

    def test_a_pipeline_that_ends_with_a_sampler_is_one(self, table):
        X, y = table
        inner = make_pipeline(StandardScaler(), SMOTE(random_state=0))
        rows, labels = inner.fit_resample(X, y)
        assert np.bincount(labels).tolist() == [90, 90]
        np.testing.assert_allclose(rows[:110].mean(axis=0), 0, atol=1e-12)
        assert not hasattr(make_pipeline(SMOTE(), Recorder()), "fit_resample")

    def test_set_output_frames_and_mixed_columns(self, table):
        X, y = table
        frame = pd.DataFrame(X, columns=list("abc")).assign(kind=np.where(y == 1, "u", "v"))
        columns = ColumnTransformer(
            [("hot", OneHotEncoder(sparse_output=False), ["kind"]), ("rest", StandardScaler(), list("abc"))]
        )
        pipeline = make_pipeline(RandomUnderSampler(random_state=0), columns, Recorder()).set_output(
            transform="pandas"
        )
        pipeline.fit(frame, y)
        assert list(pipeline[-1].seen_["X"].columns)[:2] == ["hot__kind_u", "hot__kind_v"]
        assert len(pipeline[-1].seen_["X"]) == 40
        small = make_pipeline(RandomUnderSampler(random_state=0), Recorder()).fit(pl.DataFrame(X), y)
        assert isinstance(small[-1].seen_["X"], pl.DataFrame)

    def test_memory_keeps_fits(self, table, tmp_path):
        X, y = table
        CALLS.clear()
        pipeline = make_pipeline(
            FunctionTransformer(counted), SMOTE(random_state=0), Recorder(), memory=str(tmp_path)
        )
        first = pipeline.fit(X, y)[-1].seen_["X"]
        again = clone(pipeline).fit(X, y)
        np.testing.assert_array_equal(again[-1].seen_["X"], first)
        assert len(CALLS) == 1
        assert again.prior_.counts.tolist() == [90, 90]

    def test_clusters_and_passthrough_at_the_end(self, table):
        X, y = table
        found = make_pipeline(
            RandomUnderSampler(random_state=0), KMeans(2, n_init=1, random_state=0)
        ).fit_predict(X, y)
        assert len(found) == 110
        np.testing.assert_array_equal(make_pipeline(SMOTE(), "passthrough").fit(X, y).transform(X), X)

    def test_verbose_names_the_steps(self, table, capsys):
        X, y = table
        make_pipeline(StandardScaler(), SMOTE(), LogisticRegression(), verbose=True).fit(X, y)
        assert capsys.readouterr().out.count("Processing") == 3

    def test_train_only_guards_the_whole(self, table):
        X, y = table
        guarded = TrainOnly(make_pipeline(SMOTE(random_state=0), Recorder()), evaluation=[0, 1])
        guarded.fit(X[2:], y[2:], rows=np.arange(2, 110))
        with pytest.raises(LeakError):
            guarded.fit(X, y, rows=np.arange(110))


class Both(TransformerMixin, SMOTE):
    def transform(self, X):
        return X


class TestRefusals:
    @pytest.mark.parametrize(
        ("steps", "words"),
        [
            ([], "empty"),
            ([KNeighborsClassifier(), LogisticRegression()], "expected a transformer, a sampler"),
            ([Both(), LogisticRegression()], "not both"),
            ([SMOTE, LogisticRegression()], "expected a transformer"),
            ([SMOTE(), LogisticRegression], "last step"),
        ],
    )
    def test_steps_that_do_not_fit(self, table, steps, words):
        with pytest.raises(UsageError, match=words):
            Pipeline([(f"step{i}", step) for i, step in enumerate(steps)]).fit(*table)

    def test_names_that_are_no_step(self, table):
        with pytest.raises(UsageError, match="'colour', which names no step"):
            make_pipeline(SMOTE(), LogisticRegression()).fit(*table, colour="red")
