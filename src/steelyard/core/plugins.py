"""What other packages add through entry points; nothing of theirs is imported before it is needed."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, TypeAlias, TypeVar

from steelyard.core.errors import UsageError

__all__ = ["Group", "PluginWarning", "each_plugin", "module_file", "plugins"]

Group: TypeAlias = Literal["steelyard.methods", "steelyard.datasets", "steelyard.studies"]
"""Modules with a card (arms, losses, metrics, learners …), lists of data sets, modules with `build`."""

T = TypeVar("T")


class PluginWarning(UserWarning):
    """A package adds something to steelyard that cannot be used; it is left out and everything else works."""


def plugins(group: Group) -> list[EntryPoint]:
    """The entry points that installed packages declare in a group, by name of package and entry.

    >>> [one.group for one in plugins("steelyard.methods")] == []
    True
    """
    found = entry_points(group=group)
    return sorted(found, key=lambda one: (_package(one), one.name))


def each_plugin(group: Group, read: Callable[[EntryPoint], T]) -> list[T]:
    """What `read` makes of every plug-in of a group; one that cannot be read is left out with a warning."""
    made = []
    for one in plugins(group):
        try:
            made.append(read(one))
        except Exception as error:  # noqa: BLE001 - whatever another package does wrong, the others go on
            reason = f"{type(error).__name__}: {error}".splitlines()[0][:300]
            text = f"{one.name} ({group}) of package {_package(one)} is left out: {reason}; update or uninstall it"
            warnings.warn(text, PluginWarning, stacklevel=2)
    return made


def module_file(name: str) -> Path:
    """The source of a module, found without importing it or the packages around it."""
    top, *rest = name.split(".")
    spec = find_spec(top)
    if spec is None:
        raise UsageError(f"there is no module {top}")
    if not rest:
        places = [Path(spec.origin)] if spec.origin else []
    else:
        folders = [Path(folder, *rest) for folder in spec.submodule_search_locations or ()]
        places = [place for one in folders for place in (one.with_suffix(".py"), one / "__init__.py")]
    for place in places:
        if place.suffix == ".py" and place.is_file():
            return place
    raise UsageError(f"there is no Python file of module {name}")


def _package(one: EntryPoint) -> str:
    return one.dist.name if one.dist is not None else "?"
