"""A horizontal bar in a table cell: a share of a whole."""

from __future__ import annotations

from markupsafe import Markup

from steelyard.report.drawing import across, element, strip
from steelyard.report.figures import percent


def bar(label: str, share: float, *, kind: str = "") -> Markup:
    """A bar as long as `share` of the cell; `kind` "positive" gives it the rare class's colour."""
    width = across(100 * min(max(share, 0.0), 1.0))
    mark = element("rect", x=0, y="28%", width=width, height="44%", rx=2, class_=f"bar {kind}".strip())
    return strip(f"{label}: {percent(share)}", mark)
