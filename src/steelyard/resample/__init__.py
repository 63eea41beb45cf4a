"""Rows in, rows out: every sampler with imbalanced-learn's names and contract.

One sampler a file. Every sampler keeps weights, groups and any aligned array alive through resampling, and
says where each row came from (`sample_indices_`, `origin_`).
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
