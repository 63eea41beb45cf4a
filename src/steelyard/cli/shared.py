"""What every verb shares: how to say something, as text or as JSON, and how to fail."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any, NoReturn, TypeAlias

import typer

__all__ = ["AsJson", "fail", "show_json"]

AsJson: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Print machine-readable JSON and nothing else.")
]


def show_json(value: Any) -> None:
    """Print one JSON document."""
    print(json.dumps(value, indent=1, default=str))


def fail(sentence: str, code: int = 1, *, as_json: bool) -> NoReturn:
    """Say one sentence and leave with an exit code."""
    one_line = " ".join(sentence.split())
    if as_json:
        show_json({"error": one_line})
    else:
        print(f"steelyard: {one_line}", file=sys.stderr)
    sys.exit(code)
