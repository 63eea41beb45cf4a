"""Published systems that run: one file each, read top to bottom, with the claims that code judges.

A recipe `pNNN_slug.py` holds a literal `PAPER` and a function `build(scale, seed)` that lists the trials of a
study; `scale` is "smoke" (seconds, in every test run), "small" (minutes on a few cores, real data, the claims
are judged) or "full" (the published setting). What a system needs lives in the folders of the parts; a recipe
only puts them together. A claim that does not hold is reported with its figures.
"""
