"""How figures and lists of names are written in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__: list[str] = []


def count(number: float, noun: str, plural: str | None = None) -> str:
    """`1 row`, `2,000 rows`."""
    name = noun if round(number) == 1 else (plural or f"{noun}s")
    return f"{number:,.0f} {name}"


def percent(share: float) -> str:
    """A share as per cent with two meaningful digits: `0.12 %`, `3.4 %`, `57 %`."""
    value = 100 * share
    if value in (0, 100):
        return f"{value:.0f} %"
    if 0 < value < 0.01:
        return "under 0.01 %"
    digits = 2 if value < 1 else 1 if value < 10 else 0
    if 99.5 <= value < 100:
        digits = 2
    return f"{value:.{digits}f} %"


def names(items: Iterable[object], limit: int = 5) -> str:
    """Quoted names, the first few of them: `'a', 'b' and 3 more`."""
    known = [repr(item) for item in items]
    if len(known) <= limit:
        return _joined(known)
    return f"{', '.join(known[:limit])} and {len(known) - limit:,} more"


def _joined(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""
