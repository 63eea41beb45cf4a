"""Results survive being written, failures included."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from steelyard.bench import StudyResults, read_results, write_results
from steelyard.core import DataError


def _results() -> StudyResults:
    trials = pd.DataFrame(
        [
            ("k1", "d", "a", "tree", 0, 0, "{}", "done", "", 1.5),
            ("k2", "d", "a", "tree", 0, 0, "{}", "done", "", 0.5),  # told from the first by what it ran
            ("k3", "d", "b", "tree", 0, 0, "{}", "declined", "two classes only", 0.1),
        ],
        columns=["key", "data", "arm", "learner", "seed", "split", "settings", "state", "reason", "seconds"],
    )
    scores = pd.DataFrame(
        [
            ("d", "a", "tree", 0, 0, metric, value, key)
            for key, metric, value in (("k1", "f1", 0.25), ("k1", "mcc", 0.5), ("k2", "gap", 0.0))
        ],
        columns=["data", "arm", "learner", "seed", "split", "metric", "value", "key"],
    )
    return StudyResults(scores, trials, 3)


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    write_results(_results(), tmp_path / "results.parquet")
    back = read_results(tmp_path / "results.parquet")
    pd.testing.assert_frame_equal(back.scores, _results().scores)
    pd.testing.assert_frame_equal(back.trials, _results().trials)
    assert back.states == {"done": 2, "declined": 1}
    assert len(pd.read_parquet(tmp_path / "results.parquet")) == 4


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no results"):
        read_results(tmp_path / "absent.parquet")
    pd.DataFrame({"x": [1]}).to_parquet(tmp_path / "other.parquet")
    with pytest.raises(DataError, match="lacks the columns key, data, arm"):
        read_results(tmp_path / "other.parquet")
    empty = StudyResults(_results().scores[:0], _results().trials[:0], 2)
    with pytest.raises(DataError, match="no finished trial"):
        write_results(empty, tmp_path / "results.parquet")
    assert not (tmp_path / "results.parquet").exists()
