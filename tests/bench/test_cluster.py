"""On a real Ray cluster of several nodes: the serial table, with a node lost on the way."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from steelyard.bench import Limits, Trial, load_study, run_study
from steelyard.bench.executors import OnRay, Serial
from steelyard.core import Event

pytest.importorskip("ray", reason="ray is not installed")
pytestmark = pytest.mark.filterwarnings("default")  # ray's own threads and sockets warn

FILE = Path(__file__).with_name("toy_study.py")
toy = load_study(FILE)


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    import ray
    from ray.cluster_utils import Cluster

    monkeypatch.setenv("RAY_ENABLE_UV_RUN_RUNTIME_ENV", "0")
    # workers import what this process imports
    source = str(Path(__file__).resolve().parents[2] / "src")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([source, os.environ.get("PYTHONPATH", "")]))
    nodes = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "object_store_memory": 80 * 2**20})
    yield nodes
    ray.shutdown()
    nodes.shutdown()


def _quality(scores: pd.DataFrame) -> pd.DataFrame:
    return scores[scores["metric"] == "quality"].reset_index(drop=True)


def test_a_node_lost_mid_study_changes_nothing(cluster: Any, tmp_path: Path) -> None:
    import ray

    added = [cluster.add_node(num_cpus=1, object_store_memory=80 * 2**20) for _ in range(2)]
    trials = [
        Trial(toy.act, f"set{d}", arm, seed=s, settings={"do": "pause", "seconds": 0.3}, shares=f"set{d}")
        for d in range(6)
        for arm in ("plain", "better")
        for s in range(3)
    ]
    killed = []

    def kill(event: Event) -> None:
        if event.done == 5 and not killed:
            killed.append(event.done)
            here = ray.get_runtime_context().get_node_id()  # any node of this machine, not always the head
            lost = next(node for node in added if node.node_id != here)
            cluster.remove_node(lost, allow_graceful=False)

    many = run_study(trials, tmp_path / "ray", OnRay(cluster.address, study=FILE), listener=kill)
    assert killed
    assert many.states == {"done": 36}
    alone = run_study(trials, tmp_path / "serial", Serial())
    pd.testing.assert_frame_equal(_quality(many.scores), _quality(alone.scores))


def test_failures_on_a_cluster_are_rows_too(cluster: Any, tmp_path: Path) -> None:
    acts = ["work", "fail", "sleep", "die", "work"]
    trials = [
        Trial(toy.act, "d", f"{i} {act}", settings={"do": act}, shares="one") for i, act in enumerate(acts)
    ]
    executor = OnRay(cluster.address, limits=Limits(seconds=1), study=FILE)
    found = run_study(trials, tmp_path, executor).trials.set_index("arm")["state"].to_dict()
    assert found == {
        "0 work": "done",
        "1 fail": "failed",
        "2 sleep": "timeout",
        "3 die": "died",
        "4 work": "done",
    }
