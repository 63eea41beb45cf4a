"""Draw what every sampler does to the same rows of two columns: one page, written by `make docs`.

The drawings are SVG inside the page, coloured by classes, so that one serves light and dark.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.tree import DecisionTreeClassifier

from steelyard.core import Card, find
from steelyard.report.drawing import element
from steelyard.report.palette import DARK, LIGHT

WIDTH, HEIGHT, EDGE = 260, 200, 12
GROUPS = {
    "over": "Samplers that add rows",
    "under": "Samplers that leave as many rows as wanted",
    "clean": "Samplers that take away what is in the way",
    "combined": "Samplers that add, then clean",
}
VARIANTS: dict[str, tuple[dict[str, Any], ...]] = {
    "BorderlineSMOTE": ({"kind": "borderline-1"}, {"kind": "borderline-2"}),
    "EditedNearestNeighbours": ({"kind_sel": "all"}, {"kind_sel": "mode"}),
    "GeometricSMOTE": tuple({"selection_strategy": name} for name in ("combined", "minority", "majority")),
    "NearMiss": ({"version": 1}, {"version": 2}, {"version": 3}),
    "PolynomFitSMOTE": tuple({"topology": name} for name in ("star", "bus", "mesh", "polynomial")),
    "RandomOverSampler": ({}, {"shrinkage": 1}),
}
"""What is drawn of samplers with more than one face; of all others their defaults."""
NOT_DRAWN = {"SMOTEN": "it makes rows of categories, which have no place on a plane"}
COLOURS = {"many": "mark", "gone": "pink", "rare": "orange", "made": "blue"}
DOT = {"many": 3.4, "gone": 2.2, "rare": 5.0, "made": 3.4}


@dataclass(frozen=True)
class Panel:
    """One drawing: its options in words, the rows before and after, and where each row out comes from."""

    words: str
    before: tuple[int, int]
    after: tuple[int, int]
    svg: Markup


def table() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Two bent bands that touch, with a few strays: 160 common and 32 rare rows."""
    rng = np.random.default_rng(3)
    turn = rng.uniform(0.1, np.pi, 160)
    many = np.column_stack([np.cos(turn) * 2.2, np.sin(turn) * 1.5]) + rng.normal(scale=0.26, size=(160, 2))
    turn = rng.uniform(0.2, np.pi - 0.6, 28)
    rare = np.column_stack([1.5 - np.cos(turn) * 1.6, 0.55 - np.sin(turn) * 1.2]) + rng.normal(
        scale=0.15, size=(28, 2)
    )
    strays = np.array([[-1.7, 1.2], [0.3, 1.6], [2.1, 0.9], [-1.0, 0.2]])
    return np.concatenate([many, rare, strays]), np.repeat([0, 1], [160, 32])


def panel(card: Card, options: dict[str, Any]) -> Panel:
    """Resample the table and draw it."""
    X, y = table()
    sampler = card.load()(**{**card.example, **options})
    known = sampler.get_params()
    settings = {"random_state": 0, "kmeans_estimator": 4, "cluster_balance_threshold": 0.1}
    if "cv" in known or "n_rounds" in known:
        settings["estimator"] = DecisionTreeClassifier(max_depth=3, random_state=0)
    sampler.set_params(**{name: value for name, value in settings.items() if name in known})
    rows: Any = X
    if "categorical_encoder" in known:
        sampler.set_params(categorical_features=[2])
        rows = pd.DataFrame({"x": X[:, 0], "z": X[:, 1], "side": np.where(X[:, 0] > 0.5, "right", "left")})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", (UserWarning, ConvergenceWarning))
        out = sampler.resample(rows, y)
    values = np.asarray(out.X)[:, :2].astype(float)
    words = ", ".join(f"{name}={value!r}" for name, value in options.items())
    svg = drawing(X, values, np.asarray(out.y), out.origin, f"{card.name} {words}".strip())
    return Panel(words, (160, 32), (int((out.y == 0).sum()), int((out.y == 1).sum())), svg)


def drawing(
    X: NDArray[Any],
    rows: NDArray[Any],
    labels: NDArray[Any],
    origin: NDArray[Any],
    title: str,
) -> Markup:
    """The rows that stay, those that are gone and those that were made."""
    low, high = X.min(axis=0) - 0.25, X.max(axis=0) + 0.25
    inner = np.array([WIDTH, HEIGHT]) - 2 * EDGE

    def placed(points: NDArray[Any]) -> NDArray[Any]:
        share = (points - low) / (high - low)
        return EDGE + np.column_stack([share[:, 0], 1 - share[:, 1]]) * inner

    gone = np.setdiff1d(np.arange(len(X)), origin[origin >= 0])
    made = origin < 0
    parts = [
        ("gone", placed(X[gone])),
        ("many", placed(X[origin[~made & (labels == 0)]])),
        ("made", placed(rows[made])),
        ("rare", placed(X[np.unique(origin[~made & (labels == 1)])])),
    ]
    return element(
        "svg",
        *(element("path", class_=name, d=_dots(points)) for name, points in parts if len(points)),
        role="img",
        aria_label=title,
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
    )


def _dots(points: NDArray[Any]) -> str:
    inside = points[((points >= 0) & (points <= [WIDTH, HEIGHT])).all(axis=1)]
    return "".join(f"M{x:.1f} {y:.1f}h0" for x, y in inside)


def style() -> str:
    """Colours for light and dark, and a grid of panels."""
    rules = [
        ".samplers{display:grid;grid-template-columns:repeat(auto-fill,minmax(9.5rem,1fr));gap:.8rem}",
        ".samplers figure{margin:0;max-width:none}",
        ".samplers svg{width:100%;border:1px solid var(--md-default-fg-color--lightest);border-radius:4px}",
        ".samplers figcaption{margin:.2rem 0 0;max-width:none;font-style:normal;text-align:left;line-height:1.3}",
        ".samplers path,.samplers-key path{fill:none;stroke-linecap:round}",
        ".samplers code{word-break:break-all}",
        "path.gone{opacity:.6}",
        ".samplers-key svg{width:.9em;height:.9em;vertical-align:-.1em}",
    ]
    for name, colour in COLOURS.items():
        rules.append(f"path.{name}{{stroke:{LIGHT[colour]};stroke-width:{DOT[name]}}}")
        rules.append(f'[data-md-color-scheme="slate"] path.{name}{{stroke:{DARK[colour]}}}')
    return f"<style>{''.join(rules)}</style>"


def figure(card: Card, shown: Panel) -> str:
    """One panel with its caption."""
    (many, rare), (many_after, rare_after) = shown.before, shown.after
    words = f"<br><code>{shown.words}</code>" if shown.words else ""
    link = f'<a href="resample/{card.name}.html">{card.name}</a>'
    counts = f"{many} : {rare} → {many_after} : {rare_after}"
    return f"<figure>{shown.svg}<figcaption>{link}{words}<br>{counts}</figcaption></figure>"


def key() -> str:
    """What the colours mean."""
    meanings = {"many": "common row", "rare": "rare row", "made": "made row", "gone": "row taken away"}
    swatches = (
        f'<svg viewBox="0 0 8 8" aria-hidden="true"><path class="{name}" d="M4 4h0"/></svg> {text}'
        for name, text in meanings.items()
    )
    return f'<p class="samplers-key">{" &nbsp; ".join(swatches)}</p>'


def page() -> str:
    """The whole page as Markdown."""
    parts = [
        "# Samplers in pictures",
        "Every sampler on the same 160 common and 32 rare rows of two columns, with its defaults unless said "
        "otherwise. Below each picture stand the rows of both classes before and after. Rows that are only repeated "
        "lie on top of each other. Samplers that let a classifier judge the rows have a decision tree of depth 3 here.",
        style(),
        key(),
    ]
    for kind, title in GROUPS.items():
        cards = [
            card
            for card in find(lever="resample")
            if card.facts["kind"] == kind and card.name not in NOT_DRAWN
        ]
        figures = [figure(card, panel(card, one)) for card in cards for one in VARIANTS.get(card.name, ({},))]
        parts += [f"## {title}", f'<div class="samplers">{"".join(figures)}</div>']
    parts += ["Not drawn: " + "; ".join(f"{name}, as {why}" for name, why in NOT_DRAWN.items()) + "."]
    return "\n\n".join(parts) + "\n"
