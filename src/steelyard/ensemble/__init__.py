"""Committees that balance inside: self-paced, easy, balanced forests.

One ensemble a file, each a scikit-learn classifier that states the prior its members were trained on
(`training_prior_`), so that the race can undo it.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
