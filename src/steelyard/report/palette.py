"""The colours of every page, once for paper and once for the dark; CSS reads them as custom properties.

Blue and orange stay apart under every common colour blindness; grey carries what is context. A meaning keeps
its colour on the whole page: blue is the chosen model (or "after"), orange the positive class (or "before").
"""

from __future__ import annotations

DARK = {
    "paper": "#11161c",
    "surface": "#19202a",
    "ink": "#e9edf2",
    "muted": "#a7b2be",
    "line": "#3a4450",
    "grid": "#29313b",
    "mark": "#7f8a97",
    "blue": "#74b6ff",
    "blue-soft": "#16314f",
    "orange": "#f4a460",
    "orange-soft": "#3d2913",
    "pink": "#ff8fbc",
    "pink-soft": "#45182d",
}

LIGHT = {
    "paper": "#f7f8fa",
    "surface": "#ffffff",
    "ink": "#1a2028",
    "muted": "#57616d",
    "line": "#cfd5dc",
    "grid": "#e6e9ed",
    "mark": "#808a96",
    "blue": "#0b5cad",
    "blue-soft": "#e4eefa",
    "orange": "#ad4d05",
    "orange-soft": "#fcefe2",
    "pink": "#a3195b",
    "pink-soft": "#fce8f1",
}

# The strongest tint a heat map cell takes: with it the cell's text keeps 4.5:1 on both palettes.
HEAT = 0.5


def css() -> str:
    """Custom properties for the viewer's preference, the toggle's choice, and always light on paper."""
    light = _properties(LIGHT, "light")
    dark = _properties(DARK, "dark")
    return (
        f":root{{{light}}}"
        f"@media screen and (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}}}}}"
        f"@media screen{{:root[data-theme=dark]{{{dark}}}}}"
    )


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2: (lighter + 0.05) / (darker + 0.05) of relative luminances.

    >>> contrast("#000000", "#ffffff")
    21.0
    """
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def blend(over: str, under: str, opacity: float) -> str:
    """The colour seen when `over` lies on `under` with `opacity`.

    >>> blend("#ffffff", "#000000", 0.5)
    '#808080'
    """
    pairs = zip(_channels(over), _channels(under), strict=True)
    return "#" + "".join(f"{round(opacity * a + (1 - opacity) * b):02x}" for a, b in pairs)


def _properties(colours: dict[str, str], scheme: str) -> str:
    return f"color-scheme:{scheme};" + "".join(f"--{name}:{value};" for name, value in colours.items())


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    shares = [channel / 255 for channel in _channels(colour)]
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
