"""The class prior in, class weights out.

Every file holds one weighting: `effective_number(0.999)(prior) -> (K,)`, scaled so that the training rows'
weights average one. Cost matrices live here too, as the other way to say how much a class matters.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
