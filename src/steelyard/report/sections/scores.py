"""How well the scores part the classes, at a glance."""

from __future__ import annotations

from typing import Any

from steelyard.report.charts.histogram import Histogram
from steelyard.report.facts import Facts, mapping
from steelyard.report.figures import clipped, count, number, real
from steelyard.report.sections.operating import class_labels
from steelyard.report.tables import plain_table


def scores(facts: Facts) -> dict[str, Any] | None:
    """Two small histograms, linear and log, and their counts."""
    binary = mapping(facts["test"], "binary")
    histogram = Histogram.of(mapping(binary, "histogram"))
    if histogram is None:
        return None
    negative, positive = class_labels(facts)
    threshold = real(binary.get("threshold"))
    titles = {
        "positive": f"class {positive} (positive): {count(sum(histogram.positive))} rows",
        "negative": f"class {negative}: {count(sum(histogram.negative))} rows",
    }
    scaled = {
        name: [
            {
                "title": clipped(title),
                "chart": histogram.panel(kind, clipped(title), threshold=threshold, log=log),
            }
            for kind, title in titles.items()
        ]
        for name, log in (("linear", False), ("log", True))
    }
    lines = [
        [number(left), number(right), count(up), count(down)]
        for left, right, up, down in zip(
            histogram.edges, histogram.edges[1:], histogram.positive, histogram.negative, strict=False
        )
    ]
    table = plain_table("Rows per bin", ["from", "to", clipped(positive, 40), clipped(negative, 40)], lines)
    return {"scaled": scaled, "table": table, "threshold": number(threshold, 4) if threshold else None}
