"""Scores in, adjusted scores and decisions out; no model is trained here.

Thresholds, costs, logit adjustment, prior correction and label shift, calibrators, rejection, and the user's
`Goal`. Everything fits on out-of-fold scores and works on scores of shape (n,) or (n, K).
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
