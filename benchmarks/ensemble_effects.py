"""The published effects of under-sampling ensembles, judged on the packaged real tables.

    python -m benchmarks.ensemble_effects --out effects.csv
    python -m benchmarks.ensemble_effects --print --out effects.csv

One decision tree, the tree on randomly under-sampled rows, UnderBagging and the self-paced ensemble, both of 50 plain
decision trees, on the same halves of every table; average precision and balanced accuracy, averaged over seeds. The
claims are judged over tables by Wilcoxon's signed-rank test. Finished tables are kept in --out.
"""

from __future__ import annotations

import argparse
import csv
import warnings
from pathlib import Path

import numpy as np
from scipy import stats
from sklearn.metrics import average_precision_score, balanced_accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeClassifier

from benchmarks.ensemble import table
from steelyard.data import datasets
from steelyard.ensemble import SelfPacedEnsembleClassifier, UnderBaggingClassifier

FIELDS = ("table", "seed", "arm", "average_precision", "balanced_accuracy")
CLAIMS = (
    ("average_precision", "tree", "under-sampled tree"),
    ("average_precision", "UnderBagging", "under-sampled tree"),
    ("average_precision", "self-paced", "UnderBagging"),
    ("balanced_accuracy", "under-sampled tree", "tree"),
    ("balanced_accuracy", "UnderBagging", "self-paced"),
)


def arms(seed: int, members: int) -> dict[str, object]:
    tree = DecisionTreeClassifier(random_state=seed)
    return {
        "tree": tree,
        "under-sampled tree": UnderBaggingClassifier(estimator=tree, n_estimators=1, random_state=seed),
        "UnderBagging": UnderBaggingClassifier(estimator=tree, n_estimators=members, random_state=seed),
        "self-paced": SelfPacedEnsembleClassifier(estimator=tree, n_estimators=members, random_state=seed),
    }


def run(names: list[str], seeds: int, members: int, out: Path) -> None:
    if not out.exists():
        out.write_text(",".join(FIELDS) + "\n")
    done = {row["table"] for row in csv.DictReader(out.open())}
    for place, name in enumerate(names, 1):
        if name in done:
            continue
        X, y = table(name)
        rows = []
        for seed in range(seeds):
            a, b, c, d = train_test_split(
                X.astype(np.float32), y, test_size=0.5, stratify=y, random_state=seed
            )
            for arm, model in arms(seed, members).items():
                p = model.fit(a, c).predict_proba(b)[:, 1]
                rows.append(
                    [name, seed, arm, average_precision_score(d, p), balanced_accuracy_score(d, p > 0.5)]
                )
        with out.open("a", newline="") as handle:
            csv.writer(handle).writerows(rows)
        print(f"{place}/{len(names)} {name}", flush=True)


def show(out: Path) -> None:
    kept: dict[tuple[str, str, str], list[float]] = {}
    for row in csv.DictReader(out.open()):
        for metric in FIELDS[3:]:
            kept.setdefault((metric, row["arm"], row["table"]), []).append(float(row[metric]))
    names = sorted({name for _, _, name in kept})
    print(
        f"{len(names)} tables\n\n| metric | claim | means | tables for / against | Wilcoxon p (two-sided) | verdict |"
    )
    print("|---|---|---|---|---|---|")
    for metric, better, worse in CLAIMS:
        a, b = (np.array([np.mean(kept[metric, arm, name]) for name in names]) for arm in (better, worse))
        p = stats.wilcoxon(a, b).pvalue
        verdict = "holds" if p < 0.01 and (a > b).sum() > (b > a).sum() else "does not hold here"
        print(
            f"| {metric.replace('_', ' ')} | {better} > {worse} | {a.mean():.3f}, {b.mean():.3f} "
            f"| {(a > b).sum()} / {(b > a).sum()} | {p:.1e} | {verdict} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--members", type=int, default=50)
    parser.add_argument("--tables", nargs="*", help="names of packaged tables; all of rt30 by default")
    parser.add_argument("--out", default="benchmarks/ensemble_effects.csv")
    parser.add_argument("--print", action="store_true", help="judge the tables kept so far")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    if not args.print:
        named = args.tables or [info.name for info in datasets() if info.name.startswith("rt30/")]
        run(named, args.seeds, args.members, Path(args.out))
    show(Path(args.out))


if __name__ == "__main__":
    main()
