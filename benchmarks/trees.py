"""Time the trees of ensembles beside scikit-learn's builder and its walk, on the same codes.

    python -m benchmarks.trees

Growing: one tree as under-sampling ensembles grow them (√d columns a split, to pure leaves) and one as boosting grows
them (all columns, depth 5, the table laid out once before), on all rows of a made table. Asking: UnderBagging's fifty
trees, trained on the balanced bags of a table with 5 % rare rows, about as many rows. Times are the least of several,
in CPU seconds. The first line is what compiling takes once on a machine, measured in a process with an empty cache.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.datasets import make_classification
from sklearn.tree import DecisionTreeClassifier

from steelyard.ensemble import BinnedTreeClassifier, HistogramTreeClassifier, UnderBaggingClassifier
from steelyard.ensemble.bins import Bins, as_values

SHAPES = ((300, 10), (1000, 10), (1000, 100), (5000, 30), (50_000, 30))


def least(call: Callable[[], Any], times: int = 15) -> float:
    """CPU seconds of the quickest of several calls."""
    spent = []
    for _ in range(times):
        start = time.process_time()
        call()
        spent.append(time.process_time() - start)
    return min(spent)


def compare(n: int, d: int) -> str:
    """A row of the table: growing and asking at one size."""
    X, y = make_classification(n, d, n_informative=d // 2, flip_y=0.1, weights=[0.7], random_state=0)
    bins = Bins.of(X.astype(np.float32), [np.flatnonzero(y == k) for k in (0, 1)], 64)
    codes = bins.encode(X)
    values, times = as_values(codes), 15 if n < 20_000 else 3
    plain = bins.plain()
    deep = BinnedTreeClassifier(random_state=0)
    shallow = HistogramTreeClassifier()
    kept: dict[str, Any] = {}
    theirs = DecisionTreeClassifier(max_features="sqrt", min_samples_leaf=2, random_state=0)
    all_columns = DecisionTreeClassifier(max_depth=5, min_samples_leaf=2, random_state=0)
    grown = [
        least(lambda: all_columns.fit(values, y, check_input=False), times)
        / least(lambda: shallow.fit_codes(plain, codes, y, kept=kept), times),
        least(lambda: theirs.fit(values, y, check_input=False), times)
        / least(lambda: deep.fit_codes(plain, codes, y), times),
    ]
    return f"| {n} x {d} | {grown[1]:.1f} | {grown[0]:.1f} | {asked(n, d, times):.1f} |"


def asked(n: int, d: int, times: int) -> float:
    """How many times as long scikit-learn's walk takes for what fifty trees say of `n` rows."""
    X, y = make_classification(2 * n, d, n_informative=d // 2, flip_y=0.02, weights=[0.95], random_state=0)
    model = UnderBaggingClassifier(random_state=0).fit(X[:n], y[:n])
    rows = X[n:].astype(np.float32)

    def walk() -> np.ndarray:
        total = np.zeros((n, 2))
        for member in model.estimators_:
            total += member.tree_.value[:, 0].take(member.tree_.apply(rows), axis=0)
        return total / len(model.estimators_)

    if (model.predict_proba(rows) != walk()).any():
        raise AssertionError("the answers differ")
    return least(walk, times) / least(lambda: model.predict_proba(rows), times)


def first_call() -> float:
    """CPU seconds that the first fit and the first prediction take more than the second ones."""
    script = (
        "import time, numpy as np; from steelyard.ensemble import *\n"
        "X = np.random.default_rng(0).random((300, 5)); y = (X[:, 0] > 0.7).astype(int)\n"
        "models = SelfPacedEnsembleClassifier(n_estimators=3), AdaUBoostClassifier(n_estimators=3)\n"
        "spent = []\n"
        "for _ in range(2):\n"
        "    start = time.process_time()\n"
        "    for model in models: model.fit(X, y).predict_proba(X)\n"
        "    spent.append(time.process_time() - start)\n"
        "print(spent[0] - spent[1])\n"
    )
    with tempfile.TemporaryDirectory() as empty:
        environment = {**os.environ, "NUMBA_CACHE_DIR": empty}
        done = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
        )
    return float(done.stdout)


def main() -> None:
    print(f"compiling, once on a machine: {first_call():.0f} s of CPU\n")
    print("| rows x columns | growing, √d columns | growing, all columns to depth 5 | asking fifty trees |")
    print("|---|---|---|---|")
    for n, d in SHAPES:
        print(compare(n, d), flush=True)


if __name__ == "__main__":
    main()
