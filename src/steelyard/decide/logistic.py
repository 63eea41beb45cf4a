"""A small exact logistic regression with slopes that may not be negative."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from scipy.special import expit

from steelyard.core import Floats
from steelyard.decide.rows import FLOOR

STEPS = 100
TOLERANCE = 1e-14


def soft_targets(positive: Floats, weight: Floats) -> Floats:
    r"""Targets pulled towards the prevalence, so that separable scores leave the slope finite.

    Platt replaces 1 and 0 by :math:`(n_1 + 1)/(n_1 + 2)` and :math:`1/(n_0 + 2)`, which promises too many
    positives when they are few (1.67 times with one). Here every target moves the same way to the prevalence,
    :math:`t = (1 - \lambda) y + \lambda \pi` with :math:`\lambda = 1/(m + 2)` and m rows of the rarer class, so
    the mean target stays the prevalence exactly.
    """
    share = float(weight @ positive / weight.sum())
    rarer = min(_effective(weight[positive == 1]), _effective(weight[positive == 0]))
    pull = 1 / (rarer + 2)
    return np.asarray((1 - pull) * positive + pull * share)


def resolution(p: Floats) -> tuple[float, float]:
    """The lowest and highest probability worth a logarithm of its own.

    Forests give exact zeros and ones to many rows. As log-odds those are outliers that bend the whole curve, so
    they count as half-way between the certain value and the nearest uncertain one. Without them all is left.
    """
    inside = p[(p > FLOOR) & (p < 1 - FLOOR)]
    low = inside.min() / 2 if inside.size and p.min() <= FLOOR else FLOOR
    high = (1 + inside.max()) / 2 if inside.size and p.max() >= 1 - FLOOR else 1 - FLOOR
    return float(low), float(high)


def _effective(weight: Floats) -> float:
    """Kish's effective number of rows, which does not depend on the scale of the weights."""
    return float(weight.sum() ** 2 / (weight @ weight)) if weight.any() else 0.0


def fit_logistic(features: Floats, target: Floats, weight: Floats) -> Floats:
    """Slopes of at least 0 and an intercept (d + 1,) of least weighted log loss; targets may be fractions.

    Convex, so the best among the optima of all subsets of free slopes is the answer; with every slope free and
    none negative it is the first one tried.
    """
    n, d = features.shape
    shift, scale = np.average(features, axis=0, weights=weight), features.std(axis=0)
    usable = [k for k in range(d) if scale[k] > TOLERANCE * max(1.0, abs(shift[k]))]
    standard = (features - shift) / np.where(scale > 0, scale, 1.0)
    weight = weight / weight.sum()
    best, least = np.zeros(d + 1), np.inf
    for size in range(len(usable), -1, -1):
        for free in combinations(usable, size):
            found = _newton(np.column_stack([standard[:, list(free)], np.ones(n)]), target, weight)
            if (found[:-1] < 0).any():
                continue
            full = np.zeros(d + 1)
            full[[*free, d]] = found
            loss = _loss(standard @ full[:-1] + full[-1], target, weight)
            if loss < least:
                best, least = full, loss
        if np.isfinite(least):
            break
    slopes = best[:-1] / np.where(scale > 0, scale, 1.0)
    return np.append(slopes, best[-1] - slopes @ shift)


def _loss(z: Floats, target: Floats, weight: Floats) -> float:
    return float(weight @ (np.logaddexp(0, z) - target * z))


def _newton(design: Floats, target: Floats, weight: Floats) -> Floats:
    """Newton's method with step halving; the last column of the design is the intercept."""
    share = float(np.clip(weight @ target, 1e-12, 1 - 1e-12))
    beta = np.zeros(design.shape[1])
    beta[-1] = np.log(share / (1 - share))
    z = design @ beta
    loss = _loss(z, target, weight)
    for _ in range(STEPS):
        p = expit(z)
        gradient = design.T @ (weight * (p - target))
        hessian = (design * (weight * p * (1 - p))[:, None]).T @ design
        step = np.linalg.lstsq(hessian, gradient, rcond=None)[0]
        expected = float(gradient @ step)
        if expected < TOLERANCE * max(abs(loss), TOLERANCE):
            break
        length = 1.0
        while length > 1e-8:
            trial = design @ (beta - length * step)
            lower = _loss(trial, target, weight)
            if lower <= loss - 1e-4 * length * expected:
                break
            length /= 2
        else:
            break
        beta, z, loss = beta - length * step, trial, lower
    return np.asarray(beta)
