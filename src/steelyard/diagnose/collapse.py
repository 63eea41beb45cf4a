"""The geometry of a network's last layer: how far classes have collapsed, and at which angles they lie."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.core import Floats, Prior, TargetError, TooFewSamples

__all__ = ["collapse_metrics", "frame_distance", "simplex"]


def collapse_metrics(
    features: ArrayLike, labels: ArrayLike, weight: ArrayLike | None = None, bias: ArrayLike | None = None
) -> dict[str, float]:
    r"""Measures of neural collapse over training rows.

    When to use it: after training on a long tail, to see whether the common classes have pushed the rare ones
    together (a small `minimum_angle`, a large `incoherence`), which balanced data would not do.

    With class means :math:`\mu_k`, their mean :math:`\mu`, :math:`H_k = \mu_k - \mu`, K classes:

    - `within`: :math:`\mathrm{tr}(S_w S_b^+)/K`, spread within classes against spread between them; 0 is collapsed.
    - `incoherence`: mean over pairs of :math:`|\cos(H_k, H_l) + 1/(K-1)|`; 0 is a simplex.
    - `minimum_angle`: the smallest angle between two :math:`H_k`, in degrees.
    - `norm_variation`: standard deviation of :math:`\|H_k\|` over their mean.
    - `duality`: :math:`\| W/\|W\| - H/\|H\| \|^2`, classifier against means.
    - `disagreement`: share of rows on which the classifier and the nearest class mean differ.

    Args:
        features: (n, d), what the classifier sees.
        labels: classes (n,).
        weight: (K, d) of a linear classifier, rows in sorted order of the classes; None leaves the last two out.
        bias: (K,) of the classifier.

    Returns:
        Measure -> value.

    Raises:
        TooFewSamples: fewer than two classes.
        TargetError: shapes that do not fit each other.

    >>> found = collapse_metrics([[3, 0], [5, 0], [-4, 0], [-4, 0]], [0, 0, 1, 1])
    >>> found["within"], round(found["minimum_angle"], 1)  # 1/2 within, 16 between, two classes
    (0.015625, 180.0)

    Source: Papyan, Han, Donoho (2020), Prevalence of Neural Collapse during the Terminal Phase of Deep Learning
    Training; Liu et al. (2023), Inducing Neural Collapse in Deep Long-Tailed Learning.
    """
    h, codes, k = _checked(features, labels)
    means = _means(h, codes, k)
    centred = means - means.mean(0)
    spread = h - means[codes]
    between = centred.T @ centred / k
    length = np.linalg.norm(centred, axis=1)
    cosine = _cosines(centred)
    apart = cosine[~np.eye(k, dtype=bool)]
    found = {
        "within": float(np.trace(spread.T @ spread / len(h) @ np.linalg.pinv(between)) / k),
        "incoherence": float(np.abs(apart + 1 / (k - 1)).mean()),
        "minimum_angle": float(np.degrees(np.arccos(np.clip(apart.max(), -1, 1)))),
        "norm_variation": float(length.std() / length.mean()) if length.any() else 0.0,
    }
    if weight is None:
        return found
    w = np.asarray(weight, dtype=float)
    b = np.zeros(k) if bias is None else np.asarray(bias, dtype=float)
    if w.shape != (k, h.shape[1]) or b.shape != (k,):
        raise TargetError(
            f"weight has shape {w.shape} and bias {b.shape}; expected {(k, h.shape[1])} and {(k,)}"
        )
    gap = w / np.linalg.norm(w) - centred / np.linalg.norm(centred)
    nearest = ((h[:, None] - means) ** 2).sum(2).argmin(1)
    found["duality"] = float((gap**2).sum())
    found["disagreement"] = float(((h @ w.T + b).argmax(1) != nearest).mean())
    return found


def frame_distance(features: ArrayLike, labels: ArrayLike, *, frame: str = "orthogonal") -> float:
    r"""How far the class means are from an ideal frame: :math:`\| G/\|G\| - I/\|I\| \|` with G the Gram matrix.

    When to use it: on features of a contrastive loss: non-negative ones tend to "orthogonal" means, others on
    balanced data to a "simplex".

    Args:
        features: (n, d).
        labels: classes (n,).
        frame: "orthogonal", or "simplex" whose Gram matrix then stands for I.

    Returns:
        0 for the ideal frame; at most 2.

    Raises:
        TooFewSamples: fewer than two classes.
        TargetError: shapes that do not fit each other.

    >>> frame_distance([[2, 0], [2, 0], [0, 2]], [0, 0, 1])
    0.0

    Source: Kini, Vakilian, Behnia, Gill, Thrampoulidis (2024), Symmetric Neural-Collapse Representations with
    Supervised Contrastive Loss: The Impact of ReLU and Batching.
    """
    h, codes, k = _checked(features, labels)
    means = _means(h, codes, k)
    gram, ideal = means @ means.T, np.eye(k) if frame == "orthogonal" else simplex(k)
    size = np.linalg.norm(gram)
    return float(np.linalg.norm(gram / (size if size else 1.0) - ideal / np.linalg.norm(ideal)))


def simplex(k: int) -> Floats:
    """The Gram matrix (k, k) of k unit vectors at equal angles: 1, and -1/(k - 1) elsewhere.

    >>> simplex(3)[0].tolist()
    [1.0, -0.5, -0.5]
    """
    return np.asarray((k * np.eye(k) - 1) / (k - 1))


def _checked(features: ArrayLike, labels: ArrayLike) -> tuple[Floats, NDArray[np.int64], int]:
    h, y = np.asarray(features, dtype=float), np.asarray(labels)
    if h.ndim != 2 or y.shape != h.shape[:1]:
        raise TargetError(f"features have shape {h.shape} and labels {y.shape}; expected (n, d) and (n,)")
    prior = Prior.of(y)
    if prior.n_classes < 2:
        raise TooFewSamples(f"{prior.n_classes} class came; angles between classes need two or more")
    return h, prior.encode(y), prior.n_classes


def _means(h: Floats, codes: NDArray[np.int64], k: int) -> Floats:
    return np.stack([h[codes == c].mean(0) for c in range(k)])


def _cosines(rows: Floats) -> Floats:
    size = np.linalg.norm(rows, axis=1, keepdims=True)
    unit = rows / np.where(size > 0, size, 1.0)
    return np.asarray(unit @ unit.T)


CARD = {
    "lever": "diagnose",
    "name": "collapse_metrics",
    "title": "Neural collapse and the angles between classes",
    "seeds": ["084", "097"],
    "needs": [],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Papyan et al. (2020), Prevalence of Neural Collapse",
    "facts": {},
}
