"""What the card of each lever must say, so that whoever reads cards can rely on it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from steelyard.core.cards import Card

__all__ = ["LOSS_TARGETS", "wrong_facts"]

LOSS_TARGETS = ("classes", "labels", "binary", "embeddings", "experts", "maps", "logits", "values", "groups")
FACTS: dict[str, dict[str, Any]] = {
    "metrics": {"label": str, "takes": ("decisions", "scores", "probabilities")},
    "learner": {
        "label": str,
        "encoding": ("tree", "linear"),
        "rank": int,
        "default": bool,
        "sparse": bool,
        "trusted": list,
    },
    "losses": {"takes": LOSS_TARGETS},
    "samplers": {"makes": ("rows", "batches", "schedule")},
    "arm": {"kind": ("weights", "resampler", "ensemble", "adjustment"), "rank": (int, float), "label": str},
    "direction": {
        "direction": ("min", "max"),
        "aliases": list,
        "prior_sensitive": bool,
        "range": list,
        "binary_only": bool,
    },
}


def wrong_facts(card: Card) -> Iterator[str]:
    """What the facts of a card lack or hold wrongly, one sentence each.

    >>> list(wrong_facts(Card("losses", "mine", "a loss", facts={"takes": "rows"})))[0]
    "has the fact takes='rows'; expected one of classes, labels, ..."
    """
    try:
        json.dumps([card.facts, card.example])
    except TypeError as error:
        yield f"holds what JSON cannot write ({error}); use plain values"
        return
    asked = [(card.facts, FACTS.get(card.lever, {}))]
    if "arm" in card.facts:
        asked.append((card.facts["arm"], FACTS["arm"]))
    if card.lever == "metrics" and "direction" in card.facts:
        asked.append((card.facts, FACTS["direction"]))
    for facts, wanted in asked:
        for fact, kind in wanted.items():
            if fact not in facts:
                yield f"lacks the fact {fact!r}"
            elif not _fits(facts[fact], kind):
                yield f"has the fact {fact}={facts[fact]!r}; expected {_said(kind)}"


def _literal(kind: Any) -> bool:
    return isinstance(kind, tuple) and isinstance(kind[0], str)


def _fits(value: Any, kind: Any) -> bool:
    return value in kind if _literal(kind) else isinstance(value, kind)


def _said(kind: Any) -> str:
    if _literal(kind):
        return f"one of {', '.join(kind)}"
    return " or ".join(one.__name__ for one in (kind if isinstance(kind, tuple) else (kind,)))
