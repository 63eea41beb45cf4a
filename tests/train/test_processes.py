"""Two processes on halves of every batch reach the weights of one process on the whole."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from steelyard.train import load_state  # noqa: E402

SCRIPT = Path(__file__).with_name("replicas.py")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _started(rank: int, world: int, port: int, folder: Path) -> subprocess.Popen[str]:
    place = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "GLOO_SOCKET_IFNAME": "lo"}
    command = [sys.executable, str(SCRIPT), str(rank), str(world), str(folder)]
    return subprocess.Popen(command, env=os.environ | place | {"OMP_NUM_THREADS": "1"}, text=True)


def test_two_processes_give_the_weights_of_one(tmp_path: Path) -> None:
    port = _free_port()
    started = [_started(rank, 2, port, tmp_path / "two") for rank in (0, 1)]
    started.append(_started(0, 1, port, tmp_path / "one"))
    assert [process.wait(timeout=240) for process in started] == [0, 0, 0]
    one, two = (load_state(tmp_path / name / "state.safetensors") for name in ("one", "two"))
    for name in one["model"]:
        torch.testing.assert_close(one["model"][name], two["model"][name])
    # the mean loss of a process is that of its own rows
    assert [record["epoch"] for record in two["history"]] == [0, 1, 0, 1]
