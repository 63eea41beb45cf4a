"""What everything else stands on: the class prior, protocols, cards, errors, randomness.

Here lives what every folder may import and what imports none of them. Only numpy may stand at the top of a
module. A newcomer starts with `Prior`: labels and counts, computed once on training rows; every weight, loss,
sampler and correction in steelyard is a function of it.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
