"""How many threads a number of jobs means."""

from __future__ import annotations

__all__ = ["count_threads"]


def count_threads(n_jobs: int | None) -> int:
    """What `n_jobs` threads are here: all cores for -1, one for None unless joblib was told otherwise.

    joblib's own count is of processes, which a process of a pool may not start; it would warn there and answer one.
    """
    import joblib

    with joblib.parallel_config(backend="threading"):
        return int(joblib.effective_n_jobs(n_jobs))
