"""Tables as they are: column roles, an encoder for mixed types, and the learners a race starts from."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
