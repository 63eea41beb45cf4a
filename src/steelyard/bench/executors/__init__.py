"""One file a kind of hardware: this process, processes of this machine, a cluster.

An executor has `run(trials)`, which yields an `Outcome` a trial as they finish, in any order. It keeps trials
that share something together, keeps the limits it was made with, and turns whatever happens to a trial into
its outcome; it knows nothing of studies, ledgers or metrics.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
