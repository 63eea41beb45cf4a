"""The page of a study: which arm wins, by how much, where, and at what price."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from steelyard.report.facts import Facts, checked, clean, mapping, rows
from steelyard.report.figures import clipped
from steelyard.report.glossary import entries
from steelyard.report.sections.claims import claims
from steelyard.report.sections.drawn import drawn
from steelyard.report.sections.learners import learners
from steelyard.report.sections.ranking import ranking
from steelyard.report.sections.repeat import repeat
from steelyard.report.sections.where import help_, price, sets
from steelyard.report.shell import Part, assemble
from steelyard.report.tables import Column, Row, Table, figure, text

__all__ = ["render_study"]

SCRIPTS = ("theme.js", "sorting.js", "study.js")
TERMS = (
    (
        "critical difference",
        "How far the mean ranks of two arms must lie apart before Nemenyi's test calls them different.",
    ),
    ("Elo", "Every pair of arms on every data set is a game; 400 points more means ten wins to one loss."),
    ("gain", "The difference to the control on the same data set, turned so that more is better."),
    ("mean rank", "On every data set the arms are ranked, 1 is best; the ranks are averaged."),
    (
        "p (Holm)",
        "The p-value of Wilcoxon's signed-rank test against the control, raised for the number of tests.",
    ),
)


def _summary(facts: Facts) -> dict[str, Any]:
    said = [clipped(sentence, 600) for sentence in facts["verdict"]]
    return {"sentences": said or ["This study has no results yet."], "tiles": facts.get("tiles") or []}


def _failures(facts: Facts) -> dict[str, Any]:
    lines = [
        Row(
            [
                text(one["arm"]),
                text(one["outcome"]),
                figure(str(one["count"]), one["count"]),
                text(one["reason"]),
            ]
        )
        for one in rows(facts, "failures")
    ]
    columns = [Column("arm"), Column("outcome"), Column("trials", "number"), Column("why")]
    table = Table("Trials without a result", columns, lines, wide=True, kind="failures") if lines else None
    return {"table": table, "log": [], "study": True}


PLAN: tuple[tuple[str, str, Callable[[Facts], Any]], ...] = (
    ("summary", "Verdict", _summary),
    ("claims", "Claims", claims),
    ("drawn", "Figures", drawn),
    ("ranking", "The arms", ranking),
    ("learners", "Learner by learner", learners),
    ("sets", "Data set by data set", sets),
    ("help", "Where it helps", help_),
    ("price", "What it costs", price),
    ("failures", "What has no result", _failures),
    ("repeat", "Repeat this study", repeat),
)


def render_study(facts: Mapping[str, Any]) -> str:
    """Turn the facts of a study into one HTML page that needs nothing but itself.

    When to use it: on what `steelyard.bench.study_facts` returns. Every figure and table can be saved from the
    page, as SVG and CSV; rows of arms can be filtered and sorted.

    Args:
        facts: schema 1: JSON-safe values, None where unknown.

    Returns:
        The page as text; write it as UTF-8.

    Raises:
        DataError: the facts are of another schema or not of the expected shape.

    >>> page = render_study({"schema": 1, "title": "a < b", "verdict": ["Nothing differs."]})
    >>> "Nothing differs." in page, "a &lt; b" in page
    (True, True)
    """
    known = checked(facts)
    known["metric"] = {"name": "", "label": "score"} | mapping(known, "metric")
    parts = (Part(name, heading, show(known)) for name, heading, show in PLAN)
    words = [*entries({str(known["metric"]["name"])})[:1], *TERMS] if known["metric"]["name"] else list(TERMS)
    title = clipped(clean(known.get("title") or "untitled"), 200)
    return assemble(known, parts, title=title, kind="Study", words=words, scripts=SCRIPTS)
