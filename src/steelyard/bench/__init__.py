"""Studies: thousands of experiments that are named, written once, resumed, judged and shown.

Here lives what runs and reads experiments and knows no method by name. A *trial* is one experiment, pure and
named by its content; a *study* is a list of trials; a *ledger* is the folder that remembers them; an
*executor* is the only view of the hardware, one a file under `executors/`; `statistics/` compares arms over
data sets; `judge` says whether a published claim holds. Recipes and study files only list trials.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
