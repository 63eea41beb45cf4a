"""Tables as the page's templates read them: columns, rows, cells that know how they sort."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from steelyard.report.figures import clipped, real


@dataclass(frozen=True)
class Column:
    """A column: `kind` is "text", "number" or "strip"; `axis` stands under the title and below the last row."""

    title: str
    kind: str = "text"
    axis: Markup | None = None


@dataclass(frozen=True)
class Cell:
    """What a cell shows, the value it sorts by, small badges beside it and a note under it."""

    text: str | Markup
    sort: float | str | None = None
    badges: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Row:
    """Cells in column order and a CSS class such as "chosen" or "stopped"."""

    cells: Sequence[Cell]
    kind: str = ""


@dataclass(frozen=True)
class Table:
    """A table with the caption every table has; wide ones scroll in their own box."""

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Row] = field(default_factory=tuple)
    wide: bool = False
    kind: str = ""

    @property
    def footed(self) -> bool:
        """Whether the axes are worth repeating below."""
        return len(self.rows) > 12 and any(column.axis for column in self.columns)


def text(value: Any, *, badges: tuple[str, ...] = (), note: str = "") -> Cell:
    """A text cell."""
    shown = clipped("–" if value is None else value)
    return Cell(shown, shown.lower(), badges, note)


def figure(shown: str, value: Any, *, note: str = "") -> Cell:
    """A number cell that sorts by `value`."""
    return Cell(shown, real(value), (), note)


def plain_table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """A small table of figures behind a chart."""
    columns = [Column(title, "number") for title in head]
    return Table(caption, columns, [Row([Cell(shown) for shown in row]) for row in rows], kind="small")
