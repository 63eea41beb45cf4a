"""Models on disk: skops files, whose types are checked against a short list before anything is built."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from steelyard.core import DataError, atomic_path, find

__all__ = ["load_model", "save_model"]

PARTS = ("steelyard.decide.", "steelyard.ensemble.", "steelyard.race.model.", "steelyard.tasks.tabular.")
"""Packages whose classes make up models; nothing else of steelyard may be built from a file."""


def save_model(model: Any, path: str | Path) -> list[str]:
    """Write a model atomically; what comes back are the types that `load_model` must be told to trust."""
    import skops.io

    with atomic_path(path) as temporary:
        skops.io.dump(model, temporary)
    return [name for name in skops.io.get_untrusted_types(file=Path(path)) if not _trusted(name)]


def load_model(path: str | Path, *, trusted: Sequence[str] = ()) -> Any:
    """Read a model; a file that holds types from elsewhere is refused, never executed.

    Args:
        path: the file.
        trusted: full names of types, such as "imblearn.pipeline.Pipeline", that may be built all the same.
    """
    import skops.io

    target = Path(path)
    if not target.is_file():
        raise DataError(f"there is no model at {str(target)!r}; give the folder of a finished run")
    try:
        unknown = skops.io.get_untrusted_types(file=target)
    except Exception as error:
        raise DataError(f"{str(target)!r} is no steelyard model ({error}); run again to make one") from error
    foreign = [name for name in unknown if not _trusted(name) and name not in trusted]
    if foreign:
        raise DataError(
            f"{str(target)!r} holds types from elsewhere, so it was not loaded: {', '.join(foreign)}; if you know "
            f"where the file comes from, trust them with {' '.join(f'--trusted {name}' for name in foreign)} "
            f"(trusted={foreign} in Python)"
        )
    return skops.io.load(target, trusted=unknown)


def _trusted(name: str) -> bool:
    """A class of a model part, or a type that a learner's card vouches for; never a function."""
    if name.startswith(PARTS):
        module, _, attribute = name.rpartition(".")
        return isinstance(getattr(import_module(module), attribute, None), type)
    return name in {kind for card in find(lever="learner") for kind in card.facts.get("trusted", ())}
