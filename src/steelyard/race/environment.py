"""What in the environment is missing or known to break."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import warnings
from importlib import import_module
from importlib.metadata import PackageNotFoundError, requires, version
from typing import get_args

from packaging.requirements import Requirement

from steelyard.core import Group, PluginWarning, all_cards, plugins
from steelyard.data import datasets

__all__ = ["examine_environment"]

MODULES = {"scikit-learn": "sklearn", "lazy-loader": "lazy_loader", "imbalanced-learn": "imblearn"}
OPTIONAL = {
    "imbalanced-learn": ("imblearn", "its samplers that steelyard does not own"),
    "dmba": ("data", "packaged data sets such as taxi"),
    "xgboost": ("boost", "XGBoost in the race"),
    "catboost": ("boost", "CatBoost in the race"),
    "torch": ("torch", "deep learning"),
    "ray": ("ray", "studies on a cluster"),
}


def examine_environment() -> list[dict[str, str]]:
    """One finding a thing checked: `state` is "ok", "note" or "broken"."""
    found = [_python()]
    for line in requires("steelyard") or []:
        requirement = Requirement(line)
        if requirement.marker is None or "extra" not in str(requirement.marker):
            found.append(_library(requirement))
    found += [_optional(name, *what) for name, what in OPTIONAL.items()]
    return [*found, *_plugins(), _memory(), _disk()]


def _state(name: str, state: str, text: str) -> dict[str, str]:
    return {"name": name, "state": state, "text": text}


def _python() -> dict[str, str]:
    text = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    return _state("Python", "ok" if sys.version_info >= (3, 11) else "broken", text)


def _library(requirement: Requirement) -> dict[str, str]:
    name = requirement.name
    try:
        have = version(name)
    except PackageNotFoundError:
        return _state(name, "broken", f"not installed; run: pip install '{requirement}'")
    if not requirement.specifier.contains(have, prereleases=True):
        return _state(name, "broken", f"{have} is installed, {requirement.specifier} is needed")
    return _imports(name, have)


def _imports(name: str, have: str) -> dict[str, str]:
    try:
        import_module(MODULES.get(name, name.replace("-", "_")))
    except Exception as error:  # noqa: BLE001 - any failure to import is the finding itself
        hint = " (install the system package libgomp1)" if "libgomp" in str(error) else ""
        return _state(name, "broken", f"{have} is installed and cannot be imported: {error}{hint}")
    return _state(name, "ok", have)


def _optional(name: str, extra: str, purpose: str) -> dict[str, str]:
    try:
        return _state(name, "ok", f"{version(name)} ({purpose})")
    except PackageNotFoundError:
        return _state(name, "note", f"not installed; for {purpose}: pip install 'steelyard[{extra}]'")


def _plugins() -> list[dict[str, str]]:
    """What other packages add, and what of it had to be left out."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", PluginWarning)
        all_cards()
        datasets()
    left_out = [str(one.message) for one in caught if issubclass(one.category, PluginWarning)]
    added = [one for group in get_args(Group) for one in plugins(group)]
    names = ", ".join(f"{one.name} ({one.group.removeprefix('steelyard.')})" for one in added)
    found = [_state("added", "ok", names)] if names else []
    return found + [_state("added", "note", text) for text in left_out]


def _memory() -> dict[str, str]:
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    except (ValueError, OSError, AttributeError):
        return _state("memory", "note", "unknown on this system")
    cores = os.cpu_count() or 1
    return _state("memory", "ok" if total >= 2 else "note", f"{total:.1f} GiB, {cores} cores")


def _disk() -> dict[str, str]:
    free = shutil.disk_usage(".").free / 2**30
    return _state("disk", "ok" if free >= 1 else "note", f"{free:.1f} GiB free here")
