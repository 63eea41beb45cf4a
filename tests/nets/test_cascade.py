"""Cascades of evidential experts: all of them is the fold, a threshold stops row by row."""

from __future__ import annotations

from functools import reduce

import pytest
import torch

from steelyard.core import TargetError
from steelyard.nets import cascade, dst_combine, evidence

Z = 2 * torch.randn(50, 3, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def test_with_all_experts_it_is_dempsters_rule_in_any_order() -> None:
    folded = reduce(dst_combine, [evidence(Z[:, e]) for e in (2, 0, 1)])
    whole = cascade(Z)
    assert torch.allclose(whole.belief, folded.belief, atol=1e-12)
    assert torch.allclose(whole.uncertainty, folded.uncertainty, atol=1e-12)
    assert torch.allclose(whole.belief.sum(1) + whole.uncertainty, torch.ones(50, dtype=torch.float64))
    assert whole.asked.tolist() == [3] * 50


def test_rows_stop_as_soon_as_little_is_unknown() -> None:
    first = evidence(Z[:, 0])
    second = dst_combine(first, evidence(Z[:, 1]))
    threshold = float(first.uncertainty.median())
    some = cascade(Z, threshold)
    expected = 1 + (first.uncertainty > threshold).long()
    expected += (first.uncertainty > threshold) & (second.uncertainty > threshold)
    assert some.asked.tolist() == expected.tolist()
    assert {1, 2} <= set(some.asked.tolist())
    assert torch.equal(some.belief[some.asked == 1], first.belief[some.asked == 1])
    assert torch.equal(some.belief[some.asked == 2], second.belief[some.asked == 2])


def test_logits_of_a_single_net_are_refused() -> None:
    with pytest.raises(TargetError, match="expected"):
        cascade(torch.zeros(3, 4))
