"""A study is a short Python file, or a recipe: a function `build(scale, seed)` that lists trials."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Literal, get_args

from steelyard.bench.trial import Trial
from steelyard.core import UsageError, plugins

__all__ = ["Scale", "installed_study", "listed_trials", "load_study"]

Scale = Literal["smoke", "small", "full"]


def load_study(path: str | Path) -> ModuleType:
    """The module in a study's file; it is named by what it says, so that a copy elsewhere has the same trials."""
    file = Path(path).resolve()
    if not file.is_file():
        added = [one.name for one in plugins("steelyard.studies")]
        installed = f", or one of the installed {', '.join(added)}" if added else ""
        raise UsageError(
            f"{path} is no file; give the Python file of a study, or the number of a recipe{installed}"
        )
    name = f"steelyard_study_{hashlib.sha256(file.read_bytes()).hexdigest()[:12]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, file)
    if file.suffix != ".py" or spec is None or spec.loader is None:
        raise UsageError(
            f"{path} is no Python file; a study is a .py file with a function build(scale, seed)"
        )
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise UsageError(f"{path} cannot be loaded: {type(error).__name__}: {error}") from error
    return module


def installed_study(name: str) -> ModuleType | None:
    """The study that an installed package calls `name`, if there is one."""
    for one in plugins("steelyard.studies"):
        if one.name == name:
            try:
                return import_module(one.module)
            except Exception as error:
                package = one.dist.name if one.dist is not None else "?"
                raise UsageError(
                    f"study {name} of package {package} cannot be loaded: {type(error).__name__}: {error}"
                ) from error
    return None


def listed_trials(module: ModuleType, scale: str, seed: int) -> list[Trial]:
    """The trials a study or recipe lists at one scale; equal ones are refused."""
    if scale not in get_args(Scale):
        raise UsageError(f"scale={scale!r} came, expected one of {', '.join(get_args(Scale))}")
    build = getattr(module, "build", None)
    if build is None:
        raise UsageError(f"{module.__file__} has no function build(scale, seed); add one that lists trials")
    trials: Sequence[Trial] = build(scale, seed)
    if not trials:
        raise UsageError(f"{module.__file__} lists no trial at scale {scale!r}")
    labels: dict[str, str] = {}
    for trial in trials:
        if trial.key in labels:
            raise UsageError(f"two trials are the same: {labels[trial.key]}; give them different settings")
        labels[trial.key] = trial.label
    return list(trials)
