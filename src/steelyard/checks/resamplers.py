"""The protocol of resamplers: rows in, rows out, and an account of every row."""

from __future__ import annotations

from typing import Any

import numpy as np

from steelyard.checks.failure import demand, demand_equal, quietly, untouched
from steelyard.checks.rows import rare_rows
from steelyard.core import Prior

__all__ = ["check_resampler"]


def check_resampler(resampler: Any, *, target: str = "classes") -> None:
    """Check that a resampler returns rows that can be accounted for.

    When to use it: beside imbalanced-learn's own checks, in the tests of a resampler of your own.

    It demands, without warnings and with inputs left alone: `fit_resample(X, y)` whose classes all survive; the
    same rows from the same seed; `resample` with `origin` (-1 for a made row) and `indices`, kept rows equal to
    their origin; `parents` whose rows sum to one; weights, groups and aligned arrays that follow the rows, also
    of made rows; `prior` equal to the counts of the labels out; text labels and pandas frames kept.

    Args:
        resampler: the sampler; it is cloned.
        target: "classes", or "numbers" for a sampler of regression, which is given numbers with rare ends and is
            not asked about classes.

    Raises:
        NotConforming: what was seen and what was expected.

    >>> from steelyard.resample import RandomUnderSampler
    >>> check_resampler(RandomUnderSampler(random_state=0))
    """
    from sklearn.base import clone

    seeded = clone(resampler)
    if "random_state" in seeded.get_params():
        seeded.set_params(random_state=0)
    X, y = rare_rows()
    classes = target == "classes"
    if not classes:
        y = np.exp(2.0 * y + X[:, 1])
    with quietly("the resampler"), untouched(X, y, what="the resampler"):
        rows, labels = clone(seeded).fit_resample(X, y)
    demand(len(rows) == len(labels), f"{len(rows)} rows came with {len(labels)} labels")
    demand(rows.shape[1] == X.shape[1], f"{X.shape[1]} columns became {rows.shape[1]}")
    demand(rows.dtype == X.dtype, f"{X.dtype} rows became {rows.dtype}")
    if classes:
        demand_equal(np.unique(labels), np.unique(y), "classes changed")
    again, labels_again = clone(seeded).fit_resample(X, y)
    demand_equal(again, rows, "the same seed gives other rows")
    demand_equal(labels_again, labels, "the same seed gives other labels")
    _check_account(clone(seeded), X, y, rows)
    _check_containers(clone(seeded), X, y, rows, labels)


def _check_account(resampler: Any, X: Any, y: Any, rows: Any) -> None:
    weight = np.arange(1.0, len(y) + 1)
    number = np.arange(len(y))
    out = resampler.resample(X, y, sample_weight=weight, groups=number // 2, number=number)
    demand_equal(out.X, rows, "resample gives other rows than fit_resample")
    for name in ("y", "sample_weight", "groups", "indices", "origin"):
        got = len(getattr(out, name))
        demand(got == len(rows), f"{name} has {got} entries for {len(rows)} rows")
    kept = out.origin >= 0
    demand_equal(out.X[kept], X[out.origin[kept]], "kept rows differ from the rows they come from")
    demand_equal(out.y[kept], y[out.origin[kept]], "kept labels differ from those they come from")
    demand_equal(out.sample_weight[kept], weight[out.origin[kept]], "kept rows changed their weight")
    demand_equal(out.indices[kept], out.origin[kept], "indices and origin of kept rows differ")
    demand_equal(out.aligned["number"], number[out.indices], "aligned arrays do not follow the rows")
    demand_equal(out.groups, (number // 2)[out.indices], "groups do not follow the rows")
    demand((out.sample_weight > 0).all(), "a row out has no weight although every row in has")
    shares = np.asarray(out.parents.sum(axis=1)).ravel()
    demand_equal(shares, np.ones(len(rows)), "the shares of a row's parents must sum to one", tolerance=1e-9)
    plain = resampler.resample(X, y)
    demand_equal(plain.prior.counts.sum(), float(len(plain.y)), "prior does not count every row out")
    if y.dtype.kind == "i":
        counts = Prior.of(plain.y, labels=[0, 1]).counts
        demand_equal(plain.prior.counts, counts, "prior is not that of the labels out")


def _check_containers(resampler: Any, X: Any, y: Any, rows: Any, labels: Any) -> None:
    import pandas as pd

    frame = pd.DataFrame(X, columns=list("abcdef"))
    classes = y.dtype.kind == "i"
    words = np.array(["no", "yes"])
    names = pd.Series(words[y] if classes else y, name="target")
    out, text = resampler.fit_resample(frame, names)
    demand(isinstance(out, pd.DataFrame), f"a frame became a {type(out).__name__}")
    demand(list(out.columns) == list("abcdef"), f"the columns became {list(out.columns)[:6]}")
    demand_equal(out.to_numpy(), rows, "a frame gives other rows than an array", tolerance=1e-5)
    expected = words[labels] if classes else labels
    demand(list(text) == list(expected), "a series of labels gives other rows than an array")
