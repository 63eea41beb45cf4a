"""What rows are worth."""

from __future__ import annotations

import math

import numpy as np
import pytest

from steelyard.diagnose import detectable_difference, diagnose, grouped_rows, weighted_rows
from steelyard.metrics import average_precision


def test_weights():
    assert weighted_rows(np.ones(7)) == 7
    assert weighted_rows(np.array([3.0, 1.0])) == pytest.approx(16 / 10)
    assert weighted_rows(np.zeros(3)) == 0


def test_groups_that_hold_one_answer_count_once():
    group = np.repeat(np.arange(50), 10)
    hit = np.repeat(np.arange(50) % 5 == 0, 10)
    assert grouped_rows(group, hit) == pytest.approx(50)


def test_groups_that_say_nothing_cost_nothing():
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(200), 10)
    assert grouped_rows(group, rng.random(2000) < 0.3) > 1500
    assert grouped_rows(np.arange(30), np.arange(30) % 3 == 0) == 30
    assert grouped_rows(np.zeros(30, dtype=np.int64), np.arange(30) % 3 == 0) == 1


def test_the_spread_of_grouped_shares_is_the_one_promised():
    rng = np.random.default_rng(0)
    shares, worth = [], []
    for _ in range(400):
        level = rng.beta(1, 4, 60)  # intraclass correlation 1 / (1 + 1 + 4)
        hit = rng.random((60, 8)) < level[:, None]
        shares.append(hit.mean())
        worth.append(grouped_rows(np.repeat(np.arange(60), 8), hit.ravel()))
    assert np.var(shares) == pytest.approx(0.2 * 0.8 / np.mean(worth), rel=0.2)


def test_the_smallest_visible_difference_is_of_the_right_size():
    """Two models on the same rows, alike as models are: the formula against their differences in many samples."""
    rng = np.random.default_rng(0)
    gaps, levels, alike = [], [], []
    for _ in range(300):
        y = np.repeat([1, 0], [80, 1500])
        shared = rng.normal(size=1580) + 1.8 * y
        pair = [average_precision(y, shared + 0.4 * rng.normal(size=1580)) for _ in range(2)]
        gaps.append(pair[0] - pair[1])
        levels += pair
        alike.append(pair)
    spread = math.sqrt(2 * (1 - float(np.corrcoef(np.array(alike).T)[0, 1]))) * float(np.std(levels))
    assert np.std(gaps) == pytest.approx(spread, rel=0.15)
    promised = detectable_difference(80, float(np.mean(levels)))
    assert 0.5 < promised / (2.8 * np.std(gaps)) < 2


def test_more_positives_show_smaller_differences():
    assert detectable_difference(400, 0.5) < detectable_difference(100, 0.5) / 1.9
    assert math.isnan(detectable_difference(0.4, 0.5))
    assert 0 < detectable_difference(100, 1.0) < detectable_difference(100, 0.9)


def test_the_sections_count(clean):
    frame = clean(500, share=0.2)
    frame["w"] = np.where(np.arange(500) < 250, 1.0, 0.0)
    frame["g"] = np.arange(500) // 5
    found = diagnose(frame, target="target", weight="w", group="g")
    counts = {row.name: row.value for row in found.section("Counts").rows}
    bad = int((frame["target"] == "bad").sum())
    assert counts["rows of 'bad'"] == bad
    sizes = {row.name: row.value for row in found.section("Effective sample size").rows}
    assert sizes["effective rows under weights"] == 250
    assert 300 < sizes["effective rows under groups"] <= 500
    tested = sizes["'bad' in a final test part"]
    assert tested == pytest.approx(0.2 * sizes["effective rows of 'bad'"])
    assert sizes["effective rows of 'bad'"] == pytest.approx(
        bad * 0.5 * sizes["effective rows under groups"] / 500
    )
    assert "a = (m·AP+2)/(m+4)" in found.section("Effective sample size").rows[-1].text
