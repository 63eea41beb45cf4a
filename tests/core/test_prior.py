from __future__ import annotations

import numpy as np
import pytest

from steelyard.core import DataError, Prior, TargetError, TooFewSamples


def test_counts_ratio_and_probabilities_by_hand() -> None:
    prior = Prior.of([0] * 90 + [1] * 10)
    assert prior.labels == (0, 1)
    assert prior.kind == "binary"
    assert prior.imbalance_ratio == 9
    assert prior.p.tolist() == [0.9, 0.1]
    assert (prior.rarest, prior.commonest) == (1, 0)


def test_weights_count_as_rows() -> None:
    prior = Prior.of(["a", "b"], sample_weight=[3, 1])
    assert prior.counts.tolist() == [3, 1]


def test_ties_make_the_later_label_the_rare_one() -> None:
    assert Prior.of([0, 1]).rarest == 1
    assert Prior.of([0, 1]).commonest == 0


def test_given_labels_may_hold_an_empty_class() -> None:
    prior = Prior.of([0, 0, 2], labels=[0, 1, 2])
    assert prior.counts.tolist() == [2, 0, 1]
    assert prior.imbalance_ratio == float("inf")


def test_encode_names_the_unknown_label() -> None:
    with pytest.raises(TargetError, match="'x'.*'a', 'b'"):
        Prior.of(["a", "b"]).encode(["a", "x"])


def test_effective_classes() -> None:
    assert Prior.of([0, 1, 2, 3]).effective_classes == pytest.approx(4)
    assert Prior.of([0] * 999 + [1]).effective_classes < 1.01


def test_reweighted_prior_is_what_a_weighted_learner_sees() -> None:
    prior = Prior.of([0] * 90 + [1] * 10)
    assert np.allclose(prior.reweighted([1, 9]).p, [0.5, 0.5])


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: Prior.of([]), TooFewSamples),
        (lambda: Prior.of([[0, 1]]), TargetError),
        (lambda: Prior.of(np.array(["a", 1], dtype=object)), TargetError),
        (lambda: Prior.of([0, 1], sample_weight=[1]), DataError),
        (lambda: Prior.of([0, 1]).reweighted([1, 2, 3]), DataError),
    ],
)
def test_bad_labels_are_named(call, error) -> None:
    with pytest.raises(error):
        call()


def test_indicator_matrix_counts_each_label() -> None:
    prior = Prior.of_indicators([[1, 0], [1, 0], [1, 1]])
    assert prior.kind == "multilabel"
    assert prior.counts.tolist() == [3, 1]
