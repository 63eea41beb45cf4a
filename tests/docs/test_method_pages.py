"""Method pages: docstrings become Markdown that renders, formulas become MathML."""

from __future__ import annotations

import doctest
import inspect
import xml.etree.ElementTree as ET
from pathlib import Path

import markdown as python_markdown
import pytest
from tools import docstrings, formulas
from tools.docstrings import inline, markdown
from tools.formulas import mathml
from tools.method_pages import LEVERS, index, page

from steelyard.core import catalogue

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        ("x'", "<msup><mi>x</mi><mrow><mo>′</mo></mrow></msup>"),
        (r"\frac1n", "<mfrac><mn>1</mn><mi>n</mi></mfrac>"),
        (r"w_k^2", "<msubsup><mi>w</mi><mi>k</mi><mn>2</mn></msubsup>"),
        (r"\sum_i p_i", "<munder><mo>∑</mo><mi>i</mi></munder><msub><mi>p</mi><mi>i</mi></msub>"),
        (r"\sqrt{\mathrm{TPR}}", "<msqrt><mrow><mi>TPR</mi></mrow></msqrt>"),
        ("TP + 0.5", "<mi>TP</mi><mo>+</mo><mn>0.5</mn>"),
        (r"a \leq b", "<mi>a</mi><mo>≤</mo><mi>b</mi>"),
        (r"\text{or } x", "<mtext>or&#160;</mtext><mi>x</mi>"),
        (r"\hat y < 1", '<mover accent="true"><mi>y</mi><mo>^</mo></mover><mo>&lt;</mo><mn>1</mn>'),
    ],
)
def test_formulas(latex: str, expected: str) -> None:
    assert mathml(latex) == f"<math>{expected}</math>"


@pytest.mark.parametrize("latex", [r"\mathbb{R}", "a}", "{a", r"\frac", "a & b", "x_"])
def test_what_is_not_known_stays_as_written(latex: str) -> None:
    assert mathml(latex).startswith("<code>")


def test_a_docstring_keeps_its_parts_apart() -> None:
    text = """Mean of `x` * `y`.

    When to use it: never_ever <b>, see `f1`.

    .. math:: a
        + b

    - one
    - two

    Args:
        x, y: rows (n,),
            or columns.
        **options: more.

    Returns:
        First part.

        Second part.

    >>> f(
    ...     1)
    2

    Source: Gauss (1809).
    """
    assert markdown(inspect.cleandoc(text), {"f1": "../f1.md"}).split("\n\n") == [
        r"Mean of `x` \* `y`.",
        r"**When to use it:** never\_ever &lt;b>, see [`f1`](../f1.md).",
        '<math display="block"><mi>a</mi><mo>+</mo><mi>b</mi></math>',
        "- one\n- two",
        "**Arguments**",
        "- `x`, `y`: rows (n,), or columns.\n- `**options`: more.",
        "**Returns**",
        "First part.",
        "Second part.",
        "```pycon\n>>> f(\n...     1)\n2\n```",
        "**Source:** Gauss (1809).",
    ]


def test_running_text_with_a_formula() -> None:
    assert inline("at :math:`t` *now*", {}) == r"at <span><math><mi>t</mi></math></span> \*now\*"


@pytest.mark.parametrize("card", catalogue.all_cards(), ids=lambda card: f"{card.lever}-{card.name}")
def test_every_page_renders(card) -> None:
    if "torch" in card.needs:
        pytest.importorskip("torch")
    made = page(card, {})
    assert ":math:" not in made
    assert ".. math::" not in made
    html = python_markdown.markdown(made, extensions=["tables", "fenced_code"])
    for formula in made.split("<math")[1:]:
        ET.fromstring("<math" + formula.split("</math>")[0] + "</math>")
    assert made.count("<math") == html.count("<math")
    assert "<h1>" in html
    assert "When to use it" in html


def test_an_index_lists_its_methods() -> None:
    found = [card for card in catalogue.all_cards() if card.lever == "weights"]
    made = index("weights", found)
    assert all(f"(weights/{card.name}.md)" in made for card in found)


def test_every_lever_is_described_and_in_the_navigation() -> None:
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    for lever in {card.lever for card in catalogue.all_cards()}:
        assert lever in LEVERS
        assert f"methods/{lever}.md" in navigation


@pytest.mark.parametrize("module", [docstrings, formulas])
def test_the_examples_in_the_tools_run(module) -> None:
    tried = doctest.testmod(module)
    assert tried.attempted
    assert not tried.failed
