"""The whole diagnosis of a table, as plain figures and sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from steelyard.diagnose.finding import Finding
from steelyard.diagnose.label_errors import LabelErrors
from steelyard.diagnose.panel import html_table, text_panel
from steelyard.diagnose.result import Section

__all__ = ["Diagnosis"]


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """What `diagnose` found; print it for a short panel.

    Attributes:
        target: the target column.
        verdict: two or three sentences.
        separation: "separable", "partly", "overlapping", "none seen", or "not judged".
        findings: what was noticed about the table, suspects first.
        sections: the figures of every probe.
        no_skill: metric -> the best value reachable without features.
        label_errors: rows of the given table whose label the others contradict.
    """

    target: str
    verdict: str
    separation: str
    findings: tuple[Finding, ...]
    sections: tuple[Section, ...]
    no_skill: dict[str, float]
    label_errors: LabelErrors

    def section(self, title: str) -> Section | None:
        """The section of that title, if the data allowed it."""
        return next((section for section in self.sections if section.title == title), None)

    def to_json(self) -> dict[str, Any]:
        """The plain form that reports keep."""
        return {
            "target": self.target,
            "verdict": self.verdict,
            "separation": self.separation,
            "findings": [finding.to_json() for finding in self.findings],
            "sections": [section.to_json() for section in self.sections],
            "no_skill": [{"metric": name, "value": value} for name, value in self.no_skill.items()],
            "label_errors": self.label_errors.to_json(),
        }

    def __str__(self) -> str:
        return text_panel(self.target, self.verdict, self.findings, self.sections, self.no_skill)

    def _repr_html_(self) -> str:
        return html_table(self.target, self.verdict, self.findings, self.sections)
