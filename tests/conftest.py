"""Shared by all tests: where real data for offline tests may lie."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# a loaded machine draws examples slowly; that says nothing about the code under test
settings.register_profile("steelyard", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steelyard")

# a shell starts what it puts in the background deaf to Ctrl-C, and children inherit that; tests send it to them
signal.signal(signal.SIGINT, signal.default_int_handler)


def _shared() -> Path | None:
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    named = os.environ.get("STEELYARD_DATA")
    folder = Path(named) if named else beside
    return folder if folder.is_dir() else None


@pytest.fixture(scope="session")
def real_data() -> Path:
    folder = _shared()
    if folder is None:
        pytest.skip("no folder of real data: set STEELYARD_DATA or put shared/data beside the checkout")
    return folder
