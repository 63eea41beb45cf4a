"""Train where one row in ten is positive, use the model where one in a hundred is, without refitting."""

from __future__ import annotations

import numpy as np

import steelyard
from steelyard.data import shift_prior
from steelyard.decide import calibration_in_the_large, estimate_prior


def rows(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Features and classes; a tenth is positive."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 4))
    p = 1 / (1 + np.exp(3.4 - X @ [1.5, 1.0, 0.5, 0.0]))
    return X, (rng.random(n) < p).astype(int)


def main() -> dict[str, float]:
    """Compare mean probability and observed share before and after."""
    X, y = rows(10_000, seed=0)
    answer = steelyard.run(
        X,
        y,
        cost_fp=1,
        cost_fn=10,
        learners=("logistic",),
        remedies=("RandomUnderSampler",),
        folds=3,
        repeats=1,
        max_fits=9,
        jobs=1,
        progress=False,
    )
    model = answer.best_
    print(answer.verdict_[0])

    X_all, y_all = rows(60_000, seed=1)
    elsewhere = shift_prior(y_all, [0.99, 0.01], size=20_000)
    X_new, y_new = X_all[elsewhere], y_all[elsewhere]
    before = model.predict_proba(X_new)
    print(f"trained where {model.natural[1]:.1%} are positive, used where {y_new.mean():.1%} are")

    ratios = {"as trained": calibration_in_the_large(before, y_new)}
    alarms = {"as trained": int(model.decide(before).sum())}
    model.set_prevalence(0.01)
    after = model.predict_proba(X_new)
    ratios["re-targeted"] = calibration_in_the_large(after, y_new)
    alarms["re-targeted"] = int(model.decide(after).sum())
    for when, ratio in ratios.items():
        print(f"{when:11} mean probability / observed share {ratio:.2f}, {alarms[when]:,} alarms")

    # Without knowing the share it can be estimated; the model's own errors are not in the standard error.
    found = estimate_prior(before, model.natural)
    print(
        f"estimated without labels: {found.p[1]:.3f}, standard error {found.standard_error[1]:.3f}; "
        f"{'reliable' if found.reliable else found.reason}"
    )
    return ratios


if __name__ == "__main__":
    main()
