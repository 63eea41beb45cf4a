"""Estimate the class shares of new, unlabelled rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.core import DataError, Floats, Prior, UsageError
from steelyard.decide.prior_correction import shares
from steelyard.decide.rows import class_positions, class_scores, class_totals, row_weights

__all__ = ["PriorEstimate", "estimate_prior"]

STEPS = 1000
TOLERANCE = 1e-9
WORST_CONDITION = 1000.0  # a confusion matrix beyond this turns small sampling errors into large ones
KS_GAP, KS_LEVEL = 0.1, 1.95  # a distance worth naming, and the critical value of a test at 0.1 %


@dataclass(frozen=True, eq=False)
class PriorEstimate:
    """The class shares of unlabelled rows, with an opinion on whether to use them.

    Attributes:
        p: estimated shares (K,), summing to one.
        standard_error: sampling error of each share (K,), from the number of unlabelled rows.
        method: "em" or "bbse".
        reliable: whether nothing speaks against using the estimate.
        reason: what speaks against it, in a sentence; empty when reliable.
    """

    p: Floats
    standard_error: Floats
    method: str
    reliable: bool
    reason: str


def estimate_prior(
    p: ArrayLike,
    prior: Prior | ArrayLike,
    method: Literal["em", "bbse"] = "em",
    *,
    known: tuple[ArrayLike, ArrayLike] | None = None,
    sample_weight: ArrayLike | None = None,
) -> PriorEstimate:
    r"""How frequent every class is among new rows, assuming that only the class shares changed.

    When to use it: a finished, calibrated model meets rows of another prevalence and no labels;
    `PriorCorrection(prior, estimate.p)` then re-targets it. Never use it when features shifted for another reason;
    pass `known` to have that checked.

    "em" climbs the likelihood :math:`\sum_i \log \sum_k q_k p_{ik} / \pi_k` to its single maximum; it needs
    calibrated probabilities. "bbse" solves :math:`C q = \bar p` with :math:`C_{kj}` the mean probability of class
    k on known rows of class j; it forgives bad calibration and is noisier.

    Args:
        p: probabilities of the new rows (n, K), or (n,) of the positive class.
        prior: the prior the probabilities stand at, a `Prior` or shares (K,).
        method: "em" or "bbse".
        known: held-out probabilities (m, K) and class positions (m,); "bbse" needs them, and both test with them
            whether the new scores can be a new mixture of the known classes.
        sample_weight: weights of the new rows (n,) or None.

    Returns:
        A `PriorEstimate`; failures are reported in it, not raised.

    Raises:
        UsageError: an unknown method, "bbse" without known rows, or an empty class in the prior.
        DataError: arrays that do not fit, or no new row with weight.

    >>> estimate = estimate_prior([0.9, 0.9, 0.9, 0.1], [0.5, 0.5])
    >>> estimate.p.round(4).tolist(), estimate.reliable
    ([0.1875, 0.8125], False)

    Source: Saerens, Latinne, Decaestecker (2002), Adjusting the Outputs of a Classifier to New a Priori
    Probabilities; Lipton, Wang, Smola (2018), Detecting and Correcting for Label Shift with Black Box Predictors.
    """
    scores, source = class_scores(p), shares(prior, "prior")
    n_classes = scores.shape[1]
    if n_classes != len(source) or (source <= 0).any():
        raise UsageError(
            f"the prior is {source.tolist()}, expected a share above 0 for each of {n_classes} classes"
        )
    if method not in {"em", "bbse"}:
        raise UsageError(f"method is {method!r}, expected 'em' or 'bbse'")
    held, weight = _known(known, n_classes), _shares_of_rows(sample_weight, len(scores))
    if method == "em":
        q, error, doubts = _em(scores / source, weight, source)
    elif held is None:
        raise UsageError(
            "bbse needs known rows; pass known=(probabilities, class positions) of held-out rows"
        )
    else:
        q, error, doubts = _bbse(scores, weight, *held)
    doubts += _uncertain(q, error)
    doubts += [] if held is None else _misfit(scores, weight, *held, q)
    return PriorEstimate(q, error, method, not doubts, "; ".join(doubts))


def _shares_of_rows(sample_weight: ArrayLike | None, n: int) -> Floats:
    weight = row_weights(sample_weight, n)
    if not weight.any():
        raise DataError("no new row with positive weight came; pass rows to estimate from")
    return np.asarray(weight / weight.sum())


def _uncertain(q: Floats, error: Floats) -> list[str]:
    """Name the first class whose share is not known to within a factor of about two."""
    vague = np.flatnonzero(error > np.maximum(q, 1e-12) / 2)
    return [
        f"the share of class {k} is {q[k]:.2g} with a standard error of {error[k]:.2g}; more rows are needed"
        for k in vague[:1]
    ]


def _known(
    known: tuple[ArrayLike, ArrayLike] | None, n_classes: int
) -> tuple[Floats, NDArray[np.int64]] | None:
    if known is None:
        return None
    p = class_scores(known[0])
    if p.shape[1] != n_classes:
        raise DataError(f"known rows have {p.shape[1]} classes, the new ones {n_classes}; use the same model")
    return p, class_positions(known[1], len(p), n_classes)


def _em(ratio: Floats, weight: Floats, start: Floats) -> tuple[Floats, Floats, list[str]]:
    """Fixed point of q = mean of the posteriors at q; the likelihood is concave, so it is the maximum.

    Plain steps creep when classes overlap, so two steps are extrapolated (SQUAREM) whenever that does not lower
    the likelihood.
    """

    def step(q: Floats) -> Floats:
        return np.asarray(q * (weight @ (ratio / (ratio @ q)[:, None])))

    def likelihood(q: Floats) -> float:
        return float(weight @ np.log(ratio @ q))

    q, doubts = start.copy(), []
    for _ in range(STEPS):
        one = step(q)
        first = one - q
        if np.abs(first).max() < TOLERANCE:
            break
        two = step(one)
        bend = two - one - first
        reach = max(1.0, float(np.sqrt(first @ first / max(float(bend @ bend), 1e-300))))
        far = q + 2 * reach * first + reach**2 * bend
        q = two
        if far.min() > 0 and likelihood(far / far.sum()) > likelihood(two):
            q = far / far.sum()
    else:
        doubts = [f"em had not settled after {STEPS} steps, so the classes hardly differ in their scores"]
    return q, _em_error(ratio / (ratio @ q)[:, None], weight), doubts


def _em_error(slope: Floats, weight: Floats) -> Floats:
    """Standard errors from the curvature of the log-likelihood along the simplex."""
    n_effective = 1 / float(weight @ weight)
    n_classes = slope.shape[1]
    along = np.eye(n_classes)[:, 1:] - np.eye(n_classes)[:, :1]
    curve = along.T @ ((slope * weight[:, None]).T @ slope) @ along * n_effective
    return np.asarray(np.sqrt(np.maximum(np.diag(along @ np.linalg.pinv(curve) @ along.T), 0)))


def _bbse(
    p: Floats, weight: Floats, known_p: Floats, known_y: NDArray[np.int64]
) -> tuple[Floats, Floats, list[str]]:
    """Invert the mean probabilities of the classes; the answer is put back on the simplex if it left it."""
    n_classes = p.shape[1]
    counts = class_totals(known_y, np.ones(len(known_y)), n_classes)
    if not counts.all():
        empty = np.flatnonzero(counts == 0).tolist()
        raise DataError(f"the known rows hold none of class {empty}; bbse needs rows of every class")
    means = np.stack([known_p[known_y == k].mean(axis=0) for k in range(n_classes)], axis=1)
    doubts = []
    condition = float(np.linalg.cond(means))
    if not condition < WORST_CONDITION:
        doubts.append(
            f"the classes are hard to tell apart (condition {condition:.3g} of their mean probabilities)"
        )
    inverse = np.linalg.pinv(means)
    centred = p - weight @ p
    spread = inverse @ ((centred * weight[:, None]).T @ centred) @ inverse.T * float(weight @ weight)
    error = np.sqrt(np.maximum(np.diag(spread), 0))
    q = inverse @ (weight @ p)
    if (q < -3 * error - 1e-9).any():
        doubts.append(
            f"class {int(q.argmin())} would need a share of {q.min():.2g}, so more than the class shares has changed"
        )
    return _to_simplex(q), error, doubts


def _to_simplex(q: Floats) -> Floats:
    """The nearest shares: at least 0, summing to one."""
    ordered = np.sort(q)[::-1]
    excess = (np.cumsum(ordered) - 1) / np.arange(1, len(q) + 1)
    return np.asarray(np.maximum(q - excess[np.flatnonzero(ordered > excess)[-1]], 0))


def _misfit(p: Floats, weight: Floats, known_p: Floats, known_y: NDArray[np.int64], q: Floats) -> list[str]:
    """Kolmogorov-Smirnov distance of every class's scores between new rows and known rows reweighted to q."""
    share = class_totals(known_y, np.ones(len(known_y)), len(q)) / len(known_y)
    known_weight = np.divide(q, share, out=np.zeros(len(q)), where=share > 0)[known_y]
    known_weight = known_weight / known_weight.sum()
    rows = 1 / (float(weight @ weight) + float(known_weight @ known_weight))
    gaps = [_distance(p[:, k], weight, known_p[:, k], known_weight) for k in range(len(q))]
    k = int(np.argmax(gaps))
    if gaps[k] > max(KS_GAP, KS_LEVEL / np.sqrt(rows)):
        return [
            f"the scores of class {k} do not look like a new mixture of the known classes (distance {gaps[k]:.2g}), "
            "so more than the class shares has changed"
        ]
    return []


def _distance(a: Floats, a_weight: Floats, b: Floats, b_weight: Floats) -> float:
    """The largest gap between two weighted distribution functions."""
    places, group = np.unique(np.concatenate([a, b]), return_inverse=True)
    steps = class_totals(group, np.concatenate([a_weight, -b_weight]), len(places))
    return float(np.abs(np.cumsum(steps)).max())


CARD = {
    "lever": "decide",
    "name": "estimate_prior",
    "title": "Prior estimation under label shift by EM or BBSE",
    "seeds": ["028", "054", "089"],
    "needs": ["probabilities"],
    "example": {"method": "em"},
    "since": "0.1",
    "status": "claimed",
    "source": "Saerens, Latinne, Decaestecker (2002); Lipton, Wang, Smola (2018)",
    "facts": {},
}
