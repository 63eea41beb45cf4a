"""Ready-made cost matrices: rows are decisions, columns are truths."""

from __future__ import annotations

import numpy as np

from steelyard.core import Floats, Prior, TooFewSamples

__all__ = ["inverse_costs", "uniform_costs"]


def uniform_costs(prior: Prior) -> Floats:
    """Every error costs 1, whatever the class: the mean cost is the error rate.

    When to use it: as the neutral matrix to edit, or to state that errors are equal.

    Returns:
        A matrix (K, K), rows the decision, columns the truth, zeros on the diagonal.

    >>> uniform_costs(Prior.of([0, 0, 1])).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    return 1.0 - np.eye(prior.n_classes)


def inverse_costs(prior: Prior) -> Floats:
    r"""Missing a row costs the inverse frequency of its class: the mean cost is 1 - balanced accuracy.

    When to use it: every class matters equally and nobody can name prices.

    :math:`C_{kj} = 1 / (K \pi_j)` for :math:`k \neq j`, zero on the diagonal.

    Returns:
        A matrix (K, K), rows the decision, columns the truth.

    Raises:
        TooFewSamples: a class without rows has no frequency to invert.

    >>> inverse_costs(Prior.of([0] * 9 + [1])).round(4).tolist()
    [[0.0, 5.0], [0.5556, 0.0]]

    Source: Elkan (2001), The Foundations of Cost-Sensitive Learning.
    """
    if (prior.counts <= 0).any():
        empty = [label for label, count in zip(prior.labels, prior.counts, strict=True) if count <= 0]
        raise TooFewSamples(
            f"classes {empty!r} have no rows, so no frequency to invert; leave them out of the prior"
        )
    return uniform_costs(prior) / (prior.n_classes * prior.p)


CARD = {
    "lever": "weights",
    "name": "inverse_costs",
    "title": "Inverse class frequency cost matrix",
    "seeds": ["012"],
    "needs": [],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Elkan (2001), The Foundations of Cost-Sensitive Learning",
    "facts": {},
}
