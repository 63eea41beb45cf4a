"""What every verb shares: seed, progress and answers as text or JSON, and how to fail."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any, NoReturn, TypeAlias

import typer

__all__ = ["OUT", "AsJson", "Fresh", "Quiet", "Seed", "fail", "show_json"]

OUT = "Where and how"

AsJson: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Print machine-readable JSON and nothing else.", rich_help_panel=OUT)
]
Fresh: TypeAlias = Annotated[
    bool, typer.Option("--fresh", help="Replace what is at --out.", rich_help_panel=OUT)
]
Quiet: TypeAlias = Annotated[bool, typer.Option("--quiet", "-q", help="No progress.", rich_help_panel=OUT)]
Seed: TypeAlias = Annotated[
    int, typer.Option("--seed", help="Decides every random choice.", rich_help_panel=OUT)
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
