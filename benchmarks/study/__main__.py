"""A study as a plain script and through the study engine: same numbers, which time?

python -m benchmarks.study                    (about five minutes on two cores)
python -m benchmarks.study --protocol deciding
python -m benchmarks.study --tables rt30/yeast --learners "decision tree"
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

from benchmarks.study.sides import PROTOCOLS, by_engine, by_script, trials_of
from steelyard.recipes import p001_balancing_the_scales as recipe
from steelyard.recipes.study_learners import LEARNERS, QUICK

TABLES = [
    "breast-cancer",
    "rt30/yeast",
    "rt30/pc1",
    "rt30/climate_simulation_crashes",
    "rt30/thoracic_surgery",
]
SIDES = {"plain": by_script, "engine": by_engine}
ON = ["data", "arm", "learner", "seed", "split", "metric"]
EQUAL = 1e-9


def side(name: str, protocol: str, arguments: list[str]) -> tuple[pd.DataFrame, float, float]:
    """Run one side in a process of its own: scores, CPU and wall seconds."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "scores.parquet"
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        command = [sys.executable, "-m", "benchmarks.study", *arguments, "--protocol", protocol]
        command += ["--side", name, "--out", str(out)]
        subprocess.run(command, check=True, env=os.environ | {"PYTHONWARNINGS": "ignore"})
        wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return pd.read_parquet(out), cpu, wall


def compared(plain_scores: pd.DataFrame, engine_scores: pd.DataFrame) -> pd.Series:
    """The largest difference of any score, by arm; both sides must have scored the same things."""
    both = plain_scores.merge(engine_scores, on=ON, suffixes=("_plain", "_engine"))
    if not len(both) == len(plain_scores) == len(engine_scores):
        raise SystemExit(f"{len(plain_scores)} and {len(engine_scores)} scores, {len(both)} in common")
    return (both["value_plain"] - both["value_engine"]).abs().groupby(both["arm"]).max()


def report(protocol: str, arguments: list[str]) -> None:
    """Run both sides and print the table; numbers that differ end the run."""
    plain_scores, plain_cpu, plain_wall = side("plain", protocol, arguments)
    engine_scores, engine_cpu, engine_wall = side("engine", protocol, arguments)
    plain_of, engine_of = (dict(list(one.groupby("metric"))) for one in (plain_scores, engine_scores))
    gaps = compared(*(one[~one["metric"].isin(["fits", "cpu"])] for one in (plain_scores, engine_scores)))
    fits = int(plain_of["fits"]["value"].sum()), PROTOCOLS[protocol].fits_of_engine(engine_scores)
    print(f"{protocol}, arms with learners on folds: {len(plain_of['fits'])}")
    print("| | plain script | engine | ratio |\n|---|---|---|---|")
    for name, (a, b), digits in (
        ("models fitted", fits, 0),
        ("CPU seconds", (plain_cpu, engine_cpu), 1),
        ("wall seconds", (plain_wall, engine_wall), 1),
    ):
        print(f"| {name} | {a:,.{digits}f} | {b:,.{digits}f} | {a / b:.2f} |")
    spent = [of["cpu"].groupby("learner")["value"].sum() for of in (plain_of, engine_of)]
    for learner, a in spent[0].items():
        b = spent[1][learner]
        print(f"| CPU seconds within {learner} | {a:.1f} | {b:.1f} | {a / b:.2f} |")
    print("largest difference of a score: " + ", ".join(f"{arm} {gap:.0e}" for arm, gap in gaps.items()))
    if not (gaps <= EQUAL).all():
        raise SystemExit(f"scores differ by more than {EQUAL:g}")


def main() -> None:
    """Both sides of one protocol or of all, or one side for the other process."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--protocol", choices=list(PROTOCOLS), help="one of them; all by default")
    parser.add_argument("--tables", nargs="+", default=TABLES)
    parser.add_argument("--learners", nargs="+", default=list(QUICK), choices=list(LEARNERS))
    parser.add_argument("--folds", type=int, default=recipe.FOLDS, help="how many of the five outer folds")
    parser.add_argument("--side", choices=list(SIDES), help=argparse.SUPPRESS)
    parser.add_argument("--out", help=argparse.SUPPRESS)
    known = parser.parse_args()
    if known.side is None:
        for protocol in [known.protocol] if known.protocol else PROTOCOLS:
            report(protocol, sys.argv[1:])
        return
    trials = trials_of(known.protocol, known.tables, known.learners, known.folds)
    SIDES[known.side](trials).to_parquet(known.out)


if __name__ == "__main__":
    main()
