"""The answer in sentences."""

from __future__ import annotations

from typing import Any

import numpy as np

from steelyard.decide import Goal
from steelyard.race.image.candidates import PLAIN
from steelyard.race.image.standings import ImageChoice, ImageStanding
from steelyard.race.verdict import capital, figure

__all__ = ["image_verdict"]


def image_verdict(
    choice: ImageChoice, judged: dict[str, Any], *, goal: Goal, rule_text: str, note: str
) -> list[str]:
    """What won, whether a remedy helped, who gained and who paid."""
    found = [
        _winner(choice.chosen, judged["test"], goal.label, goal.name),
        _remedy(choice, judged["test"], goal.label),
        _frequency(judged["frequency"]),
        _rule(choice.chosen, rule_text),
    ]
    if len(choice.reference.scores) == 1:
        found.append(
            "Each arm was trained once, so the intervals do not hold the luck of a training; --seeds 3 would."
        )
    if note:
        found.append(f"{capital(note)}; a larger budget may change the answer.")
    return [sentence for sentence in found if sentence]


def _winner(one: ImageStanding, test: dict[str, Any], label: str, name: str) -> str:
    final = test["metrics"][name]
    return (
        f"{capital(one.candidate.label)} is the answer: {label} {figure(one.score.mean)} ({figure(one.score.low)} to "
        f"{figure(one.score.high)}) on the validation pictures, {figure(final['value'])} ({figure(final['low'])} to "
        f"{figure(final['high'])}) on the {test['rows']:,} final pictures that no choice has seen."
    )


def _remedy(choice: ImageChoice, test: dict[str, Any], label: str) -> str:
    one, reference = choice.chosen, choice.reference
    if one is reference:
        others = [s for s in choice.standings if s is not reference]
        if not others:
            return "No remedy was raced, so whether one would help is open; doing nothing is what was tried."
        best = max(others, key=lambda s: s.difference.mean)
        return (
            "No remedy needed: doing nothing is as good as anything tried, within one standard error; the best other, "
            f"{best.candidate.label}, changed {label} by {_gap(best)}."
        )
    gain = test["gain"]
    final = f"{gain['value']:+.3g} ({gain['low']:+.3g} to {gain['high']:+.3g}) on the final pictures"
    gained = f"{label} better by {_gap(one)} than doing nothing, {final}"
    if one.candidate.arm.rank == 0 and one.candidate.variant != PLAIN:
        return f"No other training needed: correcting decisions for the class prior is enough, {gained}."
    if one.difference.low <= 0:
        return f"The remedy probably helps, though the gain's interval holds zero: {gained}."
    return f"The remedy helps: {gained}."


def _rule(one: ImageStanding, rule_text: str) -> str:
    if one.candidate.variant == PLAIN:
        return "It decides for the class that the network itself finds most probable."
    said = rule_text.rstrip(".")
    return f"It decides for {said}." if said.startswith("the ") else f"{capital(said)}."


def _frequency(frequency: dict[str, Any]) -> str:
    """Groups that exist, with their recalls before and after."""
    parts = [
        f"{_percent(after['value'])} of the {after['group']}-shot classes "
        f"({_percent(before['value'])} by doing nothing)"
        for after, before in zip(frequency["chosen"]["groups"], frequency["nothing"]["groups"], strict=True)
        if after["rows"]
    ]
    return f"On average it finds {', '.join(parts)}." if parts else ""


def _percent(value: float) -> str:
    return f"{100 * value:.0f} %" if np.isfinite(value) else "–"


def _gap(one: ImageStanding) -> str:
    d = one.difference
    return f"{d.mean:+.3g} ({d.low:+.3g} to {d.high:+.3g})"
