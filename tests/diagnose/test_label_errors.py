"""Confident learning: the published counts, another implementation's results, planted mistakes found."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_classification

from steelyard.diagnose import confident_joint, diagnose, find_label_errors


def doubtful(n: int, n_classes: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.full(n_classes, 0.5), n)
    y = np.array([rng.choice(n_classes, p=row) for row in p])
    return np.where(rng.random(n) < 0.1, rng.integers(0, n_classes, n), y), p


def test_counts_by_hand():
    # mean own probabilities: class 0 (5·.9 + .1)/6 = .767, class 1 .8
    p = np.array([[0.9, 0.1]] * 5 + [[0.1, 0.9]] + [[0.2, 0.8]] * 5 + [[0.75, 0.25]])
    y = np.array([0] * 6 + [1] * 5 + [1])
    # class 1: (5·.8 + .25)/6 = .708; the last row reaches neither .767 nor .708
    assert confident_joint(y, p).tolist() == [[5, 1], [0, 5]]
    found = find_label_errors(y, p)
    assert (found.rows.tolist(), found.given.tolist(), found.suggested.tolist()) == ([5], [0], [1])
    assert found.margin.tolist() == pytest.approx([0.8])


def test_frozen_results_of_cleanlab_2_9():
    rng = np.random.default_rng(7)
    p = np.round(rng.dirichlet(np.ones(3) * 0.5, 40), 2)
    p = np.round(p / p.sum(axis=1, keepdims=True), 3)
    y = np.arange(40) % 3
    assert confident_joint(y, p).tolist() == [[6, 5, 3], [7, 3, 3], [5, 5, 3]]
    expected = [
        0,
        2,
        3,
        4,
        7,
        9,
        10,
        11,
        14,
        15,
        17,
        18,
        19,
        20,
        22,
        23,
        25,
        26,
        28,
        29,
        30,
        31,
        *range(34, 40),
    ]
    assert sorted(find_label_errors(y, p).rows.tolist()) == expected


@pytest.mark.parametrize("n_classes", [2, 3, 5])
def test_cleanlab_finds_the_same(n_classes):
    count = pytest.importorskip("cleanlab.count", reason="cleanlab is not installed")
    cleanlab_filter = pytest.importorskip("cleanlab.filter")
    for seed in range(3):
        y, p = doubtful(400, n_classes, seed)
        assert (count.compute_confident_joint(y, p, calibrate=False) == confident_joint(y, p)).all()
        theirs = np.flatnonzero(
            cleanlab_filter.find_label_issues(y, p, filter_by="confident_learning", n_jobs=1)
        )
        assert sorted(find_label_errors(y, p).rows.tolist()) == theirs.tolist()


def test_classes_of_a_few_rows_neither_accuse_nor_are_accused():
    rng = np.random.default_rng(0)
    y = np.array([0] * 40 + [1] * 40 + [2] * 3)
    p = rng.dirichlet([1, 1, 0.1], 83)
    found = find_label_errors(y, p)
    assert 2 not in found.suggested
    assert 2 not in found.given
    assert confident_joint(y, p)[2].sum() == confident_joint(y, p)[:, 2].sum() == 0


@pytest.mark.parametrize(("n_classes", "weights"), [(2, [0.9]), (2, [0.97]), (3, [0.7, 0.2])])
def test_planted_mistakes_are_recovered(n_classes, weights):
    X, y = make_classification(
        3000,
        10,
        n_informative=6,
        n_classes=n_classes,
        weights=weights,
        class_sep=1.5,
        flip_y=0,
        n_clusters_per_class=1,
        random_state=1,
    )
    rng = np.random.default_rng(1)
    wrong = rng.random(3000) < 0.04
    noisy = np.where(wrong, (y + rng.integers(1, n_classes, 3000)) % n_classes, y)
    frame = pd.DataFrame(X).rename(columns=str).assign(target=noisy)
    found = diagnose(frame, target="target", positive=1 if n_classes == 2 else None).label_errors
    assert wrong[found.rows].mean() > 0.8
    assert wrong[found.rows].sum() > 0.65 * wrong.sum()
    assert wrong[found.rows[:40]].mean() > 0.9
    hit = found.rows[wrong[found.rows]]
    assert (found.suggested[wrong[found.rows]] == y[hit]).mean() > 0.9


def test_honest_labels_raise_little_doubt():
    X, y = make_classification(
        2000, 10, n_informative=6, weights=[0.9], class_sep=2.0, flip_y=0, random_state=1
    )
    frame = pd.DataFrame(X).rename(columns=str).assign(target=y)
    assert len(diagnose(frame, target="target", positive=1).label_errors) < 0.03 * 2000


def test_rows_are_those_of_the_given_table():
    rng = np.random.default_rng(0)
    y = np.where(np.arange(600) % 4 == 0, "a", "b").astype(object)
    frame = pd.DataFrame({"x": rng.normal(size=600) + 8 * (y == "a"), "target": y})
    frame.loc[200, "target"] = "b"
    frame.loc[:99, "target"] = None
    found = diagnose(frame, target="target")
    assert found.label_errors.rows.tolist() == [200]
    assert "row 200" in {row.name for row in found.section("Probable label errors").rows}
