from __future__ import annotations

import numpy as np
import pytest

from steelyard.core import MissingExtra, atomic_path, derive, generator, require, write_text


def test_derived_seeds_are_fixed_for_ever() -> None:
    assert derive(0, "fold", 3) == 3830270226
    assert len({derive(0, "fold", i) for i in range(1000)}) == 1000


def test_generators_pass_through_and_repeat() -> None:
    rng = np.random.default_rng(1)
    assert generator(rng) is rng
    a = generator(np.random.RandomState(3)).random(4)
    b = generator(np.random.RandomState(3)).random(4)
    assert np.array_equal(a, b)


def test_a_failed_write_leaves_the_old_file_and_no_temporary(tmp_path) -> None:
    target = tmp_path / "a.txt"
    write_text(target, "old")
    with pytest.raises(RuntimeError), atomic_path(target) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_a_missing_extra_prints_its_pip_line() -> None:
    with pytest.raises(MissingExtra, match=r"pip install 'steelyard\[boost\]'"):
        require("no_such_library_here", extra="boost")


def test_a_library_that_does_not_load_is_told_from_one_that_is_not_there(tmp_path, monkeypatch) -> None:
    (tmp_path / "odd_build_here.py").write_text("raise RuntimeError('operator x does not exist')")
    monkeypatch.syspath_prepend(tmp_path)
    said = r"odd_build_here is installed but does not load \(operator x does not exist\); run: pip install --force"
    with pytest.raises(MissingExtra, match=said):
        require("odd_build_here", extra="vision")
