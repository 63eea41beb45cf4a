"""What the page of a training on pictures says, read back from its own elements."""

from __future__ import annotations

from functools import cache

from report import facts as builders
from report.image_facts import PIXEL, hostile_images, images
from report.reading import Page
from steelyard.report import render_images
from steelyard.report.facts import checked
from steelyard.report.sections.curves import curves
from steelyard.report.sections.frequency import frequency
from steelyard.report.sections.inside import inside
from steelyard.report.sections.mistakes import mistakes
from steelyard.report.sections.trust import trust


@cache
def page() -> Page:
    return Page(render_images(images()))


def test_sections_stand_in_reading_order() -> None:
    names = [section.attributes["id"] for section in page().all("section")]
    assert names[:2] == ["summary", "data"]
    order = ["race", "final", "frequency", "classes", "mistakes", "trust", "curves", "inside", "repeat"]
    assert [name for name in names if name in order] == order
    assert not page().crossed


def test_pictures_are_called_pictures() -> None:
    assert page().table("Pictures per class")[0][-2:] == ["training pictures", "test pictures"]
    said = page().by_id("data").text
    assert "900: 600 to learn from, 100 to choose by, 200 set aside" in said
    assert "exponential:100" in said
    assert "on the same validation pictures and seeds" in page().by_id("race").text


def test_groups_stand_beside_doing_nothing() -> None:
    table = page().table("Mean recall of common and rare classes")
    facts = images()
    for line, one, other in zip(
        table[1:],
        facts["frequency"]["chosen"]["groups"],
        facts["frequency"]["nothing"]["groups"],
        strict=True,
    ):
        assert line[2].startswith(f"{one['value']:.3f}")
        assert line[3] == f"{other['value']:.3f}"
        assert line[0].endswith("classes") or line[0].endswith("1 class")
    points = page().by_id("chart-frequency").all("circle")
    assert len(points) == 14
    assert "0.40 (doing nothing 0.97)" in page().by_id("frequency").text


def test_an_empty_group_has_no_line() -> None:
    facts = images()
    facts["frequency"]["chosen"]["groups"][1]["value"] = None
    shown = frequency(checked(facts))
    assert shown is not None
    assert len(shown["groups"].rows) == 2


def test_the_pictures_of_mistakes_are_in_the_page() -> None:
    found = page().by_id("mistakes").all("img")
    assert len(found) == 9
    assert {one.attributes["src"] for one in found} == {PIXEL}
    assert found[0].attributes["alt"].endswith("0.png")


def test_only_pictures_that_hold_themselves_are_shown() -> None:
    text = render_images(hostile_images())
    found = Page(text)
    assert len(found.by_id("mistakes").all("img")) == 7
    assert "example.com" not in text
    assert "svg+xml" not in text
    for name in builders.HOSTILE[:2]:
        assert name not in text
    assert len(found.all("script")) == text.count("<script>")
    assert not found.crossed


def test_curves_have_a_line_an_arm_and_their_figures() -> None:
    chart = page().by_id("chart-curve-validation-balanced-accuracy")
    lines = [e for e in chart.all("path") if "curve" in e.attributes.get("class", "")]
    assert len(lines) == 3
    assert [e.attributes["class"] for e in lines].count("curve model") == 1
    assert {"doing nothing", "balanced softmax", "retrained classifier"} <= {
        e.text for e in chart.all("text")
    }
    table = page().table("Loss in training")
    assert len(table) == 31
    assert table[1][1:] == ["2.000"] * 3
    facts = images()
    for one in facts["curves"]:
        for name in ("loss", "validation_loss", "validation_balanced_accuracy", "epoch"):
            one[name] = one[name][:1]
    assert curves(checked(facts)) is None


def test_long_trainings_are_thinned_in_the_table() -> None:
    facts = images()
    for one in facts["curves"]:
        one["epoch"] = list(range(1, 241))
        for name in ("loss", "validation_loss", "validation_balanced_accuracy"):
            one[name] = [0.1] * 240
    shown = curves(checked(facts))
    assert shown is not None
    assert len(shown["panels"][0]["table"].rows) == 60


def test_each_class_by_calibration_and_gradient() -> None:
    shown = trust(checked(images()))
    assert shown is not None
    assert [cell.note for cell in shown["table"].rows[0].cells][2:4] == [
        "doing nothing 0.30",
        "doing nothing 0.110",
    ]
    looked = inside(checked(images()))
    assert looked is not None
    assert len(looked["gradients"].rows) == 7
    assert len(looked["collapse"].rows) == 4


def test_what_is_unknown_leaves_its_section_out() -> None:
    bare = checked({"schema": 1})
    assert not any(show(bare) for show in (frequency, trust, mistakes, curves, inside))
    text = render_images({"schema": 1, "verdict": ["Done."]})
    assert "Worst mistakes" not in text
    assert "Done." in text
