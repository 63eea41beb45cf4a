r"""LaTeX formulas, as docstrings hold them, to MathML, which browsers show without any script.

Only what docstrings use is known: fractions, roots, sub- and superscripts, accents, Greek letters, operators,
words. A formula with anything else is shown as it was written.

>>> mathml(r"\frac{a_1}2")
'<math><mfrac><mrow><msub><mi>a</mi><mn>1</mn></msub></mrow><mn>2</mn></mfrac></math>'
>>> mathml(r"\unheard{of}")
'<code>\\unheard{of}</code>'
"""

from __future__ import annotations

import re
from html import escape

GREEK = (
    "alpha beta gamma delta epsilon eta theta kappa lambda mu nu pi rho sigma tau phi chi omega Delta Sigma"
)
LETTERS = dict(zip(GREEK.split(), "αβγδεηθκλμνπρστφχωΔΣ", strict=True)) | {"ell": "ℓ", "infty": "∞"}
SIGNS = {
    "propto": "∝",
    "leq": "≤",
    "le": "≤",
    "geq": "≥",
    "ge": "≥",
    "neq": "≠",
    "ne": "≠",
    "approx": "≈",
    "cdot": "·",
    "times": "×",
    "leftarrow": "←",
    "to": "→",
    "sim": "∼",
    "in": "∈",
    "mid": "|",
    "pm": "±",
    "ldots": "…",
    "dots": "…",
    "lVert": "‖",
    "rVert": "‖",
    "lfloor": "⌊",
    "rfloor": "⌋",
    "lceil": "⌈",
    "rceil": "⌉",
    "{": "{",
    "}": "}",
}
LARGE = {"sum": "∑", "prod": "∏", "int": "∫", "min": "min", "max": "max"}
NAMES = {"arg", "log", "ln", "exp", "tan", "sin", "cos", "Pr"}
SPACES = {",": 0.17, ";": 0.28, " ": 0.25, "quad": 1.0, "qquad": 2.0}
ACCENTS = {"hat": "^", "bar": "¯", "tilde": "~"}
SIZES = {"left", "right", "big", "Big", "bigl", "bigr", "Bigl", "Bigr", "!"}
WORDS = {"mathrm": "mi", "operatorname": "mi", "text": "mtext"}
TOKEN = re.compile(r"\s*(?:\\([A-Za-z]+|.)|([0-9]+(?:\.[0-9]+)?)|([A-Z]{2,}|\S))", re.DOTALL)
GROUP = re.compile(r"\s*\{([^{}$\\]*)\}")


class Unknown(Exception):  # noqa: N818 - reads as the fact it states
    """A formula holds something this file does not know."""


def mathml(latex: str, *, display: bool = False) -> str:
    """A formula as one MathML element; as code when it holds something unknown."""
    reader = _Reader(latex)
    try:
        body = reader.row()
        if reader.peek():
            raise Unknown(latex)
    except Unknown:
        return f"<code>{escape(latex)}</code>"
    return f'<math display="block">{body}</math>' if display else f"<math>{body}</math>"


class _Reader:
    """Reads a formula from left to right."""

    def __init__(self, latex: str) -> None:
        self.latex, self.at = latex.rstrip(), 0

    def peek(self) -> str:
        """The character or command that comes next, "" at the end."""
        token = TOKEN.match(self.latex, self.at)
        return "" if token is None else token[0].strip()

    def take(self) -> re.Match[str]:
        """The next token."""
        token = TOKEN.match(self.latex, self.at)
        if token is None:
            raise Unknown(self.latex)
        self.at = token.end()
        return token

    def row(self) -> str:
        """All items up to a closing brace or the end."""
        parts = []
        while self.peek() not in {"", "}"}:
            parts.append(self.scripted())
        return "".join(parts)

    def scripted(self) -> str:
        """An item with what stands below and above it."""
        large = self.peek().removeprefix("\\") in LARGE
        base, below, above, primes = self.item(), "", "", ""
        while (mark := self.peek()) in {"_", "^", "'"}:
            self.take()
            if mark == "'":
                primes += "<mo>′</mo>"
            elif mark == "_":
                below = self.item()
            else:
                above = self.item()
        if primes:
            above = f"<mrow>{primes}{above}</mrow>"
        kind = {(0, 0): "", (1, 0): "sub", (0, 1): "sup", (1, 1): "subsup"}[bool(below), bool(above)]
        if not kind:
            return base
        tag = "m" + (kind.replace("sub", "under").replace("sup", "over") if large else kind)
        return f"<{tag}>{base}{below}{above}</{tag}>"

    def item(self) -> str:
        """One letter, number, sign, group or command."""
        command, number, character = self.take().groups()
        if command:
            return self.command(command)
        if number:
            return f"<mn>{number}</mn>"
        if character == "{":
            body = self.row()
            if self.take()[3] != "}":
                raise Unknown(self.latex)
            return f"<mrow>{body}</mrow>"
        if character in {"}", "&", "#"}:
            raise Unknown(self.latex)
        if character.isalpha():
            return f"<mi>{character}</mi>"
        return f"<mo>{ {'-': '−', '*': '&#42;'}.get(character, escape(character)) }</mo>"

    def command(self, name: str) -> str:
        """What stands behind a backslash."""
        if name in LETTERS:
            return f"<mi>{LETTERS[name]}</mi>"
        if name in SIGNS or name in LARGE:
            return f"<mo>{SIGNS.get(name) or LARGE[name]}</mo>"
        if name in NAMES:
            return f"<mi>{name}</mi>"
        if name in SPACES:
            return f'<mspace width="{SPACES[name]}em"/>'
        if name in SIZES:
            return ""
        return self.structure(name)

    def structure(self, name: str) -> str:
        """A command that takes arguments."""
        if name in {"frac", "tfrac"}:
            return f"<mfrac>{self.argument()}{self.argument()}</mfrac>"
        if name == "sqrt":
            return f"<msqrt>{self.argument()}</msqrt>"
        if name in ACCENTS:
            return f'<mover accent="true">{self.argument()}<mo>{ACCENTS[name]}</mo></mover>'
        group = GROUP.match(self.latex, self.at) if name in WORDS else None
        if group is None:
            raise Unknown(name)
        self.at = group.end()
        upright = ' mathvariant="normal"' if name != "text" and len(group[1]) == 1 else ""
        return f"<{WORDS[name]}{upright}>{escape(group[1]).replace(' ', '&#160;')}</{WORDS[name]}>"

    def argument(self) -> str:
        r"""A group, or a single digit or letter, as in \frac1n."""
        token = TOKEN.match(self.latex, self.at)
        if token is not None and token[2]:
            self.at = token.start(2) + 1
            return f"<mn>{token[2][0]}</mn>"
        return self.item()
