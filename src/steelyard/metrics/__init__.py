"""How good are these scores? One function a file.

Every metric takes `(y, scores, *, sample_weight=None)` with y holding class positions 0..K-1 and returns a
float, NaN where it is undefined. Its CARD states what it needs (decisions, scores or probabilities), its
direction, its range, and whether it moves with prevalence.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
