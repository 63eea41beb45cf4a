"""Whole training states in one file, written at once or not at all, and read without running anything."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from torch import Tensor

from steelyard.core import DataError, atomic_path, require

__all__ = ["load_state", "save_state"]

MARK = "__tensor__"


def save_state(path: str | Path, state: Any) -> None:
    """Write nested dicts, lists, numbers, texts and tensors as a safetensors file.

    Raises:
        DataError: a value of another kind.

    >>> import torch
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     save_state(f"{folder}/s", {"w": [torch.ones(2), 3]})
    ...     load_state(f"{folder}/s")
    {'w': [tensor([1., 1.]), 3]}
    """
    tensors: dict[str, Tensor] = {}
    plain = json.dumps(_without_tensors(state, tensors))
    with atomic_path(path) as temporary:
        safe = require("safetensors.torch", extra="torch")
        safe.save_file(tensors, str(temporary), metadata={"state": plain})


def load_state(path: str | Path) -> Any:
    """Read what `save_state` wrote; tensors come on the CPU.

    Raises:
        DataError: no such file, or not one of these.
    """
    safetensors = require("safetensors", extra="torch")
    try:
        with safetensors.safe_open(str(path), framework="pt") as file:
            plain = json.loads(file.metadata()["state"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    except (OSError, safetensors.SafetensorError, TypeError, KeyError, ValueError) as error:
        raise DataError(f"{path} is no training state of steelyard ({error}); start without it") from error
    return _with_tensors(plain, tensors)


def _without_tensors(value: Any, tensors: dict[str, Tensor]) -> Any:
    if isinstance(value, Tensor):
        name = f"t{len(tensors)}"
        # safetensors refuses tensors that share memory
        tensors[name] = value.detach().cpu().contiguous().clone()
        return {MARK: name}
    if isinstance(value, dict):
        # keys may be numbers, which JSON would turn into texts
        return {"dict": [[key, _without_tensors(item, tensors)] for key, item in value.items()]}
    if isinstance(value, list | tuple):
        kind = "list" if isinstance(value, list) else "tuple"
        return {kind: [_without_tensors(item, tensors) for item in value]}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise DataError(
        f"a training state holds a {type(value).__name__}; keep numbers, texts, lists, dicts and tensors"
    )


def _with_tensors(value: Any, tensors: dict[str, Tensor]) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == MARK:
        return tensors[content]
    if kind == "dict":
        return {key: _with_tensors(item, tensors) for key, item in content}
    items = [_with_tensors(item, tensors) for item in content]
    return items if kind == "list" else tuple(items)
