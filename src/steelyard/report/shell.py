"""The frame of every page: sections in reading order, styles and scripts inside, nothing fetched from anywhere."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from steelyard.report import palette
from steelyard.report.facts import Facts
from steelyard.report.figures import moment

HERE = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Part:
    """A section of the page: its anchor and template, its heading, what it shows."""

    name: str
    title: str
    shows: Any


def assemble(
    facts: Facts,
    parts: Iterable[Part],
    *,
    title: str,
    kind: str,
    words: Sequence[tuple[str, str]],
    scripts: Sequence[str],
) -> str:
    """One page from its parts; those that show nothing are left out.

    Args:
        facts: `created` and the version of steelyard are read from them.
        parts: the sections in reading order.
        title: of the page.
        kind: what sort of page it is.
        words: terms and their meanings, for the end of the page.
        scripts: files beside the templates; the first one runs in the head.
    """
    style = palette.css() + _text("style.css")
    codes = [Markup(_text(name)) for name in scripts]  # noqa: S704 - our own files
    return _environment().get_template("page.html.j2").render(
        title=title,
        kind=kind,
        created=moment(facts["created"]) if facts.get("created") else "",
        parts=[part for part in parts if part.shows],
        words=words,
        style=Markup(style),  # noqa: S704 - our own file
        head_script=codes[0],
        scripts=codes[1:],
        policy=_policy([style], [str(code) for code in codes]),
        version=facts["versions"].get("steelyard"),
    )  # fmt: skip


def _policy(styles: Sequence[str], scripts: Sequence[str]) -> str:
    """Only this page's own styles and scripts may run, and nothing may be fetched."""
    return (
        f"default-src 'none'; style-src {_hashes(styles)}; script-src {_hashes(scripts)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hashes(texts: Sequence[str]) -> str:
    digests = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts)
    return " ".join(f"'sha256-{digest}'" for digest in digests)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _text(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")
