"""Comparing arms over data sets: ranks, tests, posterior probabilities, intervals.

Every function takes a table of data sets × arms (rows × columns, larger is better, no gaps) as `score_table`
makes it, and returns plain frames or small records. One question a file; what scipy has is scipy's.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
