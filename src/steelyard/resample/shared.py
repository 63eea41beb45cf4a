"""Neighbour searches made once for all samplers that meet the same rows."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from threading import Lock
from typing import Any, ParamSpec, TypeVar

import numpy as np

__all__ = ["SharedNeighbours", "shareable"]

P = ParamSpec("P")
R = TypeVar("R")


class SharedNeighbours:
    """While it is open, samplers take over each other's neighbour searches.

    When to use it: around several samplers that are tried on the same rows. Answers are told apart by the contents
    of the rows and the options, so a copy of the rows is recognised and other rows never get a foreign answer. The
    answers are the same as without it, and are forgotten with the object. A thread takes part when it opens the
    object itself.

    Args:
        most: how many answers are kept; the one unused for longest goes first.

    >>> from steelyard.resample import SMOTE, SMOTETomek
    >>> X, y = np.random.default_rng(0).normal(size=(60, 2)), [0] * 45 + [1] * 15
    >>> with SharedNeighbours() as shared:
    ...     _ = SMOTE(random_state=0).fit_resample(X, y)
    ...     _ = SMOTETomek(random_state=0).fit_resample(X, y)
    >>> shared.made, shared.taken
    (2, 1)
    """

    def __init__(self, most: int = 16) -> None:
        self.most = most
        self.made = self.taken = 0
        self._answers: OrderedDict[tuple[str, ...], _Slot] = OrderedDict()
        self._lock = Lock()

    def __enter__(self) -> SharedNeighbours:
        _open.set((*_open.get(), self))
        return self

    def __exit__(self, *_: object) -> None:
        _open.set(_open.get()[:-1])

    def answer(self, key: tuple[str, ...], work: Callable[[], R]) -> R:
        """The answer known by this key, or the one `work` gives now; who comes meanwhile waits for it."""
        with self._lock:
            slot = self._answers.setdefault(key, _Slot())
            self._answers.move_to_end(key)
            while len(self._answers) > self.most:
                self._answers.popitem(last=False)
        with slot.lock:
            known = slot.done
            if not known:
                slot.value, slot.done = work(), True
            found: R = slot.value
        with self._lock:
            self.taken += known
            self.made += not known
        return _copied(found)


class _Slot:
    """Room for one answer."""

    def __init__(self) -> None:
        self.lock, self.done = Lock(), False
        self.value: Any = None


_open: ContextVar[tuple[SharedNeighbours, ...]] = ContextVar("shared_neighbours", default=())


def shareable(search: Callable[P, R]) -> Callable[P, R]:
    """A search whose answer depends on its arguments alone (`n_jobs` aside) and may be shared."""

    @wraps(search)
    def shared(*args: P.args, **kwargs: P.kwargs) -> R:
        memories = _open.get()
        if not memories:
            return search(*args, **kwargs)
        told = [(name, value) for name, value in sorted(kwargs.items()) if name != "n_jobs"]
        key = (
            search.__name__,
            *map(_told_apart, args),
            *(f"{name}={_told_apart(value)}" for name, value in told),
        )
        return memories[-1].answer(key, lambda: search(*args, **kwargs))

    return shared


def _told_apart(value: Any) -> str:
    """A short text that differs where the value does."""
    if not isinstance(value, np.ndarray):
        parts = [getattr(value, name) for name in ("data", "indices", "indptr") if hasattr(value, name)]
        return repr(value) + "".join(map(_told_apart, parts))
    digest = hashlib.blake2b(np.ascontiguousarray(value).data, digest_size=16).hexdigest()
    return f"{value.dtype}{value.shape}{digest}"


def _copied(found: R) -> R:
    """Arrays are handed out as copies, so that nobody changes another's."""
    if isinstance(found, tuple):
        return type(found)(part.copy() for part in found)
    return found.copy() if isinstance(found, np.ndarray) else found
