"""Run the snippets of a Markdown page in order, and compare what they print with what the page shows.

A page is read as a reader would follow it: ```python blocks share one namespace, ```console blocks run their
`$` lines, all in one empty folder. A ```text block right below a ```python block is what it prints; in a
```console block the lines below a command are. Output is compared as doctest does (`...` stands for anything),
with a tolerance for decimals.

HTML comments, which no reader sees, may stand before a block:

    <!-- not run: REASON -->          the next block is not run
    <!-- in tests: COMMAND -->        quick tests run COMMAND in place of the next block's first command
    <!-- follows the long run -->     quick tests run the next block, but do not compare what it prints
    <!-- first                        Python that is run at this place, unseen
    ... -->

A wall-clock budget is never run as it stands: `--budget 2` and `budget=2` become a few fits, and what is
printed is then not compared. `Reader(folder, full=True)` runs everything as written.
"""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE, OutputChecker
from pathlib import Path
from typing import Any
from unittest import mock

import steelyard
from steelyard.cli.main import main

BLOCK = re.compile(
    r"^<!--(?P<comment>.*?)-->|^(?P<indent> *)```(?P<language>\w*)[^\n]*\n(?P<code>.*?)^(?P=indent)```$",
    re.DOTALL | re.MULTILINE,
)
FEW = {"learners": ("logistic",), "remedies": ("inverse",), "folds": 3, "repeats": 1, "jobs": 1}
FEW_WORDS = "--max-fits 8 --learner logistic --remedy inverse --folds 3 --repeats 1 --jobs 1"
FRAME = re.compile("[\u2500-\u257f]+")
WIDTH = "88"  # what a page shows without scrolling
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
SHELL = ("ls ", "ls", "head ", "cat ")


@dataclass
class Step:
    """One thing a reader types, and what the page says will be printed."""

    kind: str  # "python" or "command"
    code: str
    shown: str | None
    at: tuple[int, int] | None  # where the shown output stands in the page
    line: int
    instead: str | None = None
    loose: bool = False


@dataclass
class Outcome:
    """What a step printed; `compared` when that has to be what the page shows."""

    step: Step
    printed: str
    compared: bool


@dataclass
class Page:
    """The steps of a page, and the blocks it leaves out with their reasons."""

    steps: list[Step] = field(default_factory=list)
    left_out: list[tuple[int, str]] = field(default_factory=list)


def read_page(text: str) -> Page:
    """Take a page apart."""
    page, comment, last_end = Page(), "", -1
    for match in BLOCK.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        if match["comment"] is not None:
            comment = match["comment"].strip()
            if comment.startswith("first\n"):
                page.steps.append(Step("python", comment.removeprefix("first\n"), None, None, line))
                comment = ""
            continue
        between = text[last_end : match.start()] if last_end >= 0 else "x"
        if (
            match["language"] == "text"
            and not between.strip()
            and page.steps
            and page.steps[-1].kind == "python"
        ):
            page.steps[-1].shown, page.steps[-1].at = match["code"], match.span("code")
        elif match["language"] in {"python", "console", "bash", "sh", ""}:
            _add(page, match, comment, line)
        comment, last_end = "", match.end()
    return page


def _add(page: Page, match: re.Match[str], comment: str, line: int) -> None:
    if comment.startswith("not run:"):
        page.left_out.append((line, comment.removeprefix("not run:").strip()))
        return
    if match["language"] == "python":
        steps = [Step("python", match["code"], None, None, line)]
    else:
        steps = list(_commands(match, line))
    for step in steps:
        step.loose = comment == "follows the long run"
    if steps and comment.startswith("in tests:"):
        steps[0].instead = comment.removeprefix("in tests:").strip()
    page.steps += steps


def _commands(match: re.Match[str], line: int) -> Iterator[Step]:
    """`$` lines with the lines below them; in blocks without a language, lines that call steelyard."""
    plain = match["language"] != "console"
    at = match.start("code")
    found: list[Step] = []
    for number, text in enumerate(match["code"].splitlines(keepends=True), line + 1):
        start, at = at, at + len(text)
        if text.startswith("$ ") or (plain and text.startswith("steelyard ")):
            found.append(Step("command", text.removeprefix("$ ").strip(), None, None, number))
        elif plain:
            continue
        elif found and found[-1].code.endswith("\\"):
            found[-1].code = f"{found[-1].code[:-1].strip()} {text.strip()}"
        elif found:
            begun = found[-1].at[0] if found[-1].at else start
            found[-1].shown, found[-1].at = (found[-1].shown or "") + text, (begun, at)
    yield from found


class Reader:
    """Somebody who types what a page says, in one folder."""

    def __init__(self, folder: Path, *, full: bool = False) -> None:
        self.folder, self.full = folder, full
        self.names: dict[str, Any] = {"__name__": "__page__"}
        self.code = 0

    def follow(self, page: Page) -> Iterator[Outcome]:
        """Do one step after the other."""
        with contextlib.chdir(self.folder):
            for step in page.steps:
                yield self._python(step) if step.kind == "python" else self._command(step)

    def _python(self, step: Step) -> Outcome:
        printed = io.StringIO()
        hurried: list[bool] = []
        run = steelyard.run

        def quick(*arguments: Any, **options: Any) -> Any:
            if "budget" in options or "max_fits" not in options:
                hurried.append(True)
                options = {**options, **FEW, "max_fits": 8, "budget": None}
            return run(*arguments, **{"jobs": 1, **options, "progress": False})

        source = compile("\n" * step.line + step.code, "<page>", "exec")
        with (
            contextlib.redirect_stdout(printed),
            mock.patch.object(steelyard, "run", run if self.full else quick, create=True),
        ):
            exec(source, self.names)
        return Outcome(step, printed.getvalue(), self._compared(step) and not hurried)

    def _command(self, step: Step) -> Outcome:
        command, exact = step.code, True
        if not self.full:
            hurried = re.sub(r"--budget [\d.]+", FEW_WORDS, step.instead or command)
            exact, command = hurried == command, hurried
        if command == "echo $?":
            return Outcome(step, f"{self.code}\n", self._compared(step))
        if not command.startswith("steelyard "):
            return Outcome(step, shell(command), self._compared(step))
        words = shlex.split(command)[1:]
        alone = ["--jobs", "1"] if words[0] == "run" and not self.full else []  # the answer is the same
        printed = self._steelyard([*words, *alone])
        if self.code and "steelyard: " not in (step.shown or ""):
            raise AssertionError(f"line {step.line}: {command} left with code {self.code}: {printed}")
        return Outcome(step, printed, exact and self._compared(step))

    def _compared(self, step: Step) -> bool:
        return step.shown is not None and (self.full or not step.loose)

    def _steelyard(self, words: list[str]) -> str:
        out, err = io.StringIO(), io.StringIO()
        with (
            mock.patch.object(sys, "argv", ["steelyard", *words]),
            mock.patch.dict("os.environ", {"COLUMNS": WIDTH}),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            self.code = 0
            try:
                main(words)
            except SystemExit as stop:
                self.code = int(stop.code or 0)
        said = (
            err.getvalue()
            if self.code
            else "".join(
                line for line in err.getvalue().splitlines(keepends=True) if line.startswith("warning: ")
            )
        )
        return out.getvalue() + said


def shell(command: str) -> str:
    """One of the few harmless commands a page may show."""
    if not command.startswith(SHELL):
        raise AssertionError(
            f"{command!r} is no steelyard command; mark the block as not run, with the reason"
        )
    return subprocess.run(shlex.split(command), capture_output=True, text=True, check=True).stdout


def same(shown: str, printed: str) -> bool:
    """Whether a page shows what is printed: word by word, numbers to their last digit or one part in a hundred."""
    flags = ELLIPSIS | NORMALIZE_WHITESPACE
    if OutputChecker().check_output(shown.rstrip() + "\n", printed.rstrip() + "\n", flags):
        return True
    if words(shown) != words(printed):
        return False
    pairs = zip(NUMBER.findall(shown), NUMBER.findall(printed), strict=True)
    return all(close(wanted, got) for wanted, got in pairs)


def words(text: str) -> list[str]:
    """The words of an output; numbers and the lines of tables stand aside."""
    return NUMBER.sub("#", FRAME.sub(" ", text)).split()


def close(wanted: str, got: str) -> bool:
    """Whether two written numbers are as good as equal."""
    digits = len(wanted.partition(".")[2])
    if not digits:
        return wanted == got
    return abs(float(wanted) - float(got)) <= max(1.01 * 10**-digits, 0.01 * abs(float(wanted)))
