"""The wrong decisions that were furthest from the truth, to look at."""

from __future__ import annotations

import re
from typing import Any

from steelyard.report.facts import Facts, rows
from steelyard.report.figures import clipped, percent

MOST = 60
PICTURE = re.compile(r"data:image/png;base64,[A-Za-z0-9+/]+={0,2}")


def mistakes(facts: Facts) -> dict[str, Any] | None:
    """Pictures with what they are and what they were taken for."""
    shown = [
        {
            "picture": str(one["picture"]),
            "name": clipped(one.get("name") or "picture", 80),
            "true": clipped(one.get("true"), 40),
            "decided": clipped(one.get("decided"), 40),
            "p_true": percent(one.get("p_true")),
            "p_decided": percent(one.get("p_decided")),
        }
        for one in rows(facts, "mistakes")[:MOST]
        # only pictures that hold their own content are shown
        if PICTURE.fullmatch(str(one.get("picture")))
    ]
    return {"shown": shown} if shown else None
