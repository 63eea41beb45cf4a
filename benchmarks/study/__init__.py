"""A study as a plain script and through the study engine: same numbers, which time?

The plain side is what one writes with scikit-learn and imbalanced-learn: a function that fits one learner for one
arm on one fold and scores it, and joblib over all cores; every arm is fitted on its own. The engine's side is a trial.
Each side is a process of its own; CPU time is that of all processes a side started, start-up and imports included.

A file a protocol: `balancing` is that of recipe 001, whose arms train anew; the arms of `deciding` differ after the
fit. `plain` holds what both plain sides have in common, `sides` runs them, `__main__` prints the table.
"""
