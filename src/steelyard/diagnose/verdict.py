"""The diagnosis in three sentences."""

from __future__ import annotations

import math

import numpy as np

from steelyard.diagnose.finding import Finding
from steelyard.diagnose.subject import Subject
from steelyard.diagnose.wording import count, names, percent

__all__: list[str] = []

JUDGED = 5
SEPARABLE_AUC, SEPARABLE_PRECISION, PARTLY = 0.99, 0.9, 0.85

SENTENCES = {
    "separable": "The classes lie apart ({figures}): no remedy is likely to be needed",
    "partly": "The classes lie apart in part ({figures}): there is something to learn, and the threshold matters",
    "overlapping": "The classes overlap widely ({figures}): expect modest scores whatever the remedy",
    "none seen": "No signal was seen ({figures}, no better than chance): look for better columns first",
    "not judged": "There are too few rows or columns to judge how far the classes lie apart",
}


def judge(subject: Subject, findings: list[Finding], auc: float, precision: float) -> tuple[str, str]:
    """The verdict, and one word for how far the classes lie apart."""
    separation = separated(subject, auc, precision)
    rare, n = subject.rarest, int(subject.counts[subject.rarest])
    level = n / subject.n if subject.n_classes == 2 else 1 / int((subject.counts >= JUDGED).sum() or 1)
    figures = (
        f"cross-fitted AUC {auc:.3f}, average precision {precision:.3f} against {level:.3f} without skill"
    )
    sentences = [
        f"Class {subject.label(rare)} has {n:,} of {subject.n:,} rows ({percent(n / subject.n)})",
        SENTENCES[separation].format(figures=figures),
    ]
    suspects = [name for finding in findings if finding.kind == "leak" for name in finding.columns]
    if suspects:
        sentences.append(
            f"All of this counts only if {names(suspects, 3)} may be learned from, which is suspect"
        )
    else:
        warned = sum(finding.level != "info" for finding in findings)
        sentences.append(
            f"{count(warned, 'finding')} to look at" if warned else "No finding stands in the way"
        )
    return ". ".join(sentences) + ".", separation


def separated(subject: Subject, auc: float, precision: float) -> str:
    """One word; no signal is seen while the AUC is within two standard errors of 0.5 (Hanley & McNeil 1982)."""
    if not math.isfinite(auc):
        return "not judged"
    inside = float(np.median(subject.counts)) if subject.n_classes > 2 else float(subject.counts[1])
    error = math.sqrt((subject.n + 1) / (12 * inside * (subject.n - inside)))
    if auc < 0.5 + 2 * error:
        return "none seen"
    if auc >= SEPARABLE_AUC and precision >= SEPARABLE_PRECISION:
        return "separable"
    return "partly" if auc >= PARTLY else "overlapping"
