"""The pages of a run and of a diagnosis."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from functools import partial
from typing import Any

from steelyard.report.facts import SCHEMA, Facts, checked, clean, mapping, rows
from steelyard.report.figures import clipped
from steelyard.report.glossary import entries
from steelyard.report.sections.calibration import calibration
from steelyard.report.sections.classes import classes
from steelyard.report.sections.data import data
from steelyard.report.sections.diagnosis import diagnosis, findings, names
from steelyard.report.sections.failures import failures
from steelyard.report.sections.final import final
from steelyard.report.sections.groups import groups, slices
from steelyard.report.sections.operating import operating
from steelyard.report.sections.race import race
from steelyard.report.sections.repeat import repeat
from steelyard.report.sections.scores import scores
from steelyard.report.sections.summary import summary
from steelyard.report.shell import Part, assemble

__all__ = ["render", "render_diagnosis"]

SCRIPTS = ("theme.js", "sorting.js", "threshold.js")


REPORT: tuple[tuple[str, str, Callable[[Facts], Any]], ...] = (
    ("summary", "Verdict", summary),
    ("data", "The data", data),
    ("findings", "Findings", findings),
    ("diagnosis", "Diagnosis", diagnosis),
    ("race", "The race", race),
    ("final", "The choice and its final test", final),
    ("operating", "Where to decide", operating),
    ("calibration", "Calibration", calibration),
    ("scores", "Scores by class", scores),
    ("classes", "Class by class", classes),
    ("groups", "Group by group", groups),
    ("slices", "Weakest slices", slices),
    ("failures", "What did not help", failures),
    ("repeat", "Repeat this run", repeat),
)

DIAGNOSIS: tuple[tuple[str, str, Callable[[Facts], Any]], ...] = (
    ("summary", "Summary", summary),
    ("data", "The data", data),
    ("findings", "Findings", findings),
    ("diagnosis", "Diagnosis", partial(diagnosis, unfolded=True)),
    ("repeat", "Repeat this diagnosis", repeat),
)
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


def render(facts: Mapping[str, Any]) -> str:
    """Turn the facts of a run into one HTML page that needs nothing but itself.

    When to use it: after a race, with the content of its `report.json`. The page works from disk without a
    network, without scripts, on a phone, in the dark and on paper; missing facts leave their section out.

    Args:
        facts: the run's facts, schema 1: JSON-safe values, None where unknown.

    Returns:
        The page as text; write it as UTF-8.

    Raises:
        DataError: the facts are of another schema or not of the expected shape.

    Example:
        >>> page = render({"schema": 1, "title": "a < b", "verdict": ["Nothing is needed."]})
        >>> "Nothing is needed." in page, "a &lt; b" in page
        (True, True)
    """
    known = checked(facts)
    title = clipped(known.get("title") or "untitled", 200)
    return page_of(known, REPORT, title=title, kind="Run report")


def render_diagnosis(
    findings: Sequence[Any],
    diagnosis: Mapping[str, Any],
    *,
    title: str | None = None,
    data: Mapping[str, Any] | None = None,
    classes: Sequence[Any] = (),
    positive: Any = None,
    command: str | None = None,
    created: str | None = None,
    versions: Mapping[str, str] | None = None,
) -> str:
    """Turn a diagnosis alone into a page of the same make.

    Args:
        findings: mappings or dataclasses with kind, level, title, message, advice, columns.
        diagnosis: a mapping with `sections`, `no_skill` and, where known, `verdict` and `target`.
        title: what was diagnosed; else the target's name.
        data: a run's `data` fact, when the table's rows and columns shall be shown.
        classes: the class labels.
        positive: the positive class's label.
        command: what to type to get the page again.
        created: an ISO time.
        versions: library names and versions.

    Returns:
        The page as text; write it as UTF-8.

    Raises:
        DataError: a part is not of the expected shape.

    Example:
        >>> "Diagnosis of a.csv" in render_diagnosis([], {}, title="a.csv")
        True
    """
    found = dict(diagnosis)
    said = found.pop("verdict", None) or ""
    known = checked(
        {
            "schema": SCHEMA,
            "verdict": SENTENCE.split(said) if said else [f"{len(findings)} findings."],
            "findings": [
                asdict(one) if is_dataclass(one) and not isinstance(one, type) else one for one in findings
            ],
            "diagnosis": found,
            "data": data,
            "classes": list(classes),
            "positive": positive,
            "command": command,
            "created": created,
            "versions": versions,
        }
    )
    target = found.get("target")
    subject = title or (f"target {target}" if target else "a table")
    return page_of(
        known,
        DIAGNOSIS,
        title=f"Diagnosis of {clipped(clean(subject), 200)}",
        kind="Diagnosis",
        used=set(names(known)),
    )


def page_of(
    facts: Facts,
    plan: Sequence[tuple[str, str, Callable[[Facts], Any]]],
    *,
    title: str,
    kind: str,
    used: set[str] | None = None,
) -> str:
    """A page of a plan; by default its words are those of the metrics it mentions."""
    parts = (Part(name, heading, show(facts)) for name, heading, show in plan)
    return assemble(
        facts,
        parts,
        title=title,
        kind=kind,
        words=entries(_metrics(facts) if used is None else used),
        scripts=SCRIPTS,
    )


def _metrics(facts: Facts) -> set[str]:
    """All metrics the page mentions, for the glossary."""
    used = {"precision", "recall", "f1", str(facts["goal"].get("name")), *names(facts)}
    used.update(map(str, mapping(facts["test"], "metrics")))
    for arm in rows(facts["race"], "rows"):
        used.update(map(str, mapping(arm, "metrics")))
    for group in rows(facts, "groups"):
        used.update(map(str, mapping(group, "metrics")))
    used.update(str(row.get("metric")) for row in rows(facts, "slices"))
    return used
