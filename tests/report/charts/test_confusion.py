from __future__ import annotations

from report.reading import Page
from steelyard.report.charts.confusion import heat_map

LABELS = ["a", "b", "a class with a very long name"]
MATRIX = [[8, 2, 0], [0, 5, 5], [0, 0, 0]]


def test_tints_and_figures_are_shares_of_the_true_class() -> None:
    page = Page(heat_map(LABELS, MATRIX))
    cells = [(e.attributes["fill-opacity"], e.attributes["class"]) for e in page.all("rect")]
    assert cells == [
        ("0.4", "cell hit"), ("0.1", "cell miss"), ("0", "cell miss"),
        ("0", "cell miss"), ("0.25", "cell hit"), ("0.25", "cell miss"),
        ("0", "cell miss"), ("0", "cell miss"), ("0", "cell hit"),
    ]  # fmt: skip
    assert [e.text for e in page.all("text") if "cell-text" in e.attributes["class"]] == [
        "80",
        "20",
        "50",
        "50",
    ]


def test_each_cell_says_what_it_is() -> None:
    page = Page(heat_map(LABELS, MATRIX))
    assert page.all("title")[2].text == "a decided as b: 2 rows, 20.0%"


def test_long_labels_are_shortened_beside_the_map() -> None:
    texts = [e.text for e in Page(heat_map(LABELS, MATRIX)).all("text")]
    assert "a class with …" in texts
    assert "a class wit…" in texts


def test_many_classes_keep_cells_of_reading_size() -> None:
    many = [str(i) for i in range(30)]
    svg = Page(heat_map(many, [[1.0] * 30] * 30)).elements[0].attributes
    assert float(svg["width"]) > 30 * 24
    assert "natural" in svg["class"]
