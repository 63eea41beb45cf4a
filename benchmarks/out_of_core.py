"""Streamed resampling on a table that does not fit the memory given to it: peak memory and time of every method.

    python benchmarks/out_of_core.py --rows 20000000 --folder /tmp

writes a Parquet file a piece at a time and runs each method in a process of its own. Beside the peak of its memory
(libraries included) stands what the table alone would take.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

METHODS = {
    "under": "RandomUnderSampler(random_state=0)",
    "over": "RandomOverSampler(random_state=0, sampling_strategy=0.05)",
    "smote": "SMOTE(random_state=0, sampling_strategy=0.05)",
    "tomek": "TomekLinks()",
    "enn": "EditedNearestNeighbours()",
}


def write(path: Path, rows: int, columns: int, rare: float) -> None:
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(0)
    names = [f"x{i}" for i in range(columns)]
    schema = pa.schema([(name, pa.float32()) for name in names] + [("y", pa.int8())])
    with pq.ParquetWriter(path, schema, compression="none", use_dictionary=["y"]) as writer:
        for first in range(0, rows, 250_000):
            n = min(250_000, rows - first)
            y = (rng.random(n) < rare).astype("int8")
            X = rng.standard_normal((columns, n), dtype=np.float32)
            X[:3] += 1.5 * y
            writer.write_table(
                pa.Table.from_arrays([pa.array(column) for column in X] + [pa.array(y)], schema=schema)
            )


def one(method: str, path: Path) -> None:
    """Run one method here and print what it took."""
    import steelyard.resample as samplers

    name, _, arguments = METHODS[method].partition("(")
    sampler = eval(f"dict({arguments}")
    out = path.with_name(f"{method}.parquet")
    started, cpu = time.perf_counter(), time.process_time()
    done = samplers.resample_out_of_core(
        getattr(samplers, name)(**sampler), path, out, target="y", overwrite=True, progress=False
    )
    print(
        json.dumps(
            {
                "seconds": time.perf_counter() - started,
                "cpu": time.process_time() - cpu,
                "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "rows": done.rows_out,
            }
        )
    )
    out.unlink()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--columns", type=int, default=20)
    parser.add_argument("--rare", type=float, default=0.001)
    parser.add_argument("--folder", type=Path, default=Path("/tmp"))
    parser.add_argument("--method", action="append", choices=METHODS)
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    path = asked.folder / f"rows-{asked.rows}-{asked.columns}.parquet"
    if asked.inside:
        one(asked.inside, path)
        return
    if not path.exists():
        write(path, asked.rows, asked.columns, asked.rare)
    table = asked.rows * (4 * asked.columns + 1) / 2**20
    print(
        f"{asked.rows:,} rows x {asked.columns} float32 columns, {asked.rare:.2%} rare: {table:,.0f} MiB in memory"
    )
    print("| method | rows out | wall s | CPU s | peak MiB | table / peak |")
    print("|---|---|---|---|---|---|")
    for method in asked.method or METHODS:
        words = [sys.executable, __file__, "--inside", method, "--rows", str(asked.rows)]
        words += ["--columns", str(asked.columns), "--folder", str(asked.folder)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"| {method} | failed: {done.stderr.strip().splitlines()[-1][:100]} |")
            continue
        took = json.loads(done.stdout)
        print(
            f"| {method} | {took['rows']:,} | {took['seconds']:.0f} | {took['cpu']:.0f} | {took['peak']:.0f} | "
            f"{table / took['peak']:.1f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
