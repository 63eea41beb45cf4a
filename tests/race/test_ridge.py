"""Left-out predictions are those of real refits, and features that say nothing are not used."""

from __future__ import annotations

import numpy as np

from steelyard.race.ridge import fit_ridge


def _data(n: int = 30, signal: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(n, 3))
    return features, signal * features @ rng.normal(size=(3, 4)) + rng.normal(size=(n, 4)) + 5


def test_left_out_predictions_are_those_of_a_refit_without_the_group() -> None:
    features, values = _data()
    groups = np.arange(30) // 3
    groups[-3:] = [50, 51, 52]
    groups = np.unique(groups, return_inverse=True)[1]
    made = fit_ridge(features, values, groups)
    assert np.isfinite(made.penalty)
    Z = np.clip((features - features.mean(0)) / features.std(0), -3, 3)
    for group in range(groups.max() + 1):
        apart = groups == group
        others, mean = Z[~apart], Z[~apart].mean(0)
        centred = others - mean
        wanted = np.linalg.solve(
            centred.T @ centred + made.penalty * np.eye(3),
            centred.T @ (values[~apart] - values[~apart].mean(0)),
        )
        np.testing.assert_allclose(
            made.left_out[apart], values[~apart].mean(0) + (Z[apart] - mean) @ wanted, rtol=1e-9
        )


def test_a_finished_model_is_the_textbook_ridge() -> None:
    from sklearn.linear_model import Ridge

    features, values = _data()
    made = fit_ridge(features, values, np.arange(30))
    Z = np.clip((features - features.mean(0)) / features.std(0), -3, 3)
    known = Ridge(alpha=made.penalty).fit(Z, values)
    np.testing.assert_allclose(made.predict(features), known.predict(Z), rtol=1e-9)
    np.testing.assert_allclose(made.predict(features[0]), made.predict(features)[0])


def test_features_without_a_signal_end_in_the_mean() -> None:
    """Values that alternate along a feature: any slope is worse on the row left out."""
    features = np.arange(30.0)[:, None]
    values = np.tile([[1.0], [-1.0]], (15, 1))
    made = fit_ridge(features, values, np.arange(30))
    assert made.penalty == np.inf
    np.testing.assert_allclose(made.predict(features), np.tile(values.mean(0), (30, 1)))
    np.testing.assert_allclose(made.left_out[0], values[1:].mean(0))


def test_missing_and_constant_features_count_as_the_mean() -> None:
    features, values = _data()
    holed = np.column_stack([features, np.full(30, 7.0), np.full(30, np.nan)])
    holed[3, 0] = np.nan
    made = fit_ridge(holed, values, np.arange(30))
    assert np.isfinite(made.predict(holed)).all()
    np.testing.assert_allclose(made.predict(np.full(5, np.nan)) + made.shift @ made.slopes, made.centre)


def test_a_far_row_is_not_extrapolated_to_without_end() -> None:
    features, values = _data()
    made = fit_ridge(features, values, np.arange(30))
    far = features[0].copy()
    far[0] = 1e9
    farther = far.copy()
    farther[0] = 1e12
    np.testing.assert_array_equal(made.predict(far), made.predict(farther))
