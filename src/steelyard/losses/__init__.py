"""Logits or embeddings in, a tensor to minimise out: losses for long tails, in plain PyTorch.

Every file holds one loss. A loss computes values one by one and leaves averaging to one reducer outside, so losses
nest: `ClassWeightedLoss(weight, LDAMLoss(prior))`, `FocalLoss(reduction=CVaR(0.5))`. Those that need to know
how often classes occur take a `Prior` or its counts.
"""

import lazy_loader as _lazy

from steelyard.core import require as _require

_require("torch", extra="torch")

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
