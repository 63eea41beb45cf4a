from __future__ import annotations

import numpy as np
import pytest

from steelyard.core import UsageError
from steelyard.race.fitting import FitResult
from steelyard.race.folder import RunFolder
from steelyard.race.ledger import Ledger
from steelyard.race.options import Options


def test_the_ledger_gives_back_what_was_put_after_a_restart(tmp_path) -> None:
    ledger = Ledger(tmp_path)
    p = np.array([[0.2, 0.8]])
    ledger.put("L0F0.nothing.a", FitResult("done", 1.5, p, np.array([0.9, 0.1])))
    ledger.put("L0F1.nothing.a", FitResult("failed", 0.1, reason="no"))
    again = Ledger(tmp_path)
    assert np.array_equal(again.get("L0F0.nothing.a").p, p)
    assert again.get("L0F1.nothing.a").reason == "no"
    assert again.get("L0F2.nothing.a") is None
    assert again.seconds == pytest.approx(1.6)


def test_a_folder_gets_its_name_only_when_complete(tmp_path) -> None:
    folder = RunFolder(tmp_path / "out")
    folder.open({"a": 1}, fresh=False)
    assert not (tmp_path / "out").exists()
    folder.complete()
    assert (tmp_path / "out" / "plan.json").exists()
    assert not folder.partial.exists()
    assert folder.finished({"a": 1})


def test_another_run_in_the_way_is_refused_and_fresh_replaces_it(tmp_path) -> None:
    folder = RunFolder(tmp_path / "out")
    folder.open({"a": 1}, fresh=False)
    folder.complete()
    with pytest.raises(UsageError, match="--fresh"):
        folder.finished({"a": 2})
    folder.open({"a": 2}, fresh=True)
    folder.complete()
    assert folder.finished({"a": 2})
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_an_unfinished_run_with_other_settings_is_not_mixed_in(tmp_path) -> None:
    folder = RunFolder(tmp_path / "out")
    folder.open({"a": 1}, fresh=False)
    with pytest.raises(UsageError, match="unfinished"):
        folder.open({"a": 2}, fresh=False)


def test_time_used_survives_a_restart(tmp_path) -> None:
    folder = RunFolder(tmp_path / "out")
    assert folder.open({"a": 1}, fresh=False) == 0
    folder.note_time(12.5)
    assert folder.open({"a": 1}, fresh=False) == 12.5


def test_nothing_is_left_when_no_fit_was_finished(tmp_path) -> None:
    folder = RunFolder(tmp_path / "out")
    folder.open({"a": 1}, fresh=False)
    folder.abandon()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "bad",
    [
        {"folds": 1},
        {"repeats": 0},
        {"test_size": 0.9},
        {"budget": 0},
        {"budget": -1},
        {"max_fits": 0},
        {"budget": 1, "max_fits": 3},
        {"jobs": 0},
        {"seed": -1},
    ],
)
def test_options_out_of_range_are_one_sentence(bad) -> None:
    with pytest.raises(UsageError) as caught:
        Options(**bad)
    assert "\n" not in str(caught.value)


def test_jobs_do_not_decide_the_answer() -> None:
    assert Options(jobs=1).deciding() == Options(jobs=7).deciding()
