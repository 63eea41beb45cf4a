from __future__ import annotations

import numpy as np
import pytest

from steelyard.core import UsageError
from steelyard.ensemble import balancing, progressive, uniform
from steelyard.ensemble.schedules import planned

ORIGIN, TARGET = np.array([900.0, 100.0]), np.array([100.0, 100.0])


def test_progressive_goes_from_all_rows_to_the_target() -> None:
    majority = [progressive(ORIGIN, TARGET, i, 5)[0] for i in range(5)]
    assert majority == [900, 700, 500, 300, 100]
    assert progressive(ORIGIN, TARGET, 0, 1)[0] == 100


def test_uniform_is_the_target_in_every_round() -> None:
    assert {tuple(uniform(ORIGIN, TARGET, i, 5)) for i in range(5)} == {(100.0, 100.0)}


def test_names_and_functions() -> None:
    assert balancing("progressive") is progressive
    assert balancing(planned) is planned  # type: ignore[arg-type]  # any function passes through
    with pytest.raises(UsageError, match="balancing_schedule='linear'"):
        balancing("linear")


@pytest.mark.parametrize("counts", [[1.0], [0.0, 5.0], [np.nan, 5.0]])
def test_a_schedule_that_gives_nonsense_is_refused(counts: list[float]) -> None:
    with pytest.raises(UsageError, match="round 3"):
        planned(lambda *_: counts, ORIGIN, TARGET, 3, 5)
