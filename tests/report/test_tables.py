from __future__ import annotations

from markupsafe import Markup

from steelyard.report.tables import Column, Row, Table, figure, plain_table, text


def test_cells_sort_by_value_and_by_lower_case() -> None:
    assert figure("7.4%", 0.074).sort == 0.074
    assert figure("–", float("nan")).sort is None
    assert text("Zebra").sort == "zebra"
    assert text(None).text == "–"


def test_axes_are_repeated_below_long_tables_only() -> None:
    head = [Column("arm"), Column("drawn", "strip", Markup("<svg></svg>"))]
    assert not Table("short", head, [Row([])] * 12).footed
    assert Table("long", head, [Row([])] * 13).footed
    assert not plain_table("no axis", ["a"], [["1"]] * 20).footed
