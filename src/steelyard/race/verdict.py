"""The answer in three sentences."""

from __future__ import annotations

from typing import Any

import numpy as np

from steelyard.race.choose import Choice, Standing
from steelyard.race.problem import Problem

__all__ = ["verdict"]

FEW_FOLDS = 4


def verdict(
    choice: Choice,
    *,
    label: str,
    test: dict[str, Any] | None,
    name: str,
    problem: Problem,
    rule_text: str,
    bounded: str = "",
) -> list[str]:
    """What won, whether a remedy helped, and what the chosen operating point does."""
    return [
        _winner(choice, label, test, name, bounded),
        _remedies(choice, label),
        capital(_operating(test, problem, rule_text)),
    ]


def _winner(choice: Choice, label: str, test: dict[str, Any] | None, name: str, bounded: str) -> str:
    one = choice.chosen
    text = (
        f"{capital(one.label)} is the answer: {label} {figure(one.score.mean)} "
        f"({figure(one.score.low)} to {figure(one.score.high)}) in cross-validation"
    )
    if test is not None and name in test["metrics"]:
        final = test["metrics"][name]
        text += (
            f", {figure(final['value'])} ({figure(final['low'])} to {figure(final['high'])}) on the "
            f"{test['rows']:,} final rows that no choice has seen"
        )
        if bounded:
            kept = test["metrics"][bounded]
            text += f" at a {bounded} of {figure(kept['value'])} ({figure(kept['low'])} to {figure(kept['high'])})"
    if len(one.scores) < FEW_FOLDS:
        text += f" (only {len(one.scores)} folds were finished; a larger budget would tell more)"
    return text + "."


def _remedies(choice: Choice, label: str) -> str:
    one, reference = choice.chosen, choice.reference
    others = [s for s in choice.standings if not s.arm.remedy.control and np.isfinite(s.difference.mean)]
    if one.arm.remedy.kind == "nothing" and one.variant == "plain":
        best = max(others, key=lambda s: s.difference.mean, default=None)
        if best is None:
            return "No remedy was raced, so whether one would help is open; doing nothing is what was tried."
        return (
            "No remedy needed: doing nothing is as good as anything tried, within one standard error; "
            f"the best remedy, {best.label}, changed {label} by {_gap(best)}."
        )
    gain = f"{label} better by {_gap(one)} than doing nothing ({reference.arm.label})"
    if one.arm.remedy.control:
        alone = "choosing the operating point" if one.arm.remedy.kind == "nothing" else "averaging models"
        if not others:
            return f"No remedy was raced, so whether one would help is open; {alone} alone makes {gain}."
        return f"No resampling or weighting needed: {alone} alone is enough, {gain}."
    if one.arm.remedy.kind == "adjustment":
        return f"No resampling or weighting needed: correcting decisions for the prior is enough, {gain}."
    return f"The remedy helps: {gain}."


def _operating(test: dict[str, Any] | None, problem: Problem, rule_text: str) -> str:
    text = rule_text.rstrip(".")
    if test is None:
        return f"{text}."
    if problem.n_classes > 2:
        recalls = [one["recall"] for one in test["per_class"]]
        worst = int(np.nanargmin(recalls))
        return (
            f"{text}; on the final rows the classes are found {100 * float(np.nanmean(recalls)):.0f} % of the time on "
            f"average and the worst, {problem.labels[worst]}, {100 * recalls[worst]:.0f} %."
        )
    (_, fp), (fn, tp) = test["confusion"]["matrix"]
    found = tp / (tp + fn) if tp + fn else 0.0
    right = tp / (tp + fp) if tp + fp else float("nan")
    alarms = f"{100 * right:.0f} % of the alarms were right" if tp + fp else "no alarm was raised"
    return (
        f"{text}; on the final rows that finds {100 * found:.0f} % of class {problem.labels[1]} and {alarms}."
    )


def _gap(one: Standing) -> str:
    d = one.difference
    return f"{d.mean:+.3g} ({d.low:+.3g} to {d.high:+.3g})"


def figure(value: float) -> str:
    return f"{value:.3f}" if abs(value) < 10 else f"{value:,.1f}"


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]
