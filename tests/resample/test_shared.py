"""Neighbour searches shared between samplers: once, with the same answers, and forgotten afterwards."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
from sklearn.base import clone

import steelyard.resample as ours
from steelyard.resample import search
from steelyard.resample.shared import SharedNeighbours


def table(n=400, d=6, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.choice(2, size=n, p=[0.85, 0.15])
    return rng.normal(size=(n, d)) + y[:, None], y


SAMPLERS = [
    ours.SMOTE(random_state=1),
    ours.SMOTETomek(random_state=1),
    ours.SMOTEENN(random_state=1),
    ours.BorderlineSMOTE(random_state=1),
    ours.TomekLinks(),
    ours.EditedNearestNeighbours(),
    ours.NeighbourhoodCleaningRule(),
    ours.TomekLinks(sampling_strategy="all"),
]


def test_shared_searches_change_no_row():
    X, y = table()
    alone = [clone(sampler).fit_resample(X, y) for sampler in SAMPLERS]
    with SharedNeighbours() as shared:
        for _ in range(2):
            for sampler, (rows, labels) in zip(SAMPLERS, alone, strict=True):
                found = clone(sampler).fit_resample(X.copy(), y)
                np.testing.assert_array_equal(found[0], rows)
                np.testing.assert_array_equal(found[1], labels)
    assert shared.taken > shared.made


def test_other_rows_get_no_foreign_answer():
    with SharedNeighbours() as shared:
        for seed in range(3):
            X, y = table(seed=seed)
            for k in (3, 4):
                sampler = ours.EditedNearestNeighbours(n_neighbors=k)
                rows, _ = sampler.fit_resample(X, y)
                with SharedNeighbours():  # one inside the other: the inner one starts empty
                    np.testing.assert_array_equal(sampler.fit_resample(X, y)[0], rows)
    assert (shared.made, shared.taken) == (6, 0)


@pytest.mark.parametrize("most", [1, 4])
def test_no_more_than_the_given_answers_are_kept_and_all_go_in_the_end(most):
    with SharedNeighbours(most) as shared:
        for seed in range(6):
            ours.TomekLinks().fit_resample(*table(seed=seed))
    assert len(shared._answers) == most
    watched = weakref.ref(shared)
    del shared
    gc.collect()
    assert watched() is None


def test_smote_and_smote_tomek_search_the_rare_class_once(monkeypatch):
    asked = []
    plain = search.Reference
    monkeypatch.setattr(
        search, "Reference", lambda X, *rest, **named: asked.append(len(X)) or plain(X, *rest, **named)
    )
    X, y = table()
    with SharedNeighbours():
        ours.SMOTE(random_state=1).fit_resample(X, y)
        ours.SMOTETomek(random_state=1).fit_resample(X, y)
    assert asked == [int(y.sum())]
