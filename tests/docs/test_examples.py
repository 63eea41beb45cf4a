"""The examples run and show what they are there to show."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

from steelyard.bench import listed_trials, load_study, one_of_each, run_study
from steelyard.bench.executors import Serial

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def _main(name: str) -> dict[str, Any]:
    return runpy.run_path(str(EXAMPLES / name))["main"]()


def test_every_example_is_tested() -> None:
    tested = Path(__file__).read_text(encoding="utf-8")
    for path in EXAMPLES.glob("*.py"):
        assert f'_main("{path.name}")' in tested


def test_costs_by_row_are_served_best_by_thresholds_by_row(capsys) -> None:
    spent = _main("cost_sensitive_decision.py")
    assert list(spent) == sorted(spent, key=lambda name: -spent[name])
    assert "saves" in capsys.readouterr().out


def test_a_re_targeted_model_expects_what_is_there(capsys) -> None:
    ratios = _main("retarget_a_prevalence.py")
    assert ratios["as trained"] > 5
    assert 0.8 < ratios["re-targeted"] < 1.25
    assert "estimated without labels" in capsys.readouterr().out


def test_weights_survive_and_the_prior_is_undone(capsys) -> None:
    ratios = _main("resample_with_weights.py")
    assert len(ratios) == 4
    for name, ratio in ratios.items():
        assert 0.85 < ratio < 1.15 if name.endswith("undone") else ratio > 5
    assert "household" in capsys.readouterr().out


def _pays_in_the_tail(found: dict[str, dict[str, float]]) -> None:
    """Every arm after the first one has more recall where classes are rare, and keeps the common ones."""
    first, *others = found.values()
    for other in others:
        assert other["few"] > first["few"]
        assert other["many"] > 0.95


def test_a_plain_loop_takes_losses_schedules_and_samplers(capsys) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    _pays_in_the_tail(_main("deep_learning_pytorch.py"))
    assert "balanced softmax" in capsys.readouterr().out


@pytest.mark.filterwarnings("ignore:.isinstance.treespec, LeafSpec:FutureWarning")
@pytest.mark.filterwarnings("ignore::UserWarning:lightning")
def test_lightning_takes_losses_and_stages(capsys) -> None:
    pytest.importorskip("lightning.pytorch", reason="lightning is not installed")
    _pays_in_the_tail(_main("deep_learning_lightning.py"))
    assert "SAM" in capsys.readouterr().out


def test_the_trainer_of_transformers_takes_losses_and_averages(capsys) -> None:
    pytest.importorskip("transformers", reason="transformers is not installed")
    _pays_in_the_tail(_main("deep_learning_huggingface.py"))
    assert "averaged" in capsys.readouterr().out


def test_every_example_study_lists_trials_and_runs_one_of_each_arm(tmp_path: Path) -> None:
    for path in sorted((EXAMPLES / "studies").glob("*.py")):
        trials = one_of_each(listed_trials(load_study(path), "smoke", 0))
        assert run_study(trials, tmp_path / path.stem, Serial()).states == {"done": len(trials)}
