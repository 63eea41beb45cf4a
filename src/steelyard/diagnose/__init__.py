"""What is wrong with this data? One probe a file.

A probe takes a table (or scores) and returns plain results: numbers, names and sentences, no HTML and no
printing. The report and the command line show them.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
