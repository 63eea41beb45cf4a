"""What cannot be collected here: the modules that need a library which is not installed."""

from __future__ import annotations

from importlib.util import find_spec

NEED_TORCH = ("losses", "nets", "optim", "augment", "train")

collect_ignore_glob = (
    []
    if find_spec("torch")
    else [f"{root}/{name}*" for name in NEED_TORCH for root in ("src/steelyard", "src/steelyard/checks")]
)
