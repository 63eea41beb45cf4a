"""How probable is it that one arm is better, or that both are practically the same?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import TooFewSamples, generator

__all__ = ["Posterior", "bayesian_signed_rank"]


@dataclass(frozen=True)
class Posterior:
    """Probabilities that sum to one.

    Attributes:
        better: that the typical difference lies above the region of practical equivalence.
        same: that it lies within.
        worse: that it lies below.
    """

    better: float
    same: float
    worse: float


def bayesian_signed_rank(
    differences: ArrayLike, *, rope: float = 0.01, samples: int = 20_000, seed: int = 0
) -> Posterior:
    r"""The Bayesian counterpart of Wilcoxon's signed-rank test.

    When to use it: to say that two arms are practically equal, which a p-value never can.

    The distribution of differences gets a Dirichlet process prior of strength one at zero, so that posterior
    weights of the differences :math:`d_0 = 0, d_1, …` are Dirichlet(1, …, 1). In each drawn weighting all pairs
    :math:`(d_i + d_j)/2` vote with :math:`w_i w_j` for above, within or below ±rope; the side with most votes
    wins the draw.

    Args:
        differences: one a data set, positive where the arm is better.
        rope: half the width of what counts as the same.
        samples: draws.
        seed: of the draws.

    Raises:
        TooFewSamples: no differences.

    >>> bayesian_signed_rank([0.05, 0.06, 0.04, 0.07, 0.05]).better > 0.95
    True

    Source: Benavoli et al. (2017), Time for a Change: a Tutorial for Comparing Multiple Classifiers Through
    Bayesian Analysis.
    """
    d = np.concatenate([[0.0], np.asarray(differences, dtype=float)])
    if len(d) < 2:
        raise TooFewSamples("no differences came; pass one a data set")
    pair = (d[:, None] + d[None, :]) / 2
    weights = generator(seed).dirichlet(np.ones(len(d)), samples)
    # sums over all pairs of w_i w_j, a draw a row
    above = np.einsum("si,si->s", weights @ (pair > rope), weights)
    below = np.einsum("si,si->s", weights @ (pair < -rope), weights)
    votes = np.stack([above, 1 - above - below, below])
    share = np.bincount(votes.argmax(axis=0), minlength=3) / samples
    return Posterior(*map(float, share))
