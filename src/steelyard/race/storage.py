"""Models on disk: skops files, whose types are checked against a short list before anything is built."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from steelyard.core import DataError, atomic_path

__all__ = ["load_model", "save_model"]

TRUSTED = (
    "steelyard.",
    "sklearn.",
    "lightgbm.",
    "xgboost.",
    "catboost.",
    "numpy.",
    "scipy.sparse.",
    "builtins.",
    "collections.",
)


def save_model(model: Any, path: str | Path) -> None:
    """Write a model atomically."""
    import skops.io

    with atomic_path(path) as temporary:
        skops.io.dump(model, temporary)


def load_model(path: str | Path) -> Any:
    """Read a model; a file that holds types from elsewhere is refused, never executed."""
    import skops.io

    target = Path(path)
    if not target.is_file():
        raise DataError(f"there is no model at {str(target)!r}; give the folder of a finished run")
    try:
        unknown = skops.io.get_untrusted_types(file=target)
    except Exception as error:
        raise DataError(f"{str(target)!r} is no steelyard model ({error}); run again to make one") from error
    foreign = [name for name in unknown if not name.startswith(TRUSTED)]
    if foreign:
        raise DataError(f"{str(target)!r} holds foreign types {foreign[:3]}; it was not loaded")
    return skops.io.load(target, trusted=unknown)
