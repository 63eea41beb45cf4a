"""The protocol of cards: what a method file says about itself is complete and true."""

from __future__ import annotations

import inspect
import re
from functools import partial
from typing import Any

from steelyard.checks.failure import NotConforming, demand
from steelyard.core import Card, wrong_facts

__all__ = ["check_card", "constructed"]

STATES = ("verified", "claimed", "experimental")
BOUND = (
    "samplers",
    "nets",
    "optim",
)  # levers whose classes are made of the user's rows, layers or parameters
CALLED = ("weights", "learner")  # levers whose methods are functions that make the object in use


def check_card(card: Card) -> None:
    """Check one card: its fields, its facts, and that the method it names can be made as its example says.

    When to use it: in the tests of a method file of your own, with a `Card` made from its literal.

    It demands: every field filled in; a name that the module and the package export, with a docstring that
    holds a doctest and says when to use it; numbers of published systems of three digits; facts that JSON can
    write and that hold what the lever asks; an example that constructs.

    Raises:
        NotConforming: what was seen and what was expected.
        MissingExtra: the method needs a library that is not installed.

    >>> from steelyard.core import get
    >>> check_card(get("logistic", lever="learner"))
    """
    named = f"the card of {card.name!r}"
    for field in ("lever", "name", "title", "since", "source", "module"):
        value = getattr(card, field)
        demand(isinstance(value, str) and value.strip(), f"{named} has no {field}; fill it in")
    demand(card.status in STATES, f"{named} has status {card.status!r}; expected one of {', '.join(STATES)}")
    wrong = [seed for seed in card.seeds if not re.fullmatch(r"\d{3}", seed)]
    demand(not wrong, f"{named} lists {wrong} as published systems; expected numbers of three digits")
    for wrong_fact in wrong_facts(card):
        demand(False, f"{named} {wrong_fact}")
    method = _load(card, named)
    text = inspect.getdoc(method) or ""
    demand(">>>" in text or card.needs, f"{named}: its docstring has no doctest; show one runnable example")
    demand(len(text.split()) >= 10, f"{named}: its docstring says too little; say when to use it")
    constructed(card)


def constructed(card: Card) -> Any:
    """What the example of a card makes: an object, or for plain functions the call with its options bound.

    >>> from steelyard.core import get
    >>> constructed(get("f_beta", lever="metrics")).keywords
    {'beta': 2.0}
    """
    method, example = card.load(), dict(card.example)
    try:
        bound = inspect.signature(method).bind_partial(**example)
        whole = inspect.isclass(method) and card.lever not in BOUND
        made = whole or (card.lever in CALLED and not _missing(method, bound.arguments))
        return method(**example) if made else partial(method, **example)
    except TypeError as error:
        raise NotConforming(f"the example {example} of {card.name!r} does not construct: {error}") from error


def _missing(method: Any, given: Any) -> list[str]:
    """Required parameters without a value."""
    parameters = inspect.signature(method).parameters.values()
    return [p.name for p in parameters if p.default is p.empty and p.name not in given]


def _load(card: Card, named: str) -> Any:
    from importlib import import_module

    module = import_module(card.module)
    demand(hasattr(module, card.name), f"{named} names something that {card.module} does not hold")
    demand(
        card.name in getattr(module, "__all__", []), f"{card.module} does not list {card.name!r} in __all__"
    )
    exported = getattr(import_module(card.package), card.name, None)
    demand(
        card.foreign or exported is getattr(module, card.name),
        f"{card.package} does not export {card.name!r}; run `make stubs`",
    )
    return card.load()
