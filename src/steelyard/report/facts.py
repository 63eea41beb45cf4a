"""Take a run's facts as they come: check what must hold, fill what is missing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from steelyard.core import DataError

SCHEMA = 1
MAPPINGS = ("versions", "goal", "data", "diagnosis", "race", "chosen", "test")
SEQUENCES = ("verdict", "classes", "findings", "groups", "slices", "failures", "log")
ADVICE = "rebuild the report with the steelyard that made the run, or run again"

UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")

Facts = dict[str, Any]


def checked(facts: object) -> Facts:
    """A copy in which every part of the page exists, empty where the run had nothing to say."""
    if not isinstance(facts, Mapping):
        raise DataError(f"a report needs the facts of a run as a dict, got {type(facts).__name__}; {ADVICE}")
    if facts.get("schema") != SCHEMA:
        raise DataError(f"the facts have schema {facts.get('schema')!r}, this page reads {SCHEMA}; {ADVICE}")
    whole: Facts = clean(facts)
    for name in MAPPINGS:
        whole[name] = mapping(whole, name)
    for name in SEQUENCES:
        whole[name] = sequence(whole, name)
    return whole


def clean(value: Any) -> Any:
    r"""A copy whose texts hold nothing invisible that could turn, hide or break what stands around them.

    Control characters, overrides of the writing direction and halves of surrogate pairs become a visible mark.

    >>> print(clean({"a": ["x\x00y\u202ez"]}))
    {'a': ['x�y�z']}
    """
    if isinstance(value, str):
        return UNSAFE.sub("\ufffd", value)
    if isinstance(value, Mapping):
        return {clean(str(key)): clean(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [clean(inner) for inner in value]
    return value


def mapping(facts: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The dict under `name`, empty when it is missing or None."""
    value = facts.get(name)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise DataError(f"the fact {name!r} is a {type(value).__name__}, a dict was expected; {ADVICE}")
    return dict(value)


def sequence(facts: Mapping[str, Any], name: str) -> list[Any]:
    """The list under `name`, empty when it is missing or None."""
    value = facts.get(name)
    if value is None:
        return []
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise DataError(f"the fact {name!r} is a {type(value).__name__}, a list was expected; {ADVICE}")
    return list(value)


def rows(facts: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The dicts of the list under `name`; anything else in it is an error."""
    found = sequence(facts, name)
    if not all(isinstance(row, Mapping) for row in found):
        raise DataError(f"the fact {name!r} holds something other than dicts; {ADVICE}")
    return [dict(row) for row in found]
