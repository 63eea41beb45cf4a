from __future__ import annotations

import base64
import copy
import hashlib
import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Any

import pytest

from report import facts as builders
from report.reading import Page
from steelyard.core import DataError
from steelyard.report import render, render_diagnosis

FACTS = {
    "binary": builders.binary,
    "cost": builders.cost,
    "multi-class": builders.multiclass,
    "many classes": lambda: builders.multiclass(24),
    "crowd of classes": lambda: builders.multiclass(60, rows=6000),
    "hostile": builders.hostile,
    "sparse": builders.sparse,
}


@cache
def text_of(name: str) -> str:
    if name == "diagnosis":
        facts = builders.binary(3)
        return render_diagnosis(facts["findings"], facts["diagnosis"], title="taxi", data=facts["data"])
    return render(FACTS[name]())


@cache
def page_of(name: str) -> Page:
    return Page(text_of(name))


@pytest.fixture(params=[*FACTS, "diagnosis"])
def page(request: pytest.FixtureRequest) -> Page:
    return page_of(request.param)


def test_elements_nest_and_ids_are_unique(page: Page) -> None:
    assert page.crossed == []
    assert page.open == []
    ids = [element.attributes["id"] for element in page.elements if "id" in element.attributes]
    assert len(ids) == len(set(ids))


def test_references_reach_an_element(page: Page) -> None:
    ids = {element.attributes.get("id") for element in page.elements}
    for element in page.elements:
        for name in ("for", "aria-labelledby", "aria-describedby"):
            assert element.attributes.get(name) is None or element.attributes[name] in ids
        if element.tag == "a":
            assert element.attributes["href"].removeprefix("#") in ids


def test_headings_descend_without_gaps(page: Page) -> None:
    levels = [int(element.tag[1]) for element in page.all("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


def test_tables_have_captions_and_scoped_heads(page: Page) -> None:
    for table in page.all("table"):
        assert table.all("caption")[0].text.strip()
        assert all(head.attributes.get("scope") in ("row", "col") for head in table.all("th"))
        width = len(table.all("thead")[0].all("th") + table.all("thead")[0].all("td"))
        for row in table.all("tbody")[0].all("tr"):
            assert len([cell for cell in row.children if cell.tag in ("th", "td")]) == width


def test_every_picture_has_a_name_or_is_hidden(page: Page) -> None:
    for svg in page.all("svg"):
        if "svg" in svg.parents or svg.attributes.get("aria-hidden") == "true":
            continue
        assert svg.attributes["role"] == "img"
        assert svg.children[0].tag == "title"
        assert svg.children[0].text.strip()


def test_nothing_is_fetched(page: Page) -> None:
    for element in page.elements:
        for name in ("src", "srcset", "action", "data", "poster", "xlink:href"):
            assert name not in element.attributes
        target = element.attributes.get("href", "#")
        assert target.startswith("#") or target == "data:,"
        assert "style" not in element.attributes
        assert not any(name.startswith("on") for name in element.attributes)
    assert "url(" not in page.all("style")[0].text
    assert "@import" not in page.all("style")[0].text


def test_only_our_scripts_may_run(page: Page) -> None:
    policy = next(
        e.attributes["content"]
        for e in page.all("meta")
        if "content" in e.attributes and "src" in e.attributes["content"]
    )
    assert policy.startswith("default-src 'none'")
    for tag in ("script", "style"):
        for element in page.all(tag):
            if element.attributes.get("type") != "application/json":
                digest = base64.b64encode(hashlib.sha256(element.text.encode()).digest()).decode()
                assert f"'sha256-{digest}'" in policy
    assert "unsafe" not in policy


def test_no_value_leaks_as_a_python_word(page: Page) -> None:
    shown = " ".join(
        element.text for element in page.all("td", "th", "dd", "p", "text", "title", "desc", "h3", "strong")
    )
    assert re.findall(r"\b(None|nan|NaN|inf|True|False|Undefined|undefined)\b", shown) == []


def test_one_number_format_for_minus(page: Page) -> None:
    for element in page.all("td", "text"):
        assert not re.match(r"^\s*-\d", element.text), element.text


def test_hostile_text_makes_no_element_and_no_attribute() -> None:
    def shape(page: Page) -> set[tuple[str, tuple[str, ...]]]:
        return {(e.tag, tuple(sorted(e.attributes))) for e in page.elements}

    benign = set().union(*(shape(page_of(name)) for name in FACTS if name != "hostile"))
    assert shape(page_of("hostile")) <= benign


@pytest.mark.parametrize("text", builders.HOSTILE[:5])
def test_hostile_text_is_shown_as_it_is(text: str) -> None:
    page = page_of("hostile")
    for tag in ("h3", "th", "td", "code", "title", "li"):
        assert any(text in element.text for element in page.all(tag)), tag


def test_hostile_text_is_in_no_script() -> None:
    page = page_of("hostile")
    scripts = [element for element in page.all("script") if "type" not in element.attributes]
    assert len(scripts) == 3
    assert all("alert" not in script.text for script in scripts)
    assert page.by_id("operating-data").text.count("<") == 0


def test_text_that_turns_or_hides_what_follows_becomes_a_mark() -> None:
    text = text_of("hostile")
    assert re.findall("[\u2028\u2029\u202a-\u202e\u2066-\u2069]", text) == []
    assert "line\ufffd & ampersand \ufffd reversed".replace("&", "&amp;") in text
    render({"schema": 1, "title": "half a pair \ud800 and \x00"}).encode("utf-8")


def test_sixty_arms_stay_small() -> None:
    assert len(render(builders.binary(60)).encode()) < 600_000


def test_crowded_facts_stay_small() -> None:
    facts = builders.binary(3)
    facts["data"]["columns"] = [
        {"name": f"column {i}", "role": "number", "missing": 0.0, "distinct": 9} for i in range(10_000)
    ]
    facts["findings"] *= 1000
    facts["log"] = ["x" * 10_000] * 10_000
    facts["verdict"] = ["long " * 100_000]
    facts["slices"] *= 1000
    facts["groups"] *= 1000
    text = render(facts)
    assert len(text) < 600_000
    assert "9850 more columns are not listed" in text


def test_sections_follow_the_facts() -> None:
    def sections(name: str) -> list[str]:
        return [element.attributes["id"] for element in page_of(name).all("section")]

    assert sections("binary") == [
        "summary", "data", "findings", "diagnosis", "race", "final", "operating", "calibration", "scores", "classes",
        "groups", "slices", "failures", "repeat", "words",
    ]  # fmt: skip
    assert sections("sparse") == ["summary", "race", "failures", "words"]
    assert sections("diagnosis") == ["summary", "data", "findings", "diagnosis", "words"]
    assert "operating" not in sections("multi-class")


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ([], "a dict, got list"),
        ({}, "schema None"),
        ({"schema": 2}, "schema 2, this page reads 1"),
        ({"schema": 1, "race": []}, "'race' is a list"),
        ({"schema": 1, "verdict": "yes"}, "'verdict' is a str"),
        ({"schema": 1, "findings": ["yes"]}, "'findings' holds something other than dicts"),
    ],
)
def test_wrong_facts_are_named_in_one_sentence(facts: Any, said: str) -> None:
    with pytest.raises(DataError, match=re.escape(said)) as caught:
        render(facts)
    assert "\n" not in str(caught.value)


def test_facts_are_left_as_they_were() -> None:
    facts = builders.hostile()
    before = copy.deepcopy(facts)
    render(facts)
    assert facts == before


def _places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where a fact can go missing: every key of every dict, in lists of dicts only of the first."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*at, key)
            yield from _places(inner, (*at, key))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        yield from _places(value[0], (*at, 0))


def test_any_single_fact_may_be_missing() -> None:
    facts = builders.binary(3, rows=400)
    curve = facts["test"]["binary"]["curve"]
    for name, values in curve.items():
        curve[name] = values[::10]
    for few in (facts["versions"], facts["test"]["metrics"], facts["race"]["rows"][0]["metrics"]):
        for name in list(few)[2:]:
            del few[name]
    places = [place for place in _places(facts) if place != ("schema",)]
    assert len(places) > 120
    for i, place in enumerate(places):
        changed = copy.deepcopy(facts)
        holder = changed
        for step in place[:-1]:
            holder = holder[step]
        if i % 2:
            holder[place[-1]] = None
        else:
            del holder[place[-1]]
        assert render(changed).rstrip().endswith("</html>"), place


def test_infinite_and_undefined_numbers_render() -> None:
    facts = builders.binary(3)
    for row, value in zip(facts["race"]["rows"], (float("nan"), float("inf"), float("-inf")), strict=False):
        row |= dict.fromkeys(
            ["score", "low", "difference", "difference_low", "p_better", "prior_before", "rank"], value
        )
    facts["test"]["metrics"]["f1"] = {
        "value": float("nan"),
        "low": float("inf"),
        "high": None,
        "nothing": None,
    }
    assert "nan" not in Page(render(facts)).by_id("race").text


def test_a_diagnosis_page_starts_with_its_verdict() -> None:
    found = {
        "target": "cancelled",
        "verdict": "Positives overlap. No column leaks.",
        "sections": [],
        "no_skill": [],
    }
    page = Page(render_diagnosis([], found))
    assert page.all("h1")[0].text == "Diagnosis of target cancelled"
    assert [p.text for p in page.by_id("summary").all("p")] == ["Positives overlap.", "No column leaks."]


def test_a_diagnosis_page_takes_findings_as_objects() -> None:
    from steelyard.diagnose import Finding

    finding = Finding("leak", "suspect", "x gives it away", "It does.", "Drop it.", ("x",))
    assert "x gives it away" in render_diagnosis([finding], {})
