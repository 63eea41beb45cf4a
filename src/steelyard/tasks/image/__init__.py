"""Pictures: finding and decoding them, parts that share nothing, networks, and the remedies to race (torch)."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
