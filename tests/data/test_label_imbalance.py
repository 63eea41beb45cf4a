"""Measures of label imbalance against hand values and the figures published for real sets."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from steelyard.core import DataError
from steelyard.data import cvir, irlbl, mean_ir, scumble

Y = np.array([[1, 1, 0], [1, 0, 0], [1, 1, 0], [1, 0, 1], [0, 0, 0]])
"""Counts 4, 2, 1, so the ratios are 1, 2, 4."""


def test_hand_values():
    assert irlbl(Y).tolist() == [1, 2, 4]
    assert mean_ir(Y) == pytest.approx(7 / 3)
    assert cvir(Y) == pytest.approx(np.sqrt(7 / 3) / (7 / 3))
    pairs = [1 - np.sqrt(2) / 1.5, 0, 1 - np.sqrt(2) / 1.5, 1 - 2 / 2.5, 0]
    assert scumble(Y) == pytest.approx(np.mean(pairs))


def test_sparse_equals_dense():
    for measure in (mean_ir, cvir, scumble):
        assert measure(sparse.csr_matrix(Y)) == pytest.approx(measure(Y))


def test_a_label_nobody_carries_is_infinitely_rare_and_left_out_of_the_means():
    wider = np.column_stack([Y, np.zeros(5, int)])
    assert irlbl(wider).tolist() == [1, 2, 4, np.inf]
    assert (mean_ir(wider), cvir(wider), scumble(wider)) == (mean_ir(Y), cvir(Y), scumble(Y))


@pytest.mark.parametrize("wrong", [[[0, 2]], [1, 0], np.zeros((0, 3)), [[0.5, 1]]])
def test_nonsense_is_refused(wrong):
    with pytest.raises(DataError, match="0/1 column|rows × labels"):
        irlbl(wrong)


def test_no_labels_at_all():
    with pytest.raises(DataError, match="no row carries a label"):
        mean_ir(np.zeros((3, 2), int))


# MeanIR, CVIR and SCUMBLE as printed by Charte et al. (2014, 2015) for the same sets
@pytest.mark.parametrize(
    ("name", "published"),
    [("yeast", (7.197, 1.884, 0.104)), ("scene", (1.254, 0.122, 0.000)), ("enron", (73.953, 1.960, 0.303))],
)
def test_published_figures(real_data, name, published):
    stored = np.load(real_data / "multilabel" / f"{name}.npz")
    labels = np.unpackbits(stored["Y"], axis=1, count=len(stored["labels"]))
    assert (mean_ir(labels), cvir(labels), scumble(labels)) == pytest.approx(published, abs=1e-3)
