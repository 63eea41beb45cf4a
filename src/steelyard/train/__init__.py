"""One training loop for every method: stages, schedules, checkpoints; it knows none of them by name.

Here lives what turns batches into a trained network and nothing about imbalance: an *objective* says what a
batch costs, a *stage* what is trained on which batches and for how long, `fit` runs stages and owns backward,
precision, averaging, early stopping, checkpoints and several machines. Losses, samplers, networks and
optimisers come from their own folders.
"""

import lazy_loader as _lazy

from steelyard.core import require as _require

_require("torch", extra="torch")

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
