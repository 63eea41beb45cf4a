"""Logits moved from one class prior to another."""

from __future__ import annotations

import numpy as np

from steelyard.core import TargetError
from steelyard.losses.counts import PriorLike, counts_of
from steelyard.losses.logit_transform import LogitTransform

__all__ = ["prior_shift", "reversed_prior"]


def prior_shift(trained: PriorLike, target: PriorLike) -> LogitTransform:
    r"""Logits a network would give had it been trained at another prior: :math:`z_k + \log \pi'_k - \log \pi_k`.

    When to use it: after training, to serve another prevalence, or to undo what a sampler did. For probabilities
    `decide.PriorCorrection` does the same.

    Args:
        trained: the prior the network saw, a `Prior` or counts (K,).
        target: the prior it shall serve.

    Raises:
        TargetError: priors of different length.
        TooFewSamples: a class without rows.

    >>> import torch
    >>> z = prior_shift([90, 10], [50, 50])(torch.tensor([[0.7, 0.3]]).log())
    >>> z.exp().tolist()  # 0.7 and 0.3 divided by 0.9 and 0.1, up to a factor
    [[0.388..., 1.5]]

    Source: Saerens, Latinne, Decaestecker (2002), Adjusting the Outputs of a Classifier to New a Priori
    Probabilities.
    """
    old, new = counts_of(trained), counts_of(target)
    if len(old) != len(new):
        raise TargetError(
            f"the trained prior has {len(old)} classes and the target {len(new)}; they must agree"
        )
    return LogitTransform(add=np.log(new / new.sum()) - np.log(old / old.sum()))


def reversed_prior(prior: PriorLike) -> list[float]:
    """The counts in reversed order of rank: the commonest class gets the count of the rarest.

    When to use it: as the prior of an expert for inversely imbalanced test data.

    >>> reversed_prior([600, 100, 300])
    [100.0, 600.0, 300.0]
    """
    counts = counts_of(prior)
    order = np.argsort(counts, kind="stable")
    turned = np.empty_like(counts)
    turned[order] = counts[order[::-1]]
    return [float(count) for count in turned]
