"""The page of a training on pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from steelyard.report.facts import Facts, checked
from steelyard.report.figures import clipped
from steelyard.report.page import page_of
from steelyard.report.sections.calibration import calibration
from steelyard.report.sections.classes import classes
from steelyard.report.sections.curves import curves
from steelyard.report.sections.data import data
from steelyard.report.sections.diagnosis import findings
from steelyard.report.sections.failures import failures
from steelyard.report.sections.final import final
from steelyard.report.sections.frequency import frequency
from steelyard.report.sections.inside import inside
from steelyard.report.sections.mistakes import mistakes
from steelyard.report.sections.operating import operating
from steelyard.report.sections.race import race
from steelyard.report.sections.repeat import repeat
from steelyard.report.sections.scores import scores
from steelyard.report.sections.summary import summary
from steelyard.report.sections.trust import trust

__all__ = ["render_images"]

PLAN: tuple[tuple[str, str, Callable[[Facts], Any]], ...] = (
    ("summary", "Verdict", summary),
    ("data", "The pictures", data),
    ("findings", "Findings", findings),
    ("race", "The race", race),
    ("final", "The choice and its final test", final),
    ("frequency", "Common and rare classes", frequency),
    ("operating", "Where to decide", operating),
    ("scores", "Scores by class", scores),
    ("classes", "Class by class", classes),
    ("mistakes", "Worst mistakes", mistakes),
    ("calibration", "Calibration", calibration),
    ("trust", "Calibration of every class", trust),
    ("curves", "Training curves", curves),
    ("inside", "Inside the network", inside),
    ("failures", "What did not help", failures),
    ("repeat", "Repeat this run", repeat),
)


def render_images(facts: Mapping[str, Any]) -> str:
    """Turn the facts of a training on pictures into one HTML page that needs nothing but itself.

    When to use it: with the content of the run's `report.json`. Example pictures stand inside the page.

    Args:
        facts: the run's facts, schema 1: JSON-safe values, None where unknown.

    Returns:
        The page as text; write it as UTF-8.

    Raises:
        DataError: the facts are of another schema or not of the expected shape.

    >>> page = render_images({"schema": 1, "title": "a < b", "verdict": ["Nothing is needed."]})
    >>> "Nothing is needed." in page, "a &lt; b" in page
    (True, True)
    """
    known = checked(facts)
    return page_of(known, PLAN, title=clipped(known.get("title") or "untitled", 200), kind="Pictures")
