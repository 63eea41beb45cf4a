"""Peak memory of a self-paced ensemble on a table of many rows.

    python -m benchmarks.ensemble_memory --rows 10000000 --columns 30

The rows are made in place as float32, so the table itself is rows x columns x 4 bytes; what `fit` adds is the rest.
"""

from __future__ import annotations

import argparse
import resource
import time
from typing import Any

import numpy as np

from steelyard.ensemble import FitMonitor, SelfPacedEnsembleClassifier


def rows_of(n: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    """Normal columns; the rare 2 % are shifted in a third of them."""
    rng = np.random.default_rng(0)
    X, y = np.empty((n, d), dtype=np.float32), rng.random(n) < 0.02
    for start in range(0, n, 1_000_000):
        part = slice(start, start + 1_000_000)
        X[part] = rng.standard_normal(X[part].shape, dtype=np.float32)
        X[part, : d // 3] += 0.6 * y[part, None]
    return X, y.astype(np.int64)


def peak() -> float:
    """GiB at the most so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--columns", type=int, default=30)
    parser.add_argument("--members", type=int, default=50)
    args = parser.parse_args()
    X, y = rows_of(args.rows, args.columns)
    print(
        f"{args.rows:,} x {args.columns} float32: {X.nbytes / 1024**3:.2f} GiB; peak so far {peak():.2f} GiB",
        flush=True,
    )
    start, cpu = time.perf_counter(), time.process_time()

    def tell(point: dict[str, Any]) -> None:
        members, spent = point["members"], time.perf_counter() - start
        left = spent / members * (args.members - members)
        print(f"{members} members, {spent:.0f} s, {left:.0f} s left; peak {peak():.2f} GiB", flush=True)

    watch = FitMonitor({"progress": (X[:1000], y[:1000])}, report=tell)
    model = SelfPacedEnsembleClassifier(n_estimators=args.members, random_state=0).fit(X, y, monitor=watch)
    print(
        f"fit of {args.members} members: {time.perf_counter() - start:.0f} s wall, "
        f"{time.process_time() - cpu:.0f} s CPU; peak {peak():.2f} GiB"
    )
    start = time.perf_counter()
    p = model.predict_proba(X[:1_000_000])
    print(f"predict of 1,000,000 rows: {time.perf_counter() - start:.0f} s; mean {p[:, 1].mean():.3f}")


if __name__ == "__main__":
    main()
