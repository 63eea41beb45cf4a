"""Options that all verbs running trials share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

__all__ = [
    "Address",
    "Engine",
    "Jobs",
    "MegabytesEach",
    "Retry",
    "Scale",
    "SecondsEach",
    "StudyFolder",
]

Scale: TypeAlias = Annotated[
    str,
    typer.Option(
        help="smoke (seconds, shows that it runs), small (minutes, real data) or full (as published)."
    ),
]
StudyFolder: TypeAlias = Annotated[
    Path | None,
    typer.Option("--out", help="Folder of this study that remembers finished trials; the same goes on."),
]
Engine: TypeAlias = Annotated[
    str, typer.Option(help="Where trials run: processes of this machine, serial in this one, or ray.")
]
Address: TypeAlias = Annotated[
    str | None,
    typer.Option(help="A running Ray cluster, such as auto or ray://head:10001, with --engine ray."),
]
Jobs: TypeAlias = Annotated[int | None, typer.Option(help="Processes; all cores if left out.")]
Retry: TypeAlias = Annotated[bool, typer.Option("--retry", help="Run failed trials again.")]
SecondsEach: TypeAlias = Annotated[
    float | None, typer.Option("--seconds", help="End a trial that takes longer; it counts as failed.")
]
MegabytesEach: TypeAlias = Annotated[
    int | None, typer.Option("--megabytes", help="Memory that a process of trials may hold.")
]
