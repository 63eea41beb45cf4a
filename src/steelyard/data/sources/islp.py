"""Tables of the ISLP package (James, Witten, Hastie, Tibshirani and Taylor, Introduction to Statistical Learning)."""

from __future__ import annotations

from steelyard.data.sources.home import Entry, Package

__all__ = ["SETS"]

HOME = Package("ISLP", "BSD (package)", "https://pypi.org/project/ISLP", install="--no-deps ISLP")

SETS = (
    Entry(
        name="caravan",
        title="Insurance customers with a caravan policy (CoIL 2000)",
        files=("ISLP/data/Caravan.csv",),
        home=HOME,
        target="Purchase",
        positive="Yes",
        rows=5_822,
        columns=86,
        classes=2,
        minority=348,
        duplicates=602,
        family="coil_2000",
    ),
    Entry(
        name="card-default",
        title="Credit card customers who default (simulated by the book's authors)",
        files=("ISLP/data/Default.csv",),
        home=HOME,
        target="default",
        positive="Yes",
        rows=10_000,
        columns=4,
        classes=2,
        minority=333,
    ),
)
