"""Samplers that imbalanced-learn lacks, against values by hand, formulas and independent libraries."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import sparse, stats
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression

from steelyard.core import DataError, UsageError
from steelyard.resample import (
    MGSGRF,
    ROSE,
    BalanceCascadeUnderSampler,
    GeometricSMOTE,
    PolynomFitSMOTE,
    ProWSyn,
    RandomOverSampler,
    SafeLevelSMOTE,
    SelfPacedUnderSampler,
)
from steelyard.resample.geometric_smote import _in_ball, _placed
from steelyard.resample.polynom_fit_smote import _pair
from steelyard.resample.safe_level_smote import _bounds


def cloud(n_many=200, n_rare=40, d=3, seed=0):
    rng = np.random.default_rng(seed)
    y = np.repeat([0, 1], [n_many, n_rare])
    return rng.normal(size=(len(y), d)) + 1.2 * y[:, None], y


def asking(n, **classes):
    return {"sampling_strategy": lambda y: {1: int((y == 1).sum()) + n}, **classes}


class TestPolynomFit:
    corners = np.array([[0.0, 0], [2, 0], [0, 2], [2, 2]])
    X = np.concatenate([np.full((20, 2), 9.0), corners])
    y = np.repeat([0, 1], [20, 4])

    def rows(self, n, **options):
        sampler = PolynomFitSMOTE(**asking(n), **options)
        made = sampler.fit_resample(self.X, self.y)[0][24:]
        return sorted(map(tuple, made.round(6).tolist())), sampler

    def test_a_star_by_hand(self):
        assert self.rows(4)[0] == [(0.5, 0.5), (0.5, 1.5), (1.5, 0.5), (1.5, 1.5)]
        thirds = sorted((x, z) for a in (1 / 3, 2 / 3) for x in (a, 2 - a) for z in (a, 2 - a))
        np.testing.assert_allclose(self.rows(8)[0], thirds, atol=1e-6)

    def test_a_bus_by_hand(self):
        assert self.rows(3, topology="bus")[0] == [(1, 0), (1, 1), (1, 2)]

    def test_a_mesh_by_hand(self):
        assert self.rows(6, topology="mesh")[0] == [(0, 1), (1, 0), (1, 1), (1, 1), (1, 2), (2, 1)]

    def test_too_many_points_are_thinned_at_random(self):
        some = self.rows(5, random_state=0)[0]
        everything = self.rows(8)[0]
        assert len(set(some)) == 5
        assert all(np.isclose(everything, row).all(axis=1).any() for row in some)
        assert some != self.rows(5, random_state=1)[0]

    def test_pairs_are_counted_without_a_gap(self):
        i, j = _pair(np.arange(50 * 49 // 2))
        assert set(zip(i.tolist(), j.tolist(), strict=True)) == {(a, b) for b in range(50) for a in range(b)}
        big = 3_000_000
        last = np.array([big * (big - 1) // 2 - 1, (big - 1) * (big - 2) // 2])
        assert [part.tolist() for part in _pair(last)] == [[big - 2, 0], [big - 1, big - 1]]

    @pytest.mark.parametrize("degree", [1, 2, 3])
    def test_a_curve_is_the_fit_of_numpy(self, degree):
        X, y = cloud(d=2)
        sampler = PolynomFitSMOTE(topology="polynomial", degree=degree, random_state=0)
        made = sampler.fit_resample(X, y)[0][240:]
        members = X[200:][np.argsort(X[200:].mean(axis=1))]
        rank = np.empty(40)
        rank[np.argsort(X[200:].mean(axis=1))] = np.arange(40)
        at = sampler.parents_[np.arange(240, 400)][:, 200:] @ rank  # a place is the mean rank of the parents
        for column in range(2):
            fitted = np.polyfit(np.arange(40), members[:, column], degree)
            np.testing.assert_allclose(made[:, column], np.polyval(fitted, at), rtol=1e-8)
        assert stats.kstest(at / 39, "uniform").pvalue > 0.01

    def test_two_rows_and_high_degrees(self):
        X, y = np.array([[0.0], [1], [2], [5], [7]]), [0, 0, 0, 1, 1]
        sampler = PolynomFitSMOTE(topology="polynomial", degree=4, random_state=0)
        made = sampler.fit_resample(X, y)[0][5:]
        assert ((made >= 5) & (made <= 7)).all()
        assert "degree 1" in sampler.notices_[0]


class TestProWSyn:
    def test_levels_by_brute_force(self):
        X, y = cloud(100, 60)
        sampler = ProWSyn(random_state=0, n_neighbors=2, n_levels=2)
        sampler.fit_resample(X, y)
        left, expected = list(range(100, 160)), []
        for _ in range(2):
            away = ((X[:100, None] - X[left][None]) ** 2).sum(axis=2)
            marked = {left[j] for j in np.argsort(away, axis=1)[:, :2].ravel()}
            expected.append(sorted(marked))
            left = [row for row in left if row not in marked]
        assert sampler.levels_ == {1: [*expected, left]}
        assert left

    def test_rows_lie_within_a_level_and_levels_get_their_share(self):
        X, y = cloud(100, 60)
        sampler = ProWSyn(**asking(20_000), random_state=0, n_neighbors=2, n_levels=2, theta=0.7)
        sampler.fit_resample(X, y)
        sets = sampler.levels_[1]
        assert len(sets) == 3
        home = np.full(160, -1)
        for number, rows in enumerate(sets):
            home[rows] = number
        made = sampler.parents_[np.arange(160, len(sampler.origin_))]
        ends = home[made.indices].reshape(-1, 2)
        assert (ends[:, 0] == ends[:, 1]).all()
        weight = np.exp(-0.7 * np.array([0, 1, 1]))
        assert stats.chisquare(np.bincount(ends[:, 0]), 20_000 * weight / weight.sum()).pvalue > 0.01
        pairs = made.indices.reshape(-1, 2)
        assert (pairs[:, 0] != pairs[:, 1]).all()
        assert stats.kstest(made.data[::2], "uniform").pvalue > 0.01

    def test_labels_that_are_words(self):
        X, y = cloud()
        sampler = ProWSyn(random_state=0)
        sampler.fit_resample(X, np.array(["fine", "rare"])[y])
        assert list(sampler.levels_) == ["rare"]


class TestSafeLevel:
    @pytest.mark.parametrize(
        ("safe_p", "safe_n", "low", "high"),
        [(2, 0, 0, 0), (3, 3, 0, 1), (4, 1, 0, 0.25), (1, 4, 0.75, 1), (0, 2, 1, 1)],
    )
    def test_the_cases_of_the_paper(self, safe_p, safe_n, low, high):
        found = _bounds(np.array([safe_p]), np.array([safe_n]))
        assert [float(part[0]) for part in found] == [low, high]

    def test_steps_differ_by_column_and_keep_the_bounds(self):
        X, y = cloud()
        sampler = SafeLevelSMOTE(random_state=0)
        rows = sampler.fit_resample(X, y)[0][240:]
        made = sampler.parents_[np.arange(240, 400)]
        start, end = made.indices.reshape(-1, 2).T
        step = (rows - X[start]) / (X[end] - X[start])
        away = ((X[:, None] - X[None]) ** 2).sum(axis=2)
        safe = (y[np.argsort(away, axis=1)[:, 1:6]] == 1).sum(axis=1)
        low, high = _bounds(safe[start], safe[end])
        assert ((step >= low[:, None] - 1e-9) & (step <= high[:, None] + 1e-9)).all()
        assert np.ptp(step, axis=1).max() > 0.1
        assert (safe[start] + safe[end] > 0).all()

    def test_strays_alone_get_no_rows(self):
        X = np.array([[0.0], [0.1], [0.2], [5.0], [5.1], [5.2], [0.15], [5.15]])
        sampler = SafeLevelSMOTE(random_state=0, m_neighbors=2)
        rows, _ = sampler.fit_resample(X, [0] * 6 + [1] * 2)
        assert len(rows) == 8
        assert "no row with company" in sampler.notices_[-1]


class TestGeometric:
    @pytest.mark.parametrize("truncation", [-1, -0.4, 0, 0.3, 1])
    @pytest.mark.parametrize("deformation", [0, 0.6, 1])
    def test_the_same_point_as_its_authors(self, truncation, deformation):
        theirs = pytest.importorskip("imblearn_extra.gsmote.geometric_smote").make_geometric_sample
        rng = np.random.default_rng(0)
        centre, surface = rng.normal(size=(2, 200, 3))
        normal, uniform = rng.normal(size=(200, 3)), rng.uniform(size=(200, 1))

        class Draws:
            def __init__(self, i):
                self.i = i

            def normal(self, size):
                return normal[self.i]

            def uniform(self, size):
                return uniform[self.i]

        expected = [theirs(centre[i], surface[i], truncation, deformation, Draws(i)) for i in range(200)]
        point = normal / np.linalg.norm(normal, axis=1, keepdims=True) * uniform ** (1 / 3)
        np.testing.assert_allclose(_placed(centre, surface, point, truncation, deformation)[0], expected)

    def test_points_fill_the_ball_evenly(self):
        length = np.linalg.norm(_in_ball(np.random.RandomState(0), (5000, 4)), axis=1)
        assert stats.kstest(length**4, "uniform").pvalue > 0.01

    @pytest.mark.parametrize("strategy", ["combined", "minority", "majority"])
    def test_rows_stay_in_the_ball_of_their_strategy(self, strategy):
        X, y = cloud()
        sampler = GeometricSMOTE(
            random_state=0, selection_strategy=strategy, truncation_factor=0, k_neighbors=3
        )
        rows = sampler.fit_resample(X, y)[0][240:]
        start = sampler.sample_indices_[240:]
        away = np.sqrt(((X[:, None] - X[None]) ** 2).sum(axis=2))
        inside = np.sort(away[200:, 200:], axis=1)[:, 3]
        outside = away[200:, :200].min(axis=1)
        reach = {"minority": inside, "majority": outside, "combined": np.minimum(inside, outside)}[strategy]
        assert (np.linalg.norm(rows - X[start], axis=1) <= reach[start - 200] + 1e-9).all()

    def test_the_same_distribution_as_its_authors(self):
        theirs = pytest.importorskip("imblearn_extra.gsmote").GeometricSMOTE
        X, y = cloud(d=2)
        wanted = {0: 200, 1: 3040}
        for strategy in ("combined", "minority", "majority"):
            options = {"sampling_strategy": wanted, "random_state": 1, "selection_strategy": strategy}
            mine = GeometricSMOTE(**options).fit_resample(X, y)[0][240:]
            other = theirs(**options).fit_resample(X, y)[0][240:]
            assert mine.shape == other.shape == (3000, 2)
            for direction in ([1, 0], [0, 1], [1, 1], [1, -1]):
                assert stats.ks_2samp(mine @ direction, other @ direction).pvalue > 0.001


class TestROSE:
    def test_the_bandwidth_is_silvermans(self):
        X, y = cloud()
        sampler = ROSE(random_state=0, **asking(50_000))
        rows = sampler.fit_resample(X, y)[0][240:]
        noise = rows - X[sampler.sample_indices_[240:]]
        factor = stats.gaussian_kde(X[200:].T, bw_method="silverman").factor
        np.testing.assert_allclose(noise.std(axis=0), factor * X[200:].std(axis=0, ddof=1), rtol=0.02)
        np.testing.assert_allclose(noise.mean(axis=0), 0, atol=0.01)
        assert stats.kstest(noise[:, 0] / noise[:, 0].std(), "norm").pvalue > 0.01

    def test_how_it_relates_to_random_over_sampling_with_shrinkage(self):
        X, y = cloud()
        seed = {"random_state": 3}
        mine = ROSE(**seed).fit_resample(X, y)[0][240:] - X[200:][self.picks(ROSE(**seed), X, y)]
        theirs = RandomOverSampler(shrinkage=1, **seed)
        other = theirs.fit_resample(X, y)[0][240:] - X[200:][self.picks(theirs, X, y)]
        # the same draws, with the class's 40 rows in place of all 240 and n - 1 in place of n
        np.testing.assert_allclose(mine, other * (240 / 40) ** (1 / 7) * np.sqrt(40 / 39))

    @staticmethod
    def picks(sampler, X, y):
        sampler.fit_resample(X, y)
        return sampler.sample_indices_[240:] - 200

    def test_categories_dates_and_holes_are_repeated(self):
        rng = np.random.default_rng(0)
        table = pd.DataFrame(
            {
                "x": np.where(rng.random(60) < 0.3, np.nan, rng.normal(size=60)),
                "word": rng.choice(["a", "b", None], 60),
                "kind": pd.Categorical(rng.choice(list("uv"), 60)),
                "count": pd.array(rng.integers(0, 9, 60), dtype="Int64"),
                "flag": rng.random(60) < 0.5,
            }
        )
        y = np.repeat(["no", "yes"], [45, 15])
        sampler = ROSE(random_state=0)
        rows, _ = sampler.fit_resample(table, y)
        assert rows.dtypes.to_dict() == table.dtypes.to_dict()
        start = table.iloc[sampler.sample_indices_].reset_index(drop=True)
        for column in ("word", "kind", "flag"):
            pd.testing.assert_series_equal(rows[column], start[column])
        assert (rows["x"].isna() == start["x"].isna()).all()
        assert (rows["x"][60:] != start["x"][60:]).all()

    def test_sparse_equals_dense(self):
        X, y = cloud()
        X[X < 0] = 0
        thin = ROSE(random_state=0).fit_resample(sparse.csr_matrix(X), y)[0]
        np.testing.assert_allclose(thin.toarray(), ROSE(random_state=0).fit_resample(X, y)[0])

    def test_no_shrinkage_repeats(self):
        X, y = cloud()
        sampler = ROSE(random_state=0, shrinkage=0)
        np.testing.assert_array_equal(sampler.fit_resample(X, y)[0], X[sampler.sample_indices_])


def mixed(n_many=150, n_rare=60, seed=0):
    rng = np.random.default_rng(seed)
    y = np.repeat([0, 1], [n_many, n_rare])
    numbers = rng.normal(size=(len(y), 2)) + y[:, None]
    kind = np.where(numbers[:, 0] > 1, "high", "low")
    table = pd.DataFrame({"x": numbers[:, 0], "kind": kind, "z": numbers[:, 1]})
    table["twin"] = np.char.add(kind, "er")
    table["noise"] = rng.choice(list("pqr"), len(y))
    return table, y


class TestMGSGRF:
    def test_draws_have_the_local_mean_and_covariance(self):
        X, y = cloud(d=2)
        sampler = MGSGRF(**asking(40_000), random_state=0, n_neighbors=4)
        rows = sampler.fit_resample(X, y)[0][240:]
        start = sampler.sample_indices_[240:]
        away = ((X[200:, None] - X[None, 200:]) ** 2).sum(axis=2)
        near = np.argsort(away, axis=1)[:, :5]
        for one in (3, 17):
            mine = rows[start == 200 + one]
            around = X[200:][near[one]]
            np.testing.assert_allclose(mine.mean(axis=0), around.mean(axis=0), atol=0.1)
            np.testing.assert_allclose(np.cov(mine.T), np.cov(around.T, ddof=0), atol=0.05)

    def test_the_same_numbers_in_distribution_as_its_authors(self):
        theirs = pytest.importorskip("mgs_grf").MGSGRFOverSampler
        X, y = cloud(d=2)
        with pytest.warns(UserWarning, match="continuous features only"):
            other = theirs(K=3, sampling_strategy={1: 3040}, random_state=0).fit_resample(X, y)[0][240:]
        mine = MGSGRF(n_neighbors=3, sampling_strategy={1: 3040}, random_state=0).fit_resample(X, y)[0][240:]
        for direction in ([1, 0], [0, 1], [1, 1], [1, -1]):
            assert stats.ks_2samp(mine @ direction, other @ direction).pvalue > 0.001

    def test_donors_are_drawn_with_the_weights_of_its_authors(self):
        drf = pytest.importorskip("mgs_grf.generalized_forest").DrfSk
        table, y = mixed()
        members = table[["x", "z"]].to_numpy()[y == 1]
        known = table[["kind", "noise"]].to_numpy(dtype=object)[y == 1]
        seed = np.random.RandomState(5).randint(np.iinfo(np.int32).max)
        forest = drf(random_state=seed)
        forest.fit(members, np.column_stack([pd.factorize(column)[0] for column in known.T]))
        asked = np.repeat(members[:3] + 0.1, 4000, axis=0)
        donors = MGSGRF()._donors(members, known, asked, np.random.RandomState(5)).reshape(3, 4000)
        for weight, drawn in zip(forest.get_weights(members[:3] + 0.1), donors, strict=True):
            seen = np.bincount(drawn, minlength=60)
            assert (seen[weight == 0] == 0).all()
            often = weight * 4000 > 5
            rest = [seen[~often].sum()], [4000 * weight[~often].sum()]
            observed, expected = np.r_[seen[often], rest[0]], np.r_[4000 * weight[often], rest[1]]
            keep = expected > 0
            assert stats.chisquare(observed[keep], expected[keep]).pvalue > 0.001

    def test_combinations_are_kept_and_follow_the_numbers(self):
        table, y = mixed()
        rows, _ = MGSGRF(random_state=0).fit_resample(table, y)
        made = rows.iloc[210:]
        seen = set(map(tuple, table.loc[y == 1, ["kind", "twin", "noise"]].to_numpy()))
        assert set(map(tuple, made[["kind", "twin", "noise"]].to_numpy())) <= seen
        assert ((made["x"] > 1) == (made["kind"] == "high")).mean() > 0.85
        assert rows.dtypes.to_dict() == table.dtypes.to_dict()

    def test_parents_share_by_columns(self):
        table, y = mixed()
        sampler = MGSGRF(random_state=0, n_neighbors=3)
        sampler.fit_resample(table, y)
        made = sampler.parents_[[215]]
        assert made.sum() == pytest.approx(1)
        assert set(np.round(made.data, 6)) <= {
            0.1,
            0.6,
            0.7,
        }  # 2 of 5 columns over 4 rows; 3 of 5 from the donor

    def test_what_it_refuses(self):
        with pytest.raises(DataError, match="SMOTEN"):
            MGSGRF().fit_resample(pd.DataFrame({"a": list("aabb")}), [0, 0, 0, 1])
        with pytest.raises(ValueError, match="NaN"):
            MGSGRF().fit_resample(np.array([[np.nan], [1], [2], [3]]), [0, 0, 0, 1])


class Told(ClassifierMixin, BaseEstimator):
    """A classifier whose probability of class 1 is the first column."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def predict_proba(self, X):
        return np.column_stack([1 - X[:, 0], X[:, 0]])


class TestSelfPaced:
    X = np.r_[np.full(60, 0.1), np.full(40, 0.9), np.full(20, 0.9)][:, None]
    y = np.repeat([0, 1], [100, 20])

    @pytest.mark.parametrize(
        ("alpha", "expected"), [(0, [18, 2]), (1, [13, 7]), (1e16, [10, 10]), (np.inf, [10, 10])]
    )
    def test_shares_of_two_bins_by_hand(self, alpha, expected):
        judge = FrozenEstimator(Told().fit(self.X, self.y))
        sampler = SelfPacedUnderSampler(judge, k_bins=2, alpha=alpha, random_state=0)
        rows, labels = sampler.fit_resample(self.X, self.y)
        kept = rows[labels == 0, 0]
        assert [(kept == 0.1).sum(), (kept == 0.9).sum()] == expected
        assert (labels == 1).sum() == 20

    def test_a_frozen_judge_is_not_fitted(self):
        judge = Told().fit(self.X, self.y)
        judge.classes_ = np.array([0, 1])
        SelfPacedUnderSampler(FrozenEstimator(judge), random_state=0).fit_resample(self.X, self.y)
        assert judge.get_params() == {}

    @pytest.mark.parametrize("n_rare", [1, 2, 4])
    def test_few_rare_rows(self, n_rare):
        X, y = cloud(50, n_rare)
        sampler = SelfPacedUnderSampler(LogisticRegression(), random_state=0)
        assert len(sampler.fit_resample(X, y)[0]) == 2 * n_rare
        assert sampler.notices_

    def test_out_of_range(self):
        for options in ({"alpha": -1}, {"k_bins": 0}, {"hardness": "hard"}, {"cv": 1}, {"estimator": 3}):
            with pytest.raises(UsageError):
                SelfPacedUnderSampler(**options).fit_resample(self.X, self.y)


class TestBalanceCascade:
    def test_the_hardest_rows_stay(self):
        X = np.linspace(0, 1, 1000)[:, None]
        y = np.repeat([0, 1], [900, 100])
        sampler = BalanceCascadeUnderSampler(Told(), random_state=0, n_rounds=4)
        kept = sampler.fit_resample(X, y)[0]
        np.testing.assert_array_equal(sampler.sample_indices_, np.arange(800, 1000))
        assert len(kept) == 200

    def test_each_round_trains_on_what_is_left(self):
        seen = []

        class Watched(Told):
            def fit(self, X, y):
                seen.append((X[y == 0].min(), int((y == 0).sum()), int((y == 1).sum())))
                return super().fit(X, y)

        X = np.linspace(0, 1, 1000)[:, None]
        y = np.repeat([0, 1], [900, 100])
        BalanceCascadeUnderSampler(Watched(), random_state=0, n_rounds=4).fit_resample(X, y)
        # 900, 519, 300 and 173 rows are left when the four rounds begin
        for (least, many, rare), left in zip(seen, (900, 519, 300, 173), strict=True):
            assert (many, rare) == (100, 100)
            assert least >= X[900 - left, 0]

    def test_several_classes(self):
        X, y = cloud(100, 40)
        y = np.r_[y, np.full(30, 2)]
        X = np.r_[X, np.random.default_rng(1).normal(size=(30, 3)) - 2]
        sampler = BalanceCascadeUnderSampler(LogisticRegression(), random_state=0)
        labels = sampler.fit_resample(X, y)[1]
        assert np.bincount(labels).tolist() == [30, 30, 30]


@pytest.mark.parametrize(
    "sampler",
    [PolynomFitSMOTE(topology=t, random_state=0) for t in ("star", "bus", "mesh", "polynomial")]
    + [ProWSyn(random_state=0), SafeLevelSMOTE(random_state=0), GeometricSMOTE(random_state=0)]
    + [ROSE(random_state=0), MGSGRF(random_state=0)],
    ids=lambda sampler: repr(sampler),
)
class TestAllOverSamplers:
    def test_a_single_row_is_repeated(self, sampler):
        X, y = cloud(20, 1)
        result = sampler.resample(X, y)
        assert (result.X[21:] == X[20]).all()
        assert len(result.X) == 40
        assert "repeated" in result.notices[0]

    def test_two_rows_are_enough(self, sampler):
        X, y = cloud(20, 2)
        X[20:] += 9
        result = sampler.resample(X, y)
        assert np.bincount(result.y).tolist() == [20, 20]

    def test_several_classes_and_a_mapping(self, sampler):
        X, y = cloud(60, 30)
        y[-10:] = 2
        labels = type(sampler)(**{**sampler.get_params(), "sampling_strategy": {1: 25, 2: 40}}).fit_resample(
            X, y
        )[1]
        assert np.bincount(labels).tolist() == [60, 25, 40]

    def test_weights_and_groups_follow(self, sampler):
        X, y = cloud(60, 12)
        weight = np.arange(1.0, 73)
        result = sampler.resample(X, y, sample_weight=weight, groups=np.arange(72) // 4, number=np.arange(72))
        np.testing.assert_allclose(result.sample_weight, result.parents @ weight)
        np.testing.assert_array_equal(result.groups, result.indices // 4)
        np.testing.assert_array_equal(result.aligned["number"], result.indices)
        assert (y[result.indices] == result.y).all()
