"""The learners a race starts from: factories with defaults that suit rare classes, one file each.

Each is a function `(*, seed, n_jobs=1, n_rows=None) -> classifier` for rows that `TableEncoder` has encoded; what
encoding it wants, whether it takes sparse rows, and which types a saved model holds stand in its card.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
