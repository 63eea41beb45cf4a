"""AUROC by what every positive costs."""

from __future__ import annotations

from numpy.typing import ArrayLike

from steelyard.metrics.decomposition import Decomposition, share_above, sides

__all__ = ["auroc_decomposition"]


def auroc_decomposition(y: ArrayLike, scores: ArrayLike) -> Decomposition:
    r"""AUROC by what each positive costs: the false positive rate at its score.

    When to use it: to see which positives a ranking loses; beside `auprc_decomposition`, whose terms are these
    divided by how many rows are flagged.

    .. math:: \mathrm{AUROC} = 1 - E_{p_+}[\mathrm{FPR}(p_+)]

    with FPR(t) the share of negatives scored at least t. A negative tied with the positive counts half, so that
    the value is AUROC with ties too.

    Args:
        y: 0 and 1 (n,).
        scores: (n,), or (n, 2) of which the second column counts.

    Raises:
        TooFewSamples: one class only.

    >>> value, terms, rows = auroc_decomposition([1, 0, 1, 0], [0.9, 0.6, 0.4, 0.2])
    >>> value, terms.tolist(), rows.tolist()
    (0.75, [0.0, 0.5], [0, 2])

    Source: McDermott et al. (2024), A closer look at AUROC and AUPRC under class imbalance, theorem 1.
    """
    positive, negative, rows = sides(y, scores)
    at_least = share_above(negative, positive, "left")
    terms = (at_least + share_above(negative, positive, "right")) / 2
    return Decomposition(float(1 - terms.mean()), terms, rows)


CARD = {
    "lever": "metrics",
    "name": "auroc_decomposition",
    "title": "AUROC as one minus a mean over the positives",
    "seeds": ["016"],
    "since": "0.1",
    "status": "verified",
    "source": "McDermott et al. (2024), A closer look at AUROC and AUPRC under class imbalance",
    "facts": {"label": "AUROC by positives", "takes": "scores", "gives": "terms"},
}
