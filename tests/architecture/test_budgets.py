"""The budgets that keep the code small: they are tests, not advice."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src" / "steelyard"
FILES = sorted(SRC.rglob("*.py"))


def _name(path: Path) -> str:
    return str(path.relative_to(SRC))


def test_files_have_one_idea() -> None:
    long = {_name(f): n for f in FILES if (n := len(f.read_text(encoding="utf-8").splitlines())) > 400}
    assert not long


def test_functions_fit_a_screen() -> None:
    """Sixty lines without the docstring, which explains and is not code."""
    long = {}
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                lines = (node.end_lineno or 0) - body[0].lineno + 1 if body else 0
                if lines > 60:
                    long[f"{_name(file)}:{node.name}"] = lines
    assert not long


def test_nothing_is_unpickled_or_evaluated() -> None:
    forbidden = re.compile(
        r"\b(pickle\.loads?|joblib\.load|torch\.load|allow_pickle=True|(?<!\.)eval\(|(?<!\.)exec\()"
    )
    found = [_name(f) for f in FILES if forbidden.search(f.read_text(encoding="utf-8"))]
    assert not found


def test_no_global_seed_is_read_or_set() -> None:
    forbidden = re.compile(
        r"np\.random\.(seed|rand|randn|randint|choice|shuffle|permutation)\(|^import random$", re.M
    )
    found = [_name(f) for f in FILES if forbidden.search(f.read_text(encoding="utf-8"))]
    assert not found


def test_committed_stubs_are_current() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.stubs", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_imports_flow_one_way() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    if not linter.exists():
        pytest.skip("import-linter is not installed")
    done = subprocess.run([str(linter), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]


def test_every_package_tells_a_newcomer_what_lives_there() -> None:
    for init in SRC.rglob("__init__.py"):
        assert len(ast.get_docstring(ast.parse(init.read_text(encoding="utf-8"))) or "") > 40, _name(init)
