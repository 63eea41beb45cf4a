"""Write docs/study-results.md: what the kept studies found, from studies/*/results.parquet and the recipes' claims.

    python -m tools.study_results

The page is committed; a test sees that it is what these files give.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from steelyard.bench import StudyResults, Verdict, data_traits, judge, read_results
from steelyard.bench.facts import TIERS
from steelyard.bench.statistics import by_tier, mean_ranks, score_table
from steelyard.core import Paper, catalogue
from steelyard.data import suite
from steelyard.metrics import corrected_interval
from steelyard.recipes.remedies_on_trees import DAMAGES, FAMILIES, UNDAMAGED

ROOT = Path(__file__).resolve().parents[1]
PAGE, STORES = ROOT / "docs" / "study-results.md", ROOT / "studies"
HEAD = """# What the kept studies found

Results of recipes that were run whole, at `small` where nothing else is said. They lie in the repository, one Parquet
file a study in `studies/`; this page is written from them by `python -m tools.study_results`, and no figure on it is
typed in but those of the papers. A claim that does not hold here is an answer, not an error: at `small` there are fewer
tables, rows and members, and no tuning.

"""
PAPER_TIERS = {"low": (51.0, 59.3), "medium": (50.9, 64.6), "high": (34.9, 47.1), "extreme": (42.6, 57.5)}
"""CLIMB: mean AUPRC in percent of the plain tree and of the best remedy, self-paced in every tier."""
PAPER_ARMS = {
    "threshold": ("0.617 ± 0.005", 12),
    "SMOTE": ("0.605 ± 0.006", 9),
    "class weights": ("0.594 ± 0.006", 7),
    "baseline": ("0.556 ± 0.006", 3),
}
"""Balancing the Scales: mean F1 and its SD over five folds, and on how many of the thirty tables it is highest."""
NETWORKS = ["perceptron", "relu network"]
SHOWN = ("average_precision", "f1", "balanced_accuracy")
TITLES = {
    "ratio": "imbalance ratio",
    "rows": "rows",
    "overlap": "overlap (share of rare rows nearest another class)",
}


def page() -> str:
    """The whole page."""
    return HEAD + "\n".join(_section(path) for path in sorted(STORES.glob("p*/results.parquet")))


def _section(path: Path) -> str:
    paper, results = catalogue.paper(path.parent.name), read_results(path)
    if paper is None:
        raise SystemExit(f"{path} belongs to no recipe; remove it or add the recipe")
    states = ", ".join(f"{n:,} {state}" for state, n in results.states.items())
    seconds = results.trials["seconds"].sum()
    spent = f"{seconds / 60:.0f} minutes" if seconds >= 90 else f"{seconds:.0f} seconds"
    scale = "full" if paper.number == "001" else "small"
    parts = [
        f"## {paper.number}: {paper.title}",
        f"{paper.source}. `steelyard reproduce {paper.number} --scale {scale}`: {states}; {spent}.",
        _claims(paper, results),
        "Departures from the paper:\n\n" + "\n".join(f"- {note}" for note in paper.notes),
        *TABLES.get(paper.number, lambda _: [])(results),
    ]
    return "\n\n".join(parts) + "\n"


def _claims(paper: Paper, results: StudyResults) -> str:
    rows = [_claim(judge(claim, results.scores)) for claim in paper.claims]
    return markdown(["claim", "here", "metric", "figures", "gain (95 %)", "over"], rows)


def _claim(one: Verdict) -> list[str]:
    claim = one.claim
    if not one.units:
        return [claim.says, one.answer, claim.metric, "–", "–", "–"]
    figures = f"{one.arm:.3f} against {one.beats:.3f}"
    gain = f"{one.gain:+.3f} ({one.low:+.3f} to {one.high:+.3f})"
    if claim.share is not None:
        gain = f"on {one.gain:.0%} ({one.low:.0%} to {one.high:.0%})"
    if claim.within is not None:
        figures, gain = "–", f"at most {max(abs(one.low), abs(one.high)):.2g} apart"
    test = "" if math.isnan(one.p) else f", p = {one.p:.1g}"
    return [claim.says, one.answer, claim.metric, figures, gain + test, f"{one.units} {one.unit}s"]


def _balancing(results: StudyResults) -> list[str]:
    metrics = ("f1", "f2", "mcc", "roc_auc", "log_loss", "brier")
    whole = results.scores[results.scores["metric"].isin(metrics)].pivot_table(
        "value", ["metric", "data", "learner", "split"], "arm"
    )[list(PAPER_ARMS)].dropna()  # fmt: skip
    means, f1 = whole.groupby("metric").mean(), whole.loc["f1"]
    folds, best = f1.groupby("split").mean(), _highest(f1, "data")
    rows = [
        [arm, figure, f"{means[arm]['f1']:.3f} ± {folds[arm].std():.3f}", str(paper), str(best[arm])]
        + [f"{means[arm][name]:.3f}" for name in metrics[1:]]
        for arm, (figure, paper) in PAPER_ARMS.items()
    ]
    learners = [
        [str(learner), *(f"**{x:.3f}**" if x == row.max() else f"{x:.3f}" for x in row)]
        for learner, row in f1.groupby("learner").mean().iterrows()
    ]
    head = [
        "arm",
        "paper: F1",
        "here: F1",
        "paper: tables it leads",
        "here",
        "F2",
        "MCC",
        "AUC",
        "log loss",
        "Brier",
    ]
    apart = f1.drop(index=NETWORKS, level="learner").groupby("data").mean()
    others = apart.mean()
    gap = corrected_interval(apart["threshold"] - apart["class weights"], test_share=0.0)
    return [
        "The paper's headline beside ours; means and SD over the five folds, tables led alone or level:",
        markdown(head, rows),
        "The two networks do badly with nothing done. Without them, which is a look after the fact, F1 is "
        + ", ".join(f"{arm} {value:.3f}" for arm, value in others.items())
        + f"; threshold less class weights, table by table, {gap.mean:+.3f} ({gap.low:+.3f} to {gap.high:+.3f}).",
        "Mean F1 by learner, the best in bold:",
        markdown(["learner", *PAPER_ARMS], learners),
        "Most of EBM's trials ran on a quicker build of its library, whose models are the same bit by bit; as it comes "
        "it takes longer than the time above counts.",
    ]


def _highest(scores: pd.DataFrame, by: str) -> pd.Series:
    """In how many groups each arm has the highest mean, ties counted for all."""
    means = scores.groupby(by).mean()
    return means.eq(means.max(axis=1), axis=0).sum()


def _climb(results: StudyResults) -> list[str]:
    remedies = {name: family for family, names in FAMILIES.items() for name in names}
    compared = results.scores[results.scores["arm"].isin(remedies)]
    tables = {metric: score_table(compared, metric) for metric in SHOWN}
    ap, n = tables["average_precision"], len(tables["average_precision"])
    ranks = mean_ranks(ap)
    rows = [
        [arm, remedies[str(arm)], *(f"{100 * tables[m][arm].mean():.1f}" for m in SHOWN), f"{ranks[arm]:.1f}"]
        for arm in ranks.sort_values().index
    ]
    head = ["remedy", "family", "AUPRC", "F1", "BAC", "mean rank by AUPRC"]
    return [
        f"Means in percent over the {n} tables on which every remedy has a result:",
        markdown(head, rows),
        *_headline(ap),
        *_tiers(ap, results, ["base", "RUS", "SMOTE", "CS", "UnderBagging", "SPE"]),
        *_damaged(results),
    ]


def _headline(ap: pd.DataFrame) -> list[str]:
    tier = {member.source: member.tier for member in suite("climb73")}
    rows = []
    for name, (base, best) in PAPER_TIERS.items():
        means = 100 * ap[[tier[str(data)] == name for data in ap.index]].mean()
        count = sum(tier[str(data)] == name for data in ap.index)
        rows.append(
            [name, f"{base} → {best}", f"{means['base']:.1f} → {means['SPE']:.1f}", str(means.idxmax()),
             f"{means.max():.1f}", str(count)]
        )  # fmt: skip
    head = [
        "tier",
        "paper: tree → self-paced",
        "here: tree → self-paced",
        "best here",
        "its AUPRC",
        "tables here",
    ]
    return [
        "The paper's headline beside ours, mean AUPRC in percent by tier of imbalance:",
        markdown(head, rows),
    ]


def _tiers(ap: pd.DataFrame, results: StudyResults, arms: Sequence[str]) -> list[str]:
    traits = data_traits([str(name) for name in ap.index], results.scores)
    parts = []
    for trait, edges in TIERS.items():
        found = by_tier(ap[list(arms)], traits[trait], edges)
        rows = [
            [str(name), str(int(row["data sets"])), *(f"{100 * row[arm]:.1f}" for arm in arms)]
            for name, row in found.iterrows()
        ]
        parts += [f"Mean AUPRC in percent by {TITLES[trait]}:", markdown([trait, "tables", *arms], rows)]
    return parts


def _damaged(results: StudyResults) -> list[str]:
    """Each damage against the same remedy on the same tables undamaged."""
    chosen = results.scores[results.scores["metric"] == "average_precision_damaged"]
    split = chosen["arm"].str.split(", ", n=1, expand=True)
    means = chosen.assign(remedy=split[0], damage=split[1]).pivot_table(
        "value", ["remedy", "data"], "damage", aggfunc="mean"
    )
    rows = []
    for damage in DAMAGES:
        pairs = means[[UNDAMAGED, damage]].dropna()
        lost = (pairs[UNDAMAGED] - pairs[damage]).groupby("remedy")
        cells = [f"{100 * lost.mean()[one]:+.1f} ({lost.size()[one]})" for one in lost.groups]
        rows.append([damage, *cells])
    remedies = sorted(means.index.get_level_values("remedy").unique())
    text = "AUPRC in percent that damaged training rows cost, and on how many tables:"
    return [text, markdown(["damage", *remedies], rows)]


def _toolbox(results: StudyResults) -> list[str]:
    arms = results.scores[results.scores["learner"] == "tree"]
    tables = {m: score_table(arms, m) for m in (*SHOWN, "fit_seconds", "members")}
    thirds = {k: score_table(arms, f"average_precision_{k}_of_3") for k in (1, 2)}
    ranks = mean_ranks(tables["average_precision"])
    rows = [
        [
            str(arm),
            *(f"{100 * thirds[k][arm].mean():.1f}" for k in (1, 2)),
            *(f"{100 * tables[m][arm].mean():.1f}" for m in SHOWN),
            f"{ranks[arm]:.1f}",
            f"{tables['members'][arm].mean():.0f}",
            f"{1000 * tables['fit_seconds'][arm].mean():.0f}",
        ]
        for arm in ranks.sort_values().index
    ]
    n = len(tables["average_precision"])
    head = [
        "ensemble",
        "AUPRC, ⅓ of its members",
        "⅔",
        "all",
        "F1",
        "BAC",
        "mean rank",
        "members",
        "CPU ms a fit",
    ]
    return [
        f"Means in percent over {n} tables; members of the uniform schedule unless progressive:",
        markdown(head, rows),
    ]


def _families(results: StudyResults) -> list[str]:
    cards = [(arm, catalogue.get(name)) for arm, name in MEMBERS.items()]
    rows = [[arm, card.title, ", ".join(card.needs) or "–", card.source] for arm, card in cards]
    parts = [
        "The members and what the catalogue says of them:",
        markdown(["family: member", "what it does", "needs", "source"], rows),
    ]
    shown = ("average_precision", "roc_auc", "f1", "mcc", "g_mean", "balanced_accuracy", "brier", "seconds")
    alone = results.scores["learner"] == "its own"
    for learner in ("logistic", "boosted trees"):
        chosen = results.scores[(results.scores["learner"] == learner) | alone]
        tables = {m: score_table(chosen[chosen["metric"] == m], m) for m in shown}
        lower = ("brier", "seconds")
        means = pd.DataFrame({m: table.mean() for m, table in tables.items()})
        best = {m: means[m].idxmin() if m in lower else means[m].idxmax() for m in shown}
        rows = [
            [str(arm), *(f"**{row[m]:.3f}**" if best[m] == arm else f"{row[m]:.3f}" for m in shown)]
            for arm, row in means.sort_values("average_precision", ascending=False).iterrows()
        ]
        n = min(len(table) for table in tables.values())
        parts += [f"Around {learner} (families with their own model beside), {n} tables, the best in bold:",
                  markdown(["family: member", *shown], rows)]  # fmt: skip
    return parts


MEMBERS = {
    "under-sampling: RUS": "RandomUnderSampler",
    "cleaning: NCR": "NeighbourhoodCleaningRule",
    "over-sampling: ROS": "RandomOverSampler",
    "over-sampling: SMOTE": "SMOTE",
    "both: SMOTEENN": "SMOTEENN",
    "generative: ROSE": "ROSE",
    "algorithm: threshold": "Threshold",
    "algorithm: prior correction": "PriorCorrection",
    "algorithm: LDAM boosting": "LDAMBoostingClassifier",
    "costs: class weights": "Weighted",
    "costs: least expected cost": "ExpectedCost",
    "costs: AdaCost": "AdaCostClassifier",
    "ensemble: self-paced": "SelfPacedEnsembleClassifier",
    "ensemble: balanced forest": "BalancedRandomForestClassifier",
    "network: focal": "FocalLoss",
    "network: LDAM": "LDAMLoss",
    "network: balanced batches": "ClassBalanced",
}
TABLES: dict[str, Callable[[StudyResults], list[str]]] = {
    "001": _balancing,
    "005": _climb,
    "006": _toolbox,
    "012": _families,
}


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE}")


if __name__ == "__main__":
    main()
