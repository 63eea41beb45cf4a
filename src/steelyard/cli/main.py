"""The `steelyard` command: gathers the verbs, turns errors into one sentence and an exit code.

0 means done, 1 that the data or the run failed, 2 that the command was not understood.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import typer

from steelyard.cli import (
    bench,
    data,
    diagnose,
    doctor,
    list_,
    predict,
    recommend,
    report,
    reproduce,
    resample,
    run,
    train,
    where,
)
from steelyard.cli.shared import fail

__all__ = ["app", "main"]

INTERRUPTED = 130
"""How typer reports Ctrl-C."""

app = typer.Typer(
    name="steelyard",
    help="Learning from class-imbalanced data: an answer, the parts, and proof.\n\n"
    "Start with: steelyard run TABLE --target COLUMN, or steelyard train IMAGES",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("run")(run.run)
app.command("train")(train.train)
app.command("diagnose")(diagnose.diagnose)
app.command("recommend")(recommend.recommend)
app.command("predict")(predict.predict)
app.command("report")(report.report)
app.command("resample")(resample.resample)
app.command("data")(data.data)
app.command("list")(list_.list_)
app.command("where")(where.where)
app.command("doctor")(doctor.doctor)
app.command("reproduce")(reproduce.reproduce)
app.add_typer(bench.bench, name="bench")


@app.callback(invoke_without_command=True)
def _version(version: bool = typer.Option(False, "--version", help="Print the version and stop.")) -> None:
    if version:
        from steelyard import __version__

        typer.echo(__version__)
        raise typer.Exit


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; nothing but one sentence reaches the user when something is wrong."""
    words = sys.argv[1:] if arguments is None else arguments
    as_json = "--json" in words
    usual = warnings.showwarning
    try:
        warnings.showwarning = partial(_show, usual)
        code = app(words, standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except typer.Exit as stop:
        code = stop.exit_code
    except Exception as error:
        if os.environ.get("STEELYARD_TRACEBACK"):
            raise
        fail(*_sentence(error), as_json=as_json)
    finally:
        warnings.showwarning = usual
    if code == INTERRUPTED:
        fail("stopped by you; nothing finished is lost, repeat the command to go on", as_json=as_json)
    sys.exit(code if isinstance(code, int) else 0)


def _show(usual: Callable[..., None], message: Warning | str, category: type[Warning], *where: Any) -> None:
    """A warning of ours is one sentence; others come as Python shows them."""
    if category.__module__.startswith("steelyard."):
        print(f"warning: {message}", file=sys.stderr)
    else:
        usual(message, category, *where)


def _sentence(error: Exception) -> tuple[str, int]:
    from steelyard.core import SteelyardError, UsageError

    if hasattr(error, "format_message"):  # click's and typer's own usage errors
        return f"{error.format_message()} (see --help)", 2
    if isinstance(error, SteelyardError):
        return str(error), 2 if isinstance(error, UsageError) else 1
    if isinstance(error, MemoryError):
        return "the machine ran out of memory; try fewer columns or rows, or --jobs 1", 1
    if isinstance(error, OSError) and error.filename is None and error.errno is None:
        # of what fetches something: files that fail have a name or a number
        said = " ".join(str(error).split()).rstrip(".")
        return f"{said}; check the connection, or use what is on this machine", 1
    if isinstance(error, OSError):
        return f"{error.strerror or error} ({error.filename or 'no file'}); check the path and its rights", 1
    kind = type(error).__name__
    return (
        f"unexpected {kind}: {str(error).splitlines()[0] if str(error) else 'no message'}; set "
        "STEELYARD_TRACEBACK=1 to see where, and please report it",
        1,
    )
