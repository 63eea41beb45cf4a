"""Labels in, streams of row positions out: which rows a training step sees.

A stream is what `DataLoader(sampler=…)` or `DataLoader(batch_sampler=…)` takes, and needs numpy only. It is the same
for the same seed and epoch whatever the workers, is dealt out to the processes of one training run, and can be
stopped and resumed in the middle of an epoch. Hardness, bins and quotas, by which self-paced ensembles and resamplers
choose rows, live here too.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
