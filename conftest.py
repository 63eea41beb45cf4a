"""What cannot be collected here: modules made of torch, and their tests, where torch is not installed."""

from __future__ import annotations

from importlib.util import find_spec

MADE_OF_TORCH = ("losses", "nets", "optim", "augment", "train")
PLACES = ("src/steelyard/{}", "src/steelyard/checks/{}.py", "tests/{}", "tests/checks/test_{}.py")

collect_ignore = (
    [] if find_spec("torch") else [place.format(name) for place in PLACES for name in MADE_OF_TORCH]
)
