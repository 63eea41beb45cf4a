"""What cannot be collected here: modules made of a library that is not installed, and the tests of torch's."""

from __future__ import annotations

from importlib.util import find_spec

MADE_OF_TORCH = ("losses", "nets", "optim", "augment", "train")
PLACES = ("src/steelyard/{}", "src/steelyard/checks/{}.py", "tests/{}", "tests/checks/test_{}.py")

ADAPTERS = {"lightning": "lightning", "huggingface": "transformers"}

collect_ignore = (
    [] if find_spec("torch") else [place.format(name) for place in PLACES for name in MADE_OF_TORCH]
) + [f"src/steelyard/train/{name}.py" for name, library in ADAPTERS.items() if not find_spec(library)]
