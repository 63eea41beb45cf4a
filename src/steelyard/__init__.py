"""Learning from class-imbalanced data: an honest answer, exact fast parts, and proof.

`steelyard.run(X, y)` gives the answer; the sub-packages hold the parts.
"""

import lazy_loader as _lazy

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
