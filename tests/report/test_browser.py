"""The page in a real browser: it fetches nothing, complains of nothing, and its controls do what they say."""

from __future__ import annotations

import csv
import importlib.util
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from report import facts as builders
from report.drawn import false_alarms, hits, scores
from report.image_facts import hostile_images, images
from steelyard.report import render, render_diagnosis, render_images, render_study

CHROMIUM, DRIVER = Path("/usr/bin/chromium"), Path("/usr/bin/chromedriver")
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
)  # fmt: skip
PAGES = {
    "binary": builders.binary, "cost": builders.cost, "multi": builders.multiclass, "hostile": builders.hostile,
    "many": lambda: builders.multiclass(24), "sparse": builders.sparse,
}  # fmt: skip

PICTURES = {"images": images, "many-images": lambda: images(40), "hostile-images": hostile_images}
WHOLE = [*PAGES, *PICTURES, "diagnosis", "study"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not CHROMIUM.exists() or not DRIVER.exists(), reason="/usr/bin/chromium is not installed"
    ),
]


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for argument in (*QUIET, f"--user-data-dir={tmp_path_factory.mktemp('browser')}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = webdriver.ChromeService(str(DRIVER))
    browser = webdriver.Chrome(options=options, service=service)
    yield browser
    browser.quit()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("pages")
    for name, build in PAGES.items():
        (place / f"{name}.html").write_text(render(build()), encoding="utf-8")
    for name, build in PICTURES.items():
        (place / f"{name}.html").write_text(render_images(build()), encoding="utf-8")
    facts = builders.binary(3)
    diagnosis = render_diagnosis(facts["findings"], facts["diagnosis"], data=facts["data"])
    (place / "diagnosis.html").write_text(diagnosis, encoding="utf-8")
    (place / "study.html").write_text(render_study(builders.study()), encoding="utf-8")
    return place


def show(driver: Any, page: Path, *, width: int = 1280, scheme: str = "light", script: bool = True) -> None:
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not script})
    driver.get(page.as_uri())


def run(driver: Any, script: str, *arguments: Any) -> Any:
    return driver.execute_script(script, *arguments)


def text(driver: Any, name: str) -> str:
    return str(run(driver, "return document.getElementById(arguments[0]).textContent", name))


def matrix(driver: Any) -> tuple[int, ...]:
    return tuple(int(text(driver, f"m-{name}").replace(",", "")) for name in ("tn", "fp", "fn", "tp"))


def settles(holds: Callable[[], bool], *, seconds: float = 20.0) -> bool:
    """Whether it becomes true in time."""
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


def press(driver: Any, name: str, *keys: str) -> None:
    element = driver.find_element("id", name)
    for key in keys:
        element.send_keys(key)


@pytest.mark.parametrize("name", WHOLE)
def test_no_complaint_and_no_request(driver: Any, folder: Path, name: str) -> None:
    driver.get("about:blank")
    driver.get_log("browser")
    driver.get_log("performance")
    show(driver, folder / f"{name}.html")
    assert driver.get_log("browser") == []
    events = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    asked = [
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    ]
    assert {url for url in asked if not url.startswith("data:")} <= {(folder / f"{name}.html").as_uri()}
    assert run(driver, "return performance.getEntriesByType('resource').length") == 0


def test_the_policy_stops_a_script_that_is_not_ours(driver: Any, folder: Path) -> None:
    page = folder / "injected.html"
    plain = (folder / "sparse.html").read_text(encoding="utf-8")
    page.write_text(
        plain.replace("</main>", "<script>document.title='taken'</script></main>"), encoding="utf-8"
    )
    show(driver, page)
    assert driver.title != "taken"
    assert any("Content Security Policy" in entry["message"] for entry in driver.get_log("browser"))


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_never_scrolls_sideways(driver: Any, folder: Path, name: str, width: int) -> None:
    show(driver, folder / f"{name}.html", width=width)
    run(driver, "document.querySelectorAll('details').forEach(e => e.open = true)")
    assert run(driver, "return document.documentElement.scrollWidth") <= width


def test_every_threshold_gives_the_exact_counts(driver: Any, folder: Path) -> None:
    y, p = scores()
    show(driver, folder / "binary.html")
    data = json.loads(text(driver, "operating-data"))
    move = """
        const dial = document.getElementById('threshold');
        dial.value = arguments[0];
        dial.dispatchEvent(new Event('input'));
        return Number(document.getElementById('threshold-number').value);
    """
    seen = set()
    for position in range(0, 1000, 50):
        threshold = run(driver, move, position)
        near = min((t for t in data["threshold"] if t is not None), key=lambda t: abs(t - threshold))
        assert near == threshold
        exact = min(p[p >= threshold * (1 - 1e-5)], key=lambda score: abs(score - threshold))
        tp, fp = hits(y, p, exact), false_alarms(y, p, exact)
        assert matrix(driver) == (1851 - fp, fp, 149 - tp, tp)
        assert float(text(driver, "f-recall")) == pytest.approx(tp / 149, abs=6e-4)
        assert float(text(driver, "f-precision")) == pytest.approx(tp / (tp + fp), abs=6e-4)
        assert float(text(driver, "f-f1")) == pytest.approx(2 * tp / (tp + fp + 149), abs=6e-4)
        cost = 1000 * (fp + 12 * (149 - tp)) / 2000
        assert float(text(driver, "f-cost").replace(",", "")) == pytest.approx(cost, abs=0.5)
        seen.add((tp, fp))
    assert len(seen) > 12


def test_the_script_starts_with_what_the_server_wrote(driver: Any, folder: Path) -> None:
    names = [
        "m-tn",
        "m-fp",
        "m-fn",
        "m-tp",
        "f-precision",
        "f-recall",
        "f-f1",
        "f-flagged",
        "f-cost",
        "f-bayes",
    ]
    curves = ["line-cost", "line-precision", "line-f1"]
    drawn = "return arguments[0].map(name => document.getElementById(name).getAttribute('d'))"
    levels = "return [...document.querySelectorAll('#cost-levels text')].map(e => e.textContent)"
    for page in ("binary", "cost"):
        show(driver, folder / f"{page}.html", script=False)
        before = [text(driver, name) for name in names], run(driver, levels), run(driver, drawn, curves)
        show(driver, folder / f"{page}.html")
        after = [text(driver, name) for name in names], run(driver, levels), run(driver, drawn, curves)
        assert before[:2] == after[:2]
        for left, right in zip(before[2], after[2], strict=True):
            ours, theirs = (
                [tuple(map(float, point.split())) for point in path[1:].split("L")] for path in (left, right)
            )
            assert len(ours) == len(theirs)
            assert ours[::40] == [pytest.approx(point, abs=0.11) for point in theirs[::40]]


def test_the_keyboard_moves_by_one_cut(driver: Any, folder: Path) -> None:
    show(driver, folder / "binary.html")
    data = json.loads(text(driver, "operating-data"))

    def expected(i: int) -> tuple[int, ...]:
        return (1851 - data["fp"][i], data["fp"][i], 149 - data["tp"][i], data["tp"][i])

    start = data["start"]
    assert matrix(driver) == expected(start)
    for keys, index in (
        (["\ue012"], start + 1),
        (["\ue014", "\ue014"], start - 1),
        (["\ue015"], start),
        (["\ue00f"], start + round((len(data["tp"]) - 1) / 20)),
        (["\ue010"], 0),
        (["\ue011"], len(data["tp"]) - 1),
    ):
        press(driver, "threshold", *keys)
        assert matrix(driver) == expected(index), keys
    said = driver.find_element("id", "threshold").get_attribute("aria-valuetext")
    assert said.endswith("149 found, 0 missed, 1,851 false alarms")


def test_typed_thresholds_buttons_and_costs(driver: Any, folder: Path) -> None:
    y, p = scores()
    show(driver, folder / "binary.html")
    start = matrix(driver)
    put = """
        const input = document.getElementById(arguments[0]);
        input.value = arguments[1];
        input.dispatchEvent(new Event('input'));
        input.dispatchEvent(new Event('change'));
    """
    run(driver, put, "threshold-number", "2")
    assert matrix(driver) == (1851, 0, 149, 0)
    run(driver, put, "threshold-number", "0.5")
    data = json.loads(text(driver, "operating-data"))
    cut = min(t for t in data["threshold"] if t is not None and t >= 0.5)
    assert matrix(driver)[3] == hits(y, p, cut - 1e-7)

    run(driver, put, "cost-fn", "40")
    assert text(driver, "f-bayes") == f"{1 / 41:.4f}"
    run(driver, "document.getElementById('to-cheapest').click()")
    costs = [fp + 40 * (149 - tp) for tp, fp in zip(data["tp"], data["fp"], strict=True)]
    tn, fp, fn, _ = matrix(driver)
    assert fp + 40 * fn == min(costs)
    assert tn + fp == 1851
    assert float(text(driver, "f-cost").replace(",", "")) == pytest.approx(min(costs) / 2, abs=0.5)

    run(driver, put, "cost-fn", "-1")
    assert driver.find_element("id", "cost-fn").get_attribute("aria-invalid") == "true"
    run(driver, "document.getElementById('to-start').click()")
    assert matrix(driver) == start
    assert driver.find_element("id", "cost-fn").get_attribute("value") == "12"


def test_another_prevalence_changes_precision_but_no_count(driver: Any, folder: Path) -> None:
    show(driver, folder / "binary.html")
    tn, fp, fn, tp = matrix(driver)
    put = (
        "const i = document.getElementById('prevalence'); i.value = '1'; i.dispatchEvent(new Event('input'));"
    )
    run(driver, put)
    assert matrix(driver) == (tn, fp, fn, tp)
    up, down = 0.01 * tp / (tp + fn), 0.99 * fp / (fp + tn)
    assert float(text(driver, "f-precision")) == pytest.approx(up / (up + down), abs=5e-4)
    assert float(text(driver, "f-recall")) == pytest.approx(tp / (tp + fn), abs=5e-4)


def test_dragging_on_a_chart_moves_the_threshold(driver: Any, folder: Path) -> None:
    from selenium.webdriver import ActionChains

    show(driver, folder / "binary.html")
    chart = driver.find_element("id", "chart-cost")
    run(driver, "arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", chart)
    ActionChains(driver).move_to_element(chart).click_and_hold().move_by_offset(-60, 0).release().perform()
    wide = chart.rect["width"]
    cursor = float(driver.find_element("id", "cursor-cost").get_attribute("x1"))
    assert cursor == pytest.approx((wide / 2 - 60) / wide * 360, abs=3)
    assert driver.find_element("id", "cursor-quality").get_attribute("x1") == str(cursor).removesuffix(".0")


def test_heads_sort_by_value_both_ways_and_say_so(driver: Any, folder: Path) -> None:
    show(driver, folder / "binary.html")
    column = """
        const [index] = arguments;
        return [...document.querySelectorAll('table.race tbody tr')].map(r => r.cells[index].dataset.v ?? null);
    """
    click = "document.querySelectorAll('table.race thead button')[arguments[0]].click()"
    head = "return document.querySelectorAll('table.race thead th')[arguments[0]].getAttribute('aria-sort')"
    for index in (3, 5, 7):
        for way, said in ((-1, "descending"), (1, "ascending")):
            run(driver, click, index)
            values = run(driver, column, index)
            known = [float(value) for value in values if value is not None]
            assert known == sorted(known, reverse=way < 0)
            assert values[len(known) :] == [None] * (len(values) - len(known))
            assert run(driver, head, index) == said
    run(driver, click, 1)
    names = run(driver, column, 1)
    assert names[0].startswith("averaging")
    assert run(driver, head, 7) is None
    assert text(driver, "said") == "Sorted by arm, smallest first"
    run(driver, click, 0)
    assert [int(float(v)) for v in run(driver, column, 0)] == list(range(1, 25))


def test_heads_are_reached_by_keyboard(driver: Any, folder: Path) -> None:
    show(driver, folder / "binary.html")
    button = driver.find_elements("css selector", "table.race thead button")[4]
    button.send_keys("\ue007")
    assert run(driver, "return document.activeElement === arguments[0]", button)
    assert button.find_element("xpath", "..").get_attribute("aria-sort") == "descending"


@pytest.mark.parametrize(("scheme", "other"), [("light", "dark"), ("dark", "light")])
def test_the_toggle_turns_the_page_and_is_remembered(
    driver: Any, folder: Path, scheme: str, other: str
) -> None:
    page, light = folder / f"toggle-{scheme}.html", "rgb(247, 248, 250)"
    shutil.copy(folder / "sparse.html", page)

    def bright() -> bool:
        return bool(
            run(driver, "return getComputedStyle(document.body).backgroundColor === arguments[0]", light)
        )

    def opened() -> bool:
        show(driver, page, scheme=scheme)
        return bright()

    # what a page writes just before it is left may be lost with its process, so both sides write until it is there
    def cleared() -> bool:
        run(driver, "localStorage.clear()")
        return opened() is (scheme == "light")

    def kept() -> bool:
        if opened() is (other == "light"):
            return True
        press(driver, "theme", " ")
        return False

    show(driver, page, scheme=scheme)
    assert settles(cleared)
    press(driver, "theme", " ")
    assert bright() is (other == "light")
    assert driver.find_element("id", "theme").get_attribute("aria-pressed") == str(other == "dark").lower()
    assert settles(kept)
    run(driver, "localStorage.clear()")


def test_without_scripts_nothing_dead_is_shown(driver: Any, folder: Path) -> None:
    show(driver, folder / "binary.html", script=False)
    assert not driver.find_element("id", "threshold").is_displayed()
    assert not driver.find_element("id", "theme").is_displayed()
    assert driver.find_element("id", "m-tp").is_displayed()
    assert driver.find_element("id", "chart-cost").is_displayed()
    press(driver, "log-scale", " ")
    assert driver.find_element("id", "chart-histogram-positive-log").is_displayed()
    assert not driver.find_element("id", "chart-histogram-positive-linear").is_displayed()


def test_hostile_text_runs_nothing(driver: Any, folder: Path) -> None:
    show(driver, folder / "hostile.html")
    assert run(driver, "return document.scripts.length") == 4
    assert run(driver, "return document.images.length") == 0
    assert "</title></svg>" in driver.title


def test_paper_is_light_and_holds_every_section(driver: Any, folder: Path) -> None:
    show(driver, folder / "binary.html", scheme="dark")
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": []})
    assert run(driver, "return getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert run(driver, "return getComputedStyle(document.querySelector('h1')).color") == "rgb(26, 32, 40)"
    assert not driver.find_element("id", "threshold").is_displayed()
    assert all(section.is_displayed() for section in driver.find_elements("css selector", "section"))
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})


def _axe() -> str | None:
    """The text of axe-core, from a package that ships it or from the file STEELYARD_AXE names."""
    for package, inside in (
        ("axe_core_python", "axe.min.js"),
        ("axe_selenium_python", "node_modules/axe-core/axe.min.js"),
    ):
        found = importlib.util.find_spec(package)
        if found is not None and found.submodule_search_locations:
            return (Path(found.submodule_search_locations[0]) / inside).read_text(encoding="utf-8")
    named = os.environ.get("STEELYARD_AXE")
    return Path(named).read_text(encoding="utf-8") if named else None


@pytest.mark.parametrize(
    ("name", "scheme"),
    [
        ("binary", "light"),
        ("binary", "dark"),
        ("multi", "dark"),
        ("hostile", "light"),
        ("diagnosis", "dark"),
        ("study", "light"),
        ("images", "light"),
        ("images", "dark"),
    ],
)
def test_axe_finds_nothing(driver: Any, folder: Path, name: str, scheme: str) -> None:
    axe = _axe()
    if axe is None:
        pytest.skip(
            "axe-core is not installed: pip install axe-core-python, or name axe.min.js in STEELYARD_AXE"
        )
    show(driver, folder / f"{name}.html", scheme=scheme, width=360 if scheme == "dark" else 1280)
    run(driver, "document.querySelectorAll('details').forEach(e => e.open = true)")
    run(driver, axe)
    check = "const done = arguments[0]; axe.run(document, {resultTypes: ['violations']}).then(done)"
    found = driver.execute_async_script(check)["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"][:3]]) for one in found] == []


def test_a_studys_figures_and_tables_can_be_saved(driver: Any, folder: Path, tmp_path: Path) -> None:
    behaviour = {"behavior": "allow", "downloadPath": str(tmp_path)}
    driver.execute_cdp_cmd("Browser.setDownloadBehavior", behaviour)
    show(driver, folder / "study.html")
    wanted = {"arms.csv", "claims.csv", "mean-ranks.svg", "mean-ranks.csv", "score-against-time.svg"}
    # a browser stops a page that saves more than ten files without a hand on the mouse
    for title in ("arms", "claims", "Mean ranks", "Score against time"):
        for button in driver.find_elements("css selector", f"[data-save='{title}'] .buttons button"):
            run(driver, "arguments[0].click()", button)
    assert settles(lambda: wanted <= {path.name for path in tmp_path.iterdir()})
    with (tmp_path / "arms.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.reader(file))
    assert table[0][:2] == ["#", "arm"]
    assert table[2][1] == "baseline"
    assert table[1][1].startswith("'=new")  # a spreadsheet must not compute a name
    drawing = ET.parse(tmp_path / "mean-ranks.svg").getroot()
    assert drawing.tag == "{http://www.w3.org/2000/svg}svg"
    assert "rgb(" in (tmp_path / "mean-ranks.svg").read_text(encoding="utf-8")


def test_places_by_learner_and_own_figures_can_be_saved(driver: Any, folder: Path, tmp_path: Path) -> None:
    behaviour = {"behavior": "allow", "downloadPath": str(tmp_path)}
    driver.execute_cdp_cmd("Browser.setDownloadBehavior", behaviour)
    show(driver, folder / "study.html")
    titles = [
        block.get_attribute("data-save")
        for block in driver.find_elements("css selector", "#learners [data-save], #drawn [data-save]")
    ]
    assert titles == [
        "Gain <b>by</b> round",
        "Ranks by learner",
        *(f"{arm}: rank by learner" for arm in ("=new <b>arm</b>", "baseline", "SMOTE", "class weights")),
    ]
    for title in ("Gain <b>by</b> round", "Ranks by learner", "SMOTE: rank by learner"):
        for button in driver.find_elements("css selector", f"[data-save='{title}'] .buttons button"):
            run(driver, "arguments[0].click()", button)
    wanted = {"ranks-by-learner.csv", "smote-rank-by-learner.csv", "smote-rank-by-learner.svg"}
    wanted |= {"gain-b-by-b-round.csv", "gain-b-by-b-round.svg"}
    assert settles(lambda: wanted <= {path.name for path in tmp_path.iterdir()})
    with (tmp_path / "smote-rank-by-learner.csv").open(encoding="utf-8", newline="") as file:
        head, *lines = csv.reader(file)
    assert head[:5] == ["learner", "data sets", "mean rank", "low", "high"]
    assert lines[0][:5] == ["tree <i>1</i>", "9", "2.50", "2.20", "2.90"]
    band = ET.parse(tmp_path / "gain-b-by-b-round.svg").getroot().findall(".//{*}path")
    assert len(band) == 3
    with (tmp_path / "ranks-by-learner.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.reader(file))
    assert table[2] == ["forest", "9", "1.50", "2.00", "2.50", "–"]


def test_arms_can_be_filtered_by_name(driver: Any, folder: Path) -> None:
    show(driver, folder / "study.html")
    visible = "return [...document.querySelectorAll('table.race tbody tr')].filter(r => !r.hidden).length"
    whole = run(driver, visible)
    press(driver, "filter", "BASE")
    assert run(driver, visible) == 1 < whole
