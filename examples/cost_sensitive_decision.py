"""Decide from costs that differ by row: a missed fraud costs its amount, a check costs 5."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from steelyard.decide import Goal, choose_calibration, savings


def payments(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features, amounts, and whether a payment was fraud."""
    rng = np.random.default_rng(seed)
    amount = rng.lognormal(4, 1, n)
    X = np.column_stack([np.log(amount), rng.normal(size=(n, 3))])
    p = 1 / (1 + np.exp(6 - X @ [0.3, 1.5, 1.0, 0.0]))
    return X, amount, (rng.random(n) < p).astype(int)


def main() -> dict[str, float]:
    """Compare three ways to decide with one model."""
    X, amount, y = payments(20_000, seed=0)
    X_new, amount_new, y_new = payments(50_000, seed=1)

    # Probabilities first: fitted on the rows as they are, calibrated on rows held out.
    held_out = cross_val_predict(LogisticRegression(), X, y, method="predict_proba")
    name, calibration, _ = choose_calibration(held_out, y)
    p = calibration(LogisticRegression().fit(X, y).predict_proba(X_new))
    print(f"{y.mean():.1%} fraud; calibration: {name}")

    by_row = Goal.of(cost_fp=5, cost_fn="amount")
    costs = by_row.row_costs({"amount": amount_new})
    one_price = Goal.of(cost_fp=5, cost_fn=float(amount[y == 1].mean()))
    decisions = {
        "most probable class": (p[:, 1] >= 0.5).astype(int),
        "one threshold for the mean amount": one_price.fit_rule(held_out, y).decide(p),
        "a threshold for every row": by_row.fit_rule(held_out, y).decide(p, costs=costs),
    }
    spent = {}
    for name, decided in decisions.items():
        spent[name] = by_row.score(y_new, p, decided, costs=costs)
        saved = savings(y_new, decided, costs)
        print(f"{name:35} {spent[name]:6.2f} per payment, saves {saved:4.0%} of the best constant decision")
    return spent


if __name__ == "__main__":
    main()
