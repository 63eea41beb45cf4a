"""How numbers are written: sensible digits, units, a true minus sign, and a dash for what is unknown."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime
from typing import Any

UNKNOWN = "–"
LONGEST = 300


def real(value: Any) -> float | None:
    """The finite number in `value`, or None.

    >>> real(2), real(float("nan")), real("2"), real(True)
    (2.0, None, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def number(value: Any, digits: int = 3) -> str:
    """A number with fixed decimals.

    >>> number(0.41234), number(-1234.5, 0), number(None)
    ('0.412', '−1,234', '–')
    """
    known = real(value)
    if known is None:
        return UNKNOWN
    text = f"{abs(known):,.{digits}f}"
    return f"−{text}" if known < 0 and any(c in "123456789" for c in text) else text


def signed(value: Any, digits: int = 3) -> str:
    """A difference: always with its sign.

    >>> signed(0.02), signed(-0.02), signed(0)
    ('+0.020', '−0.020', '0.000')
    """
    text = number(value, digits)
    return f"+{text}" if (real(value) or 0) > 0 and any(c in "123456789" for c in text) else text


def interval(low: Any, high: Any, digits: int = 3, *, sign: bool = False) -> str:
    """Both ends of an interval, or nothing when one is unknown.

    >>> interval(0.38, 0.44)
    '0.380 to 0.440'
    """
    if real(low) is None or real(high) is None:
        return ""
    write = signed if sign else number
    return f"{write(low, digits)} to {write(high, digits)}"


def digits_for(widths: Iterable[float | None]) -> int:
    """Decimals that show two figures of the middle of the given interval widths (3 when there are none).

    >>> digits_for([0.06, 0.05]), digits_for([12.0, 30.0]), digits_for([])
    (3, 0, 3)
    """
    known = sorted(width for width in widths if width is not None and width > 0)
    if not known:
        return 3
    return min(6, max(0, 1 - math.floor(math.log10(known[len(known) // 2]))))


def general(value: Any) -> str:
    """A value of unknown kind: whole numbers with separators, others with three significant digits.

    >>> general(7044), general(0.07432), general(123456.7), general(0.17), general("a lot"), general(None)
    ('7,044', '0.0743', '123,457', '0.17', 'a lot', '–')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return clipped(value)
    known = real(value)
    if known is None or known == 0:
        return UNKNOWN if known is None else "0"
    if known == int(known):
        return number(known, 0)
    if abs(known) < 1e-6:
        return f"{known:.1e}".replace("-", "−")
    text = number(known, min(8, max(0, 2 - math.floor(math.log10(abs(known))))))
    return text.rstrip("0").rstrip(".") if "." in text else text


def count(value: Any) -> str:
    """Rows: whole numbers with separators; weighted rows keep one decimal.

    >>> count(10000), count(12.5)
    ('10,000', '12.5')
    """
    known = real(value)
    return number(known, 0 if known is None or known == round(known) else 1)


def percent(share: Any) -> str:
    """A share as a percentage with about two figures.

    >>> percent(0.0743), percent(0.926), percent(0.0003), percent(0), percent(1)
    ('7.4%', '92.6%', '0.030%', '0%', '100%')
    """
    known = real(share)
    if known is None:
        return UNKNOWN
    hundred = 100 * known
    if hundred in (0.0, 100.0):
        return f"{hundred:.0f}%"
    digits = 1 if abs(hundred) >= 1 else min(6, 1 - math.floor(math.log10(abs(hundred))))
    return f"{number(hundred, digits)}%"


def ratio(value: Any) -> str:
    """Predicted over observed: two figures after the point near one, fewer far away.

    >>> ratio(1.013), ratio(6.84), ratio(41.2)
    ('1.01', '6.8', '41')
    """
    known = real(value)
    return number(known, 2 if known is None or known < 2 else 1 if known < 10 else 0)


def duration(seconds: Any) -> str:
    """A time span in the two largest units.

    >>> duration(3.21), duration(92.1), duration(7500)
    ('3.2 s', '1 min 32 s', '2 h 5 min')
    """
    known = real(seconds)
    if known is None:
        return UNKNOWN
    if known < 60:
        return f"{known:.1f} s" if known < 9.95 else f"{known:.0f} s"
    minutes, rest = divmod(round(known), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def moment(text: Any) -> str:
    """An ISO time as a reader writes it; other text unchanged.

    >>> moment("2026-11-23T22:00:00Z"), moment("yesterday")
    ('23 November 2026, 22:00 UTC', 'yesterday')
    """
    if not isinstance(text, str):
        return UNKNOWN
    try:
        then = datetime.fromisoformat(text)
    except ValueError:
        return clipped(text)
    zone = f" {then.tzname()}" if then.tzinfo else ""
    return f"{then.day} {then:%B %Y, %H:%M}{zone}"


def clipped(text: Any, longest: int = LONGEST) -> str:
    """Text short enough for a page.

    >>> clipped("a long label", 8)
    'a long …'
    """
    whole = text if isinstance(text, str) else str(text)
    return whole if len(whole) <= longest else whole[: longest - 1] + "…"
