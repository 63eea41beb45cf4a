"""Two processes on halves of every batch reach the weights of one process on the whole, under other libraries too."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from steelyard.train import load_state  # noqa: E402

HERE = Path(__file__).parent


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _started(script: str, *words: Any, port: int, **names: Any) -> subprocess.Popen[bytes]:
    place = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "GLOO_SOCKET_IFNAME": "lo"}
    place |= {"OMP_NUM_THREADS": "1"} | {name: str(value) for name, value in names.items()}
    return subprocess.Popen([sys.executable, str(HERE / script), *map(str, words)], env=os.environ | place)


def test_two_processes_give_the_weights_of_one(tmp_path: Path) -> None:
    port = _free_port()
    started = [_started("replicas.py", rank, 2, tmp_path / "two", port=port) for rank in (0, 1)]
    started.append(_started("replicas.py", 0, 1, tmp_path / "one", port=port))
    assert [process.wait(timeout=240) for process in started] == [0, 0, 0]
    one, two = (load_state(tmp_path / name / "state.safetensors") for name in ("one", "two"))
    for name in one["model"]:
        torch.testing.assert_close(one["model"][name], two["model"][name])
    # the mean loss of a process is that of its own rows
    assert [record["epoch"] for record in two["history"]] == [0, 1, 0, 1]


@pytest.mark.small
@pytest.mark.parametrize(
    ("way", "library"), [("lightning", "lightning.pytorch"), ("huggingface", "transformers")]
)
def test_two_processes_under_another_library_give_the_weights_of_our_loop_in_one(
    way: str, library: str, tmp_path: Path
) -> None:
    """Sharpness-aware steps on a deferred loss, then on the head alone."""
    pytest.importorskip(library, reason=f"{library} is not installed")
    port = _free_port()
    started = [
        _started(
            "libraries.py",
            way,
            tmp_path / "two",
            port=port,
            RANK=rank,
            LOCAL_RANK=rank,
            WORLD_SIZE=2,
            NODE_RANK=0,
        )
        for rank in (0, 1)
    ]
    started.append(_started("libraries.py", "fit", tmp_path / "one", port=port))
    assert [process.wait(timeout=500) for process in started] == [0, 0, 0]
    one, two = (load_state(tmp_path / f"{name}.safetensors") for name in ("one", "two"))
    for name in one:
        torch.testing.assert_close(one[name], two[name])
