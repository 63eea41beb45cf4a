"""Options as words: what the command line takes, read once."""

from __future__ import annotations

from typing import Any

from steelyard.core import UsageError
from steelyard.race.result import Run

__all__ = ["cost_option", "matrix_option", "prevalence_option"]


def cost_option(text: str | None) -> float | str | None:
    """A cost is a number, or the name of a column.

    >>> cost_option("2.5"), cost_option("amount")
    (2.5, 'amount')
    """
    if text is None:
        return None
    try:
        return float(text)
    except ValueError:
        return text


def matrix_option(text: str | None) -> list[list[float]] | None:
    """A cost matrix written in one line.

    >>> matrix_option("0,5;1,0")
    [[0.0, 5.0], [1.0, 0.0]]
    """
    if text is None:
        return None
    try:
        rows = [[float(cell) for cell in line.split(",")] for line in text.split(";")]
    except ValueError as error:
        raise UsageError(
            f"cost matrix {text!r} is not understood; write rows as numbers with commas, rows apart by ';'"
        ) from error
    if any(len(row) != len(rows) for row in rows):
        raise UsageError(f"cost matrix {text!r} is not square; give one row and one column a class")
    return rows


def prevalence_option(text: str | None, run: Run) -> float | list[float] | str | None:
    """A prevalence is a share, one share a class, or the word "estimate"."""
    if text is None or text == "estimate":
        return text
    classes = run.facts["classes"]
    try:
        shares: list[Any] = [float(part) for part in text.split(",")]
    except ValueError:
        shares = []
    wanted = 1 if len(classes) == 2 else len(classes)
    if len(shares) != wanted or not all(0 < share < 1 for share in shares):
        raise UsageError(
            f"prevalence {text!r} is not understood; give a share between 0 and 1"
            + ("" if wanted == 1 else f" for each of the {wanted} classes, apart by commas")
            + ", or 'estimate'"
        )
    return shares[0] if wanted == 1 else shares
