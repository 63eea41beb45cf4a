"""Reading tables, real data sets, imbalance makers, splits and provenance.

Here lives whatever brings rows in, makes a data set imbalanced on purpose (as index arrays, never copies), or
decides which rows may be seen by whom. Nothing here learns from labels. numpy and pandas may stand at the top
of a module; readers of other formats import their library in the leaf that needs it.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
