"""A diagnosis as a few lines of text, or as a table for notebooks."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from html import escape

from steelyard.diagnose.finding import Finding
from steelyard.diagnose.result import Section
from steelyard.diagnose.wording import count

__all__: list[str] = []

WIDTH = 110
FINDINGS = 5
MARKS = {"suspect": "!!", "warning": "! "}
SHOWN_METRICS = ("average_precision", "roc_auc", "brier", "f1", "mcc")


def text_panel(
    target: str,
    verdict: str,
    findings: Sequence[Finding],
    sections: Sequence[Section],
    no_skill: Mapping[str, float],
) -> str:
    """About twenty lines: the verdict, the worst findings, one sentence a probe, the no-skill levels."""
    lines = [f"Diagnosis of {target!r}", *textwrap.wrap(verdict, WIDTH)]
    serious = [finding for finding in findings if finding.level != "info"][:FINDINGS]
    lines += [_line(f"{MARKS[finding.level]} {finding.title}. {finding.message}") for finding in serious]
    others = len(findings) - len(serious)
    if others:
        lines.append(f"   and {count(others, 'more finding')}")
    for section in sections:
        lines += textwrap.wrap(f"{section.title}: {section.text}", WIDTH, subsequent_indent="  ", max_lines=2)
    levels = ", ".join(f"{name} {no_skill[name]:.3g}" for name in SHOWN_METRICS if name in no_skill)
    return "\n".join([*lines, _line(f"Without skill: {levels}")] if levels else lines)


def html_table(target: str, verdict: str, findings: Sequence[Finding], sections: Sequence[Section]) -> str:
    """One escaped table: findings first, then the figures."""
    rows = [_whole("th", f"Diagnosis of {target}"), _whole("td", verdict)]
    rows += [
        _cells(finding.level, finding.title, f"{finding.message} {finding.advice}") for finding in findings
    ]
    for section in sections:
        rows.append(_whole("th", f"{section.title}: {section.text}"))
        rows += [
            _cells(row.name, "" if row.value is None else f"{row.value:.4g}", row.text)
            for row in section.rows
        ]
    return f"<table>{''.join(rows)}</table>"


def _whole(tag: str, text: str) -> str:
    return f'<tr><{tag} colspan="3">{escape(text)}</{tag}></tr>'


def _cells(*texts: str) -> str:
    return f"<tr>{''.join(f'<td>{escape(text)}</td>' for text in texts)}</tr>"


def _line(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= WIDTH else f"{flat[: WIDTH - 1].rstrip()}…"
