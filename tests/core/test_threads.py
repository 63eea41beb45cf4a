"""Threads are counted as threads, in processes of a pool too."""

from multiprocessing.process import BaseProcess

import joblib
import pytest

from steelyard.core import count_threads


def test_counts_follow_joblib() -> None:
    assert (count_threads(None), count_threads(1), count_threads(3)) == (1, 1, 3)
    assert count_threads(-1) == joblib.cpu_count()
    with joblib.parallel_config(n_jobs=3):
        assert count_threads(None) == 3


def test_a_process_of_a_pool_may_start_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BaseProcess, "daemon", True)
    with pytest.warns(UserWarning, match="Loky-backed"):
        joblib.effective_n_jobs(2)
    assert count_threads(2) == 2  # warnings are errors here
