"""The main job: remedies × learners raced honestly on one table, then calibrated, thresholded, saved.

The engine knows protocols, never methods by name: arms are found through cards.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
