"""Steps for long tails in plain PyTorch: sharpness-aware, per class, by sign, and weights learnt on the way.

Each wraps an optimiser of torch and keeps its learning rates and schedules. What needs the losses of single rows
takes a closure that returns them with the rows' class positions; what needs a number takes a closure as
`torch.optim.LBFGS` does.
"""

import lazy_loader as _lazy

from steelyard.core import require as _require

_require("torch", extra="torch")

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
