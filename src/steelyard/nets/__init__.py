"""Heads for long tails, and small networks to put under them, in plain PyTorch.

A head turns features (n, d) into logits: linear, cosine, scaled or normalised after training, nearest mean, several
experts, evidence. `MLP` and `ResNet32` are the small networks of the literature; `backbone` brings larger ones by
name.
"""

import lazy_loader as _lazy

from steelyard.core import require as _require

_require("torch", extra="torch")

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
