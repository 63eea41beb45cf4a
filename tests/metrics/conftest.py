"""Random rows that every metric is compared on: with and without ties, with and without weights."""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import numpy as np
import pytest


class Case(NamedTuple):
    y: np.ndarray
    p: np.ndarray
    decisions: np.ndarray
    weight: np.ndarray | None


PARAMS = list(product((0, 1), (False, True), (False, True)))
NAMES = [f"seed{s}-{'ties' if t else 'untied'}-{'weights' if w else 'plain'}" for s, t, w in PARAMS]


def _weights(rng: np.random.Generator, n: int, wanted: bool) -> np.ndarray | None:
    return rng.choice([0.0, 0.3, 1.0, 2.7], size=n) if wanted else None


@pytest.fixture(params=PARAMS, ids=NAMES)
def variant(request) -> tuple[int, bool, bool]:
    return request.param


@pytest.fixture
def binary(variant) -> Case:
    seed, ties, weighted = variant
    rng = np.random.default_rng(seed)
    y = (rng.random(300) < 0.2).astype(int)
    p = 1 / (1 + np.exp(-rng.normal(2.0 * y - 1.5, 1.3)))
    if ties:
        p = p.round(1)
    return Case(y, p, (p >= 0.4).astype(int), _weights(rng, 300, weighted))


@pytest.fixture
def many(variant) -> Case:
    """Five classes, of which number 3 never occurs in the truth."""
    seed, ties, weighted = variant
    rng = np.random.default_rng(seed)
    y = rng.choice(5, size=400, p=[0.5, 0.25, 0.2, 0.0, 0.05])
    logits = rng.normal(size=(400, 5)) + 1.5 * np.eye(5)[y]
    p = np.exp(logits)
    p /= p.sum(axis=1, keepdims=True)
    decisions = p.argmax(axis=1)
    if ties:
        p = p.round(1) + 0.02
        p /= p.sum(axis=1, keepdims=True)
    return Case(y, p, decisions, _weights(rng, 400, weighted))
