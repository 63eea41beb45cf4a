"""Threads are counted as threads, in processes of a pool too; those that limit pools do not wait for ever."""

import subprocess
import sys
from multiprocessing.process import BaseProcess

import joblib
import pytest

from steelyard.core import count_threads

LIMIT_WHILE_LOADING = """
import threading
from threadpoolctl import threadpool_limits

def limit():
    while not loaded.is_set():
        with threadpool_limits(limits=1):
            pass

loaded = threading.Event()
threading.Thread(target=limit, daemon=True).start()
import sklearn.ensemble
loaded.set()
"""


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


def test_pools_are_limited_while_another_thread_loads_libraries() -> None:
    subprocess.run([sys.executable, "-c", LIMIT_WHILE_LOADING], check=True, timeout=120)
