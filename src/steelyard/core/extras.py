"""Reach for an optional library, or say in one line how to get it."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from steelyard.core.errors import MissingExtra

__all__ = ["require"]


def require(module: str, *, extra: str) -> ModuleType:
    """Import `module`, or raise a MissingExtra that prints the pip line; also where it is there and does not load.

    >>> require("json", extra="boost").__name__
    'json'
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingExtra.of(module.partition(".")[0], extra=extra) from error
    except (RuntimeError, OSError, AttributeError) as error:  # builds that do not fit each other
        said = (str(error).splitlines() or [type(error).__name__])[0]
        raise MissingExtra(
            f"{module.partition('.')[0]} is installed but does not load ({said}); "
            f"run: pip install --force-reinstall 'steelyard[{extra}]'"
        ) from error
