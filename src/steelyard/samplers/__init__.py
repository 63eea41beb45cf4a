"""Which rows a round, a batch or a member sees: parts shared by resamplers and ensembles.

Nothing here trains or copies rows: hardness of rows in, numbers and positions of rows out.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
