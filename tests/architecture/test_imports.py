"""What importing steelyard costs and does to the process it is imported into."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest

HEAVY = (
    "numpy",
    "pandas",
    "sklearn",
    "scipy",
    "lightgbm",
    "torch",
    "matplotlib",
    "polars",
    "pyarrow",
    "rich",
)


def _loaded(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys, json; print(json.dumps(sorted(sys.modules)))"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_a_cold_import_loads_nothing_heavy() -> None:
    assert not _loaded("import steelyard") & set(HEAVY)


def test_a_cold_import_takes_under_a_tenth_of_a_second() -> None:
    """Best of several, above what starting Python itself takes."""

    def best(code: str) -> float:
        times = []
        for _ in range(7):
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)
            times.append(time.perf_counter() - start)
        return min(times)

    assert best("import steelyard") - best("pass") < 0.1


@pytest.mark.parametrize(
    "words", [["--help"], ["run", "--help"], ["train", "--help"], ["list"], ["where", "021"]]
)
def test_help_and_listings_load_no_library_for_data(words) -> None:
    code = f"from steelyard.cli.main import main\ntry:\n    main({words!r})\nexcept SystemExit:\n    pass"
    assert not _loaded(code) & {"pandas", "sklearn", "scipy", "lightgbm", "torch", "pyarrow"}


def test_torch_is_never_loaded_by_the_main_job() -> None:
    assert "torch" not in _loaded("import steelyard.race, steelyard\nsteelyard.run")


def test_importing_everything_changes_nothing_in_the_process() -> None:
    code = """
import warnings, logging, random, sys
import numpy as np
import importlib
import sklearn.utils, lightgbm, pandas, skops.io, rich, typer
for other in ("torch", "lightning.pytorch", "transformers"):
    try:
        importlib.import_module(other).Trainer  # transformers imports a name when it is asked for it
    except (ImportError, AttributeError):
        pass
before = (list(warnings.filters), logging.root.level, list(logging.root.handlers), random.getstate(),
          np.random.get_state()[1].tolist(), np.geterr(), pandas.get_option("display.max_rows"))
import pkgutil, steelyard
for found in pkgutil.walk_packages(steelyard.__path__, "steelyard."):
    if not found.name.endswith("__main__"):
        try:
            importlib.import_module(found.name)
        except steelyard.core.MissingExtra:
            pass
after = (list(warnings.filters), logging.root.level, list(logging.root.handlers), random.getstate(),
         np.random.get_state()[1].tolist(), np.geterr(), pandas.get_option("display.max_rows"))
changed = [i for i, (a, b) in enumerate(zip(before, after)) if a != b]
assert not changed, changed
"""
    subprocess.run([sys.executable, "-c", code], check=True)
