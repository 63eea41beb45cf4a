"""Batches in, batches out: rows mixed with one another, in plain PyTorch.

A mix returns the batch and two targets with their shares, so it goes with any loss of `steelyard.losses`:
`mixed.loss(loss, scores)`. Synthetic rows exist only within the step.
"""

import lazy_loader as _lazy

from steelyard.core import require as _require

_require("torch", extra="torch")

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
