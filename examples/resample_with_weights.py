"""Resample rows that carry weights and belong to groups; both survive, and probabilities are put right after."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression

from steelyard import Prior
from steelyard.decide import PriorCorrection, calibration_in_the_large
from steelyard.resample import SMOTE, RandomUnderSampler


def survey(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Features, classes, how many people each row stands for, and its household."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 4))
    p = 1 / (1 + np.exp(4.5 - X @ [1.5, 1.0, 0.5, 0.0]))
    return X, (rng.random(n) < p).astype(int), rng.uniform(0.5, 2, n), np.arange(n) // 3


def main() -> dict[str, float]:
    """Resample, fit with the weights that came along, undo the prior."""
    X, y, weight, household = survey(10_000, seed=0)
    X_new, y_new, weight_new, _ = survey(40_000, seed=1)
    natural = Prior.of(y, sample_weight=weight)
    ratios = {}
    for sampler in (RandomUnderSampler(random_state=0), SMOTE(random_state=0)):
        out = sampler.resample(X, y, sample_weight=weight, groups=household)
        made = int((out.origin < 0).sum())
        name, total = type(sampler).__name__, out.sample_weight.sum()
        print(f"{name}: {len(out.y):,} rows, {made:,} made, weights sum to {total:,.0f}")
        if made:
            last = out.parents[[-1]]
            print(f"  the last row is made of rows {last.indices.tolist()}, household {out.groups[-1]}")
        model = LogisticRegression().fit(out.X, out.y, sample_weight=out.sample_weight)
        p = model.predict_proba(X_new)
        undone = PriorCorrection(trained=out.prior, target=natural)(p)
        for state, scores in (("as it comes", p), ("undone", undone)):
            ratio = calibration_in_the_large(scores, y_new, weight_new)
            ratios[f"{name}, {state}"] = ratio
            print(f"  {state:12} mean probability / observed share {ratio:.2f}")
    return ratios


if __name__ == "__main__":
    main()
