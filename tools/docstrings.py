r"""Google-style docstrings to Markdown, with formulas as MathML and names of other methods as links.

>>> print(markdown("Count `rows`.\n\nArgs:\n    y: labels (n,),\n        sorted.\n\nSource: Bayes (1763).", {}))
Count `rows`.
<BLANKLINE>
**Arguments**
<BLANKLINE>
- `y`: labels (n,), sorted.
<BLANKLINE>
**Source:** Bayes (1763).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from textwrap import dedent

from tools.formulas import mathml

SECTIONS = {
    "Args": "Arguments",
    "Attributes": "Attributes",
    "Returns": "Returns",
    "Yields": "Yields",
    "Raises": "Raises",
    "Example": "Example",
    "Examples": "Examples",
}
LEADS = ("When to use it:", "Source:")
LISTED = {"Args", "Attributes", "Raises"}
INLINE = re.compile(r":math:`([^`]*)`|`([^`]+)`")
ENTRY = re.compile(r"(?:\*{0,2}[A-Za-z_][\w.]*(?:\([^)]*\))?(?:, )?)+: ")


def markdown(text: str, links: Mapping[str, str]) -> str:
    """A docstring as Markdown; `links` says where the pages of named methods lie."""
    return "\n\n".join(_block(block, links) for block in _blocks(text))


def inline(text: str, links: Mapping[str, str]) -> str:
    """Running text: formulas, code and links made, everything else escaped."""
    parts, at = [], 0
    for match in INLINE.finditer(text):
        parts.append(_plain(text[at : match.start()]))
        formula, code = match.groups()
        if formula is not None:
            parts.append(f"<span>{mathml(' '.join(formula.split()))}</span>")
        else:
            parts.append(f"[`{code}`]({links[code]})" if code in links else f"`{code}`")
        at = match.end()
    return "".join([*parts, _plain(text[at:])])


def _plain(text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    return re.sub(r"([*_\\])", r"\\\1", escaped)


def _blocks(text: str) -> list[list[str]]:
    """Paragraphs, formulas, examples and sections, each as its lines; a section keeps its indented lines."""
    blocks: list[list[str]] = []
    for line in text.splitlines():
        started = bool(blocks) and bool(blocks[-1])
        in_section = started and blocks[-1][0].removesuffix(":") in SECTIONS
        if in_section and (not line.strip() or line.startswith(" ")):
            blocks[-1].append(line)
        elif line.removesuffix(":") in SECTIONS and line.endswith(":"):
            blocks.append([line])
        elif not line.strip() or in_section:
            blocks.append([line] if line.strip() else [])
        elif started:
            blocks[-1].append(line)
        else:
            blocks.append([line])
    return [block for block in blocks if any(line.strip() for line in block)]


def _block(lines: list[str], links: Mapping[str, str]) -> str:
    first = lines[0]
    if first.removesuffix(":") in SECTIONS and first.endswith(":"):
        return _section(first.removesuffix(":"), dedent("\n".join(lines[1:])).strip("\n"), links)
    if first.startswith(">>>"):
        return "\n".join(["```pycon", *lines, "```"])
    if first.startswith(".. math::"):
        formula = " ".join(line.strip() for line in lines).removeprefix(".. math::")
        return mathml(formula.strip(), display=True)
    whole = "\n".join(lines)
    for lead in LEADS:
        if first.startswith(lead):
            return f"**{lead}**{inline(whole.removeprefix(lead), links)}"
    return inline(whole, links)


def _section(name: str, body: str, links: Mapping[str, str]) -> str:
    head = f"**{SECTIONS[name]}**"
    if name not in LISTED:
        return f"{head}\n\n{markdown(body, links)}"
    return "\n".join([head, "", *(_entry(entry, links) for entry in _entries(body))])


def _entries(body: str) -> list[str]:
    """One string a name; deeper lines belong to the name above them."""
    entries: list[str] = []
    for line in body.splitlines():
        if line.strip() and not line.startswith(" "):
            entries.append(line)
        elif line.strip() and entries:
            entries[-1] += f" {line.strip()}"
    return entries


def _entry(entry: str, links: Mapping[str, str]) -> str:
    match = ENTRY.match(entry)
    if match is None:
        return f"- {inline(entry, links)}"
    names = match[0].removesuffix(": ").split(", ")
    return f"- {', '.join(f'`{name}`' for name in names)}: {inline(entry[match.end() :], links)}"
