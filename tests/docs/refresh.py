"""Run pages as they are written and put what is printed now where the page shows it.

    python tests/docs/refresh.py docs/guide.md

Outputs that hold `...` are written by hand: when one does not fit any more its line is named.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from docs.snippets import Reader, read_page, same


def refresh(path: Path) -> int:
    """Rewrite one page; returns how many outputs changed."""
    text = path.read_text(encoding="utf-8")
    changes = []
    with tempfile.TemporaryDirectory() as folder:
        for outcome in Reader(Path(folder), full=True).follow(read_page(text)):
            step = outcome.step
            if step.at is None:
                continue
            shown, printed = step.shown or "", tidy(outcome.printed)
            if "..." not in shown and shown != printed:
                changes.append((step.at, printed))
            elif not same(shown, printed):
                print(f"{path}, line {step.line}: {step.code} prints something else now")
    for (start, stop), printed in reversed(changes):
        text = text[:start] + printed + text[stop:]
    path.write_text(text, encoding="utf-8")
    return len(changes)


def tidy(printed: str) -> str:
    """Without spaces at the ends of lines."""
    return "".join(f"{line.rstrip()}\n" for line in printed.rstrip().splitlines())


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print(name, refresh(Path(name)), "outputs changed")
