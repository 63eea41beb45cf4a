"""How a check fails: with one sentence that says what was seen and what the protocol asks."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import numpy as np

from steelyard.core import SteelyardError

__all__ = ["NotConforming"]


class NotConforming(SteelyardError, AssertionError):  # noqa: N818 - reads as the fact it states
    """A method does not keep its protocol."""


def demand(holds: Any, sentence: str) -> None:
    """Raise `NotConforming` with `sentence` unless `holds`."""
    if not bool(holds):
        raise NotConforming(sentence)


def demand_equal(got: Any, wanted: Any, sentence: str, *, tolerance: float = 0.0) -> None:
    """Compare arrays or numbers (NaN equals NaN) and show both when they differ."""
    a, b = np.asarray(got, dtype=float), np.asarray(wanted, dtype=float)
    same = a.shape == b.shape and np.allclose(a, b, rtol=tolerance, atol=tolerance, equal_nan=True)
    demand(same, f"{sentence}: {_shown(a)} is not {_shown(b)}")


def demand_error(call: Any, kinds: type[Exception] | tuple[type[Exception], ...], sentence: str) -> None:
    """Demand that `call()` raises one of `kinds`, with a message."""
    try:
        call()
    except kinds as error:
        demand(str(error).strip(), f"{sentence}; it raised {type(error).__name__} without a message")
        return
    except Exception as error:
        raise NotConforming(f"{sentence}; it raised {type(error).__name__}: {error}") from error
    raise NotConforming(f"{sentence}; it raised nothing")


@contextmanager
def quietly(what: str) -> Iterator[None]:
    """Turn any warning inside into a failure."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            yield
        except Warning as warning:
            raise NotConforming(f"{what} warned: {type(warning).__name__}: {warning}") from warning


@contextmanager
def untouched(*arrays: Any, what: str) -> Iterator[None]:
    """Demand that `arrays` come out as they went in."""
    before = [np.array(array, copy=True) for array in arrays]
    yield
    for old, new in zip(before, arrays, strict=True):
        kept = np.array_equal(old, np.asarray(new), equal_nan=old.dtype.kind in "fc")
        demand(kept, f"{what} changed its input; copy before writing")


def _shown(values: Any, limit: Literal[4] = 4) -> str:
    flat = np.asarray(values).ravel()
    return f"{flat[:limit].tolist()}{' …' if flat.size > limit else ''}"
