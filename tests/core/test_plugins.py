"""Another package adds a weighting, a loss, a data set and a study; a broken one disturbs nobody."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from steelyard.core import PluginWarning, UsageError, all_cards, each_plugin, find, get, plugins
from steelyard.data import datasets, load_dataset

PAGE = Path(__file__).resolve().parents[2] / "docs" / "extending.md"
CARD = {"lever": "weights", "name": "x", "title": "t", "facts": {}}


def install(folder: Path, name: str, files: dict[str, str], entries: dict[str, dict[str, str]]) -> None:
    """Put a package where an installer would."""
    for file, text in files.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(text, encoding="utf-8")
    info = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8")
    groups = [
        f"[{group}]\n" + "".join(f"{a} = {b}\n" for a, b in own.items()) for group, own in entries.items()
    ]
    (info / "entry_points.txt").write_text("\n".join(groups), encoding="utf-8")
    record = [*files, *(f"{info.name}/{one}" for one in ("METADATA", "entry_points.txt", "RECORD"))]
    (info / "RECORD").write_text("".join(f"{one},,\n" for one in record), encoding="utf-8")


def documented(folder: Path) -> None:
    """The package of the documentation, as it stands there."""
    page, files = PAGE.read_text(encoding="utf-8"), {}
    for block in page.split("```")[1::2]:
        first, _, rest = block.partition("\n# ")
        file, _, text = rest.partition("\n")
        if first == "python" and file.startswith("steelyard_rare/"):
            files[file] = text
    assert sorted(files) == [f"steelyard_rare/{one}.py" for one in ("capped", "cubed", "study", "tables")]
    files["steelyard_rare/__init__.py"] = ""
    files["steelyard_rare/pumps.csv"] = "pressure,broken\n" + "".join(
        f"{i / 7},{int(i % 5 == 0)}\n" for i in range(200)
    )
    table = page.partition("[project.entry-points.")[2].partition("```")[0]
    entries: dict[str, dict[str, str]] = {}
    for line in f"[project.entry-points.{table}".splitlines():
        if line.startswith("["):
            group = entries.setdefault(line.split('"')[1], {})
        elif "=" in line:
            key, value = (part.strip(' "') for part in line.split("="))
            group[key] = value
    install(folder, "steelyard-rare", files, entries)


def forget() -> None:
    from steelyard.data import packaged

    all_cards.cache_clear()
    packaged.entries.cache_clear()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.syspath_prepend(tmp_path)
    forget()
    yield tmp_path
    forget()
    for name in [name for name in sys.modules if name.split(".")[0] in {"steelyard_rare", "broken", "whole"}]:
        del sys.modules[name]


def test_the_documented_package_adds_what_it_says(place: Path) -> None:
    documented(place)
    card = get("capped", lever="weights")
    assert (card.foreign, card.facts["arm"]["default"]) == (True, False)
    assert "steelyard_rare" not in sys.modules, "listing imports nothing"
    assert get("CubedLoss", lever="losses").title
    pumps = load_dataset("rare/pumps")
    assert (pumps.positive, pumps.frame.shape, len(pumps.digest)) == (1, (200, 2), 64)
    assert [one.name for one in plugins("steelyard.studies")] == ["rare-pumps"]


def test_added_methods_pass_the_public_checks(place: Path) -> None:
    from steelyard.checks import check_card, check_method

    pytest.importorskip("torch")
    documented(place)
    for name, lever in (("capped", "weights"), ("CubedLoss", "losses")):
        check_card(get(name, lever=lever))
        check_method(get(name, lever=lever))


def test_the_command_line_lists_and_runs_what_was_added(tmp_path: Path) -> None:
    documented(tmp_path / "site")
    install(tmp_path / "site", "broken", {}, {"steelyard.methods": {"lost": "broken.nowhere"}})
    paths = [str(tmp_path / "site"), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}

    def steelyard(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "steelyard", *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, cwd=tmp_path)

    listed = steelyard("list", "--lever", "weights")
    assert "capped" in listed.stdout
    assert listed.stderr.splitlines() == [
        "warning: lost (steelyard.methods) of package broken is left out: UsageError: there is no module broken; "
        "update or uninstall it"
    ]
    study = steelyard("bench", "run", "rare-pumps", "--scale", "smoke", "--engine", "serial")
    assert (study.returncode, "4 done; kept in studies/rare-pumps-smoke" in study.stdout) == (0, True), study


def test_an_added_arm_races_when_it_is_named_and_fails_alone(place: Path) -> None:
    from steelyard import run
    from steelyard.race import examine_environment

    documented(place)
    arm = {"kind": "weights", "rank": 3, "label": "raises"}
    text = (
        f"\ndef x():\n    raise AttributeError('no such thing')\n\nCARD = {CARD | {'facts': {'arm': arm}}}\n"
    )
    install(place, "whole", {"whole.py": text}, {"steelyard.methods": {"x": "whole"}})
    few = {"learners": ("logistic",), "folds": 3, "repeats": 1, "jobs": 1, "max_fits": 12}
    found = run("rare/pumps", remedies=("capped", "x"), out=place / "race", **few)
    arms = found.results_.set_index("arm")
    assert "weights of at most ten + logistic regression" in arms.index
    assert "AttributeError: no such thing" in (place / "race" / "report.json").read_text(encoding="utf-8")
    added = [one["text"] for one in examine_environment() if one["name"] == "added"]
    assert added == [
        "capped (methods), cubed (methods), x (methods), tables (datasets), rare-pumps (studies)"
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "holds 0 literals CARD, expected one"),
        ("CARD = {\n", "SyntaxError"),
        ("CARD = {'lever': make()}\n", "ValueError: malformed node"),
        ("CARD = {'lever': 'weights'}\n", "TypeError"),
        (f"CARD = {CARD | {'name': 'inverse'}}\n", "there is another 'inverse' among weights already"),
        (f"CARD = {CARD | {'lever': 'learner'}}\n", "lacks the fact 'label'"),
        (
            f"CARD = {CARD | {'facts': {'arm': {'kind': 'magic', 'rank': 1, 'label': 'l'}}}}\n",
            "expected one of weights",
        ),
    ],
)
def test_a_broken_method_is_left_out_with_one_warning(place: Path, text: str, reason: str) -> None:
    before = [card.name for card in all_cards()]
    forget()
    install(place, "broken", {"broken.py": f"\n{text}"}, {"steelyard.methods": {"bad": "broken"}})
    install(place, "whole", {"whole.py": f"\nCARD = {CARD}\n"}, {"steelyard.methods": {"good": "whole"}})
    with pytest.warns(PluginWarning) as caught:
        found = [card.name for card in all_cards()]
    assert len(caught) == 1
    said = str(caught[0].message)
    assert said.startswith("bad (steelyard.methods) of package broken is left out: ")
    assert reason in said
    assert sorted(found) == sorted([*before, "x"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert find(lever="weights")  # told once


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("SETS = 3\n", "TypeError"),
        ("SETS = ['pumps']\n", "holds a str, expected steelyard.data.Entry"),
        ("import not_there\n", "ModuleNotFoundError"),
        ("from steelyard.data.packaged import entries\nSETS = [entries.__wrapped__]\n", "holds a function"),
    ],
)
def test_broken_data_sets_are_left_out_with_one_warning(place: Path, text: str, reason: str) -> None:
    before = {info.name for info in datasets()}
    forget()
    install(place, "broken", {"broken.py": text}, {"steelyard.datasets": {"bad": "broken:SETS"}})
    with pytest.warns(PluginWarning, match=reason) as caught:
        assert {info.name for info in datasets()} == before
    assert len(caught) == 1


def test_two_packages_cannot_take_one_name(place: Path) -> None:
    for name in ("broken", "whole"):
        install(place, name, {f"{name}.py": f"\nCARD = {CARD}\n"}, {"steelyard.methods": {"x": name}})
    with pytest.warns(PluginWarning, match="package whole is left out.*there is another 'x'"):
        assert get("x", lever="weights").module == "broken"


def test_a_study_that_cannot_be_loaded_says_so(place: Path) -> None:
    from steelyard.bench import installed_study, load_study

    install(place, "broken", {"broken.py": "1 / 0\n"}, {"steelyard.studies": {"bad": "broken"}})
    with pytest.raises(UsageError, match="study bad of package broken cannot be loaded: ZeroDivisionError"):
        installed_study("bad")
    assert installed_study("other") is None
    with pytest.raises(UsageError, match="or one of the installed bad"):
        load_study("other")


def test_reading_goes_on_after_a_failure(place: Path) -> None:
    entries = {"steelyard.studies": {"a": "broken", "b": "broken", "c": "broken"}}
    install(place, "broken", {}, entries)
    with pytest.warns(PluginWarning, match="b .steelyard.studies."):
        assert each_plugin("steelyard.studies", lambda one: 1 / (one.name != "b")) == [1, 1]
