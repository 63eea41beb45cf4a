"""Choose a calibration by cross-fitted log loss."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.core import DataError, Floats, NotForMe, TooFewSamples, generator
from steelyard.decide._calibration_in_the_large import calibration_in_the_large
from steelyard.decide.beta_calibration import BetaCalibration
from steelyard.decide.calibration import Calibration
from steelyard.decide.isotonic_calibration import IsotonicCalibration
from steelyard.decide.no_calibration import NoCalibration
from steelyard.decide.rows import FLOOR, class_positions, class_scores, row_weights
from steelyard.decide.sigmoid_calibration import SigmoidCalibration
from steelyard.decide.venn_abers_calibration import VennAbersCalibration

__all__ = ["choose_calibration"]

SIMPLEST_FIRST = (
    NoCalibration,
    SigmoidCalibration,
    BetaCalibration,
    IsotonicCalibration,
    VennAbersCalibration,
)
STEPS_NEED = 200  # rows of the rarer side before a step function is worth trying
VENN_ABERS_STOPS = 200_000  # rows above which it equals isotonic calibration and only costs time
GOOD_RATIO = (0.9, 1.1)


def choose_calibration(
    p: ArrayLike,
    y: ArrayLike,
    fold_ids: ArrayLike | None = None,
    *,
    sample_weight: ArrayLike | None = None,
    seed: int = 0,
) -> tuple[str, Calibration, dict[str, float]]:
    """Fit every calibrator that suits the data and take the simplest that is as good as the best.

    When to use it: on out-of-fold probabilities whose training prior has been undone. Every candidate
    is fitted on all folds but one and judged by log loss on that one. The first of none, sigmoid, beta, isotonic
    and Venn-Abers whose loss is within one standard error (of the paired difference) of the lowest wins. When
    mean prediction / prevalence leaves 0.9 to 1.1, "none" gives way to any other that is as good. Step
    functions are tried from 200 rows of the rarest class on, Venn-Abers up to 200,000 rows.

    Args:
        p: out-of-fold probabilities (n, K), or (n,) of the positive class.
        y: class positions (n,).
        fold_ids: which fold each row was held out in (n,); None deals the rows of each class into five.
        sample_weight: (n,) or None.
        seed: decides the dealing.

    Returns:
        The name, the calibration fitted on all rows (its `note_` says what was weighed and declined), and the
        cross-fitted log loss of all that were tried.

    Raises:
        DataError: arrays that do not fit, or fewer than two folds.

    >>> rng = np.random.default_rng(0)
    >>> p = rng.random(2000)
    >>> promised = p / (p + 5 * (1 - p))
    >>> name, calibration, losses = choose_calibration(promised, rng.random(2000) < p)
    >>> name, sorted(losses)
    ('sigmoid', ['beta', 'isotonic', 'none', 'sigmoid', 'venn_abers'])
    """
    scores = class_scores(p)
    n, n_classes = scores.shape
    truth, weight = class_positions(y, n, n_classes), row_weights(sample_weight, n)
    folds = _deal(truth, seed) if fold_ids is None else np.asarray(fold_ids)
    if folds.shape != (n,) or len(np.unique(folds)) < 2:
        raise DataError(
            f"{n} rows came with fold ids of shape {folds.shape}; pass one a row, of at least two folds"
        )
    row_losses: dict[str, Floats] = {}
    declined: dict[str, str] = {}
    for kind in SIMPLEST_FIRST:
        try:
            _require_enough(kind, truth[weight > 0], n_classes)
            row_losses[kind.name] = _cross_fitted_losses(kind, scores, truth, weight, folds)
        except (NotForMe, TooFewSamples) as error:
            declined[kind.name] = str(error)
    share = weight / weight.sum()
    losses = {name: float(share @ loss) for name, loss in row_losses.items()}
    ratio = calibration_in_the_large(scores, truth, weight)
    name = _simplest(row_losses, losses, share, right_on_average=GOOD_RATIO[0] <= ratio <= GOOD_RATIO[1])
    chosen = next(kind for kind in SIMPLEST_FIRST if kind.name == name)().fit(scores, truth, weight)
    chosen.note_ = _note(name, chosen.caveat, losses, declined)
    return name, chosen, losses


def _require_enough(kind: type[Calibration], truth: NDArray[np.int64], n_classes: int) -> None:
    """Decline step functions for data they do not suit."""
    counts = np.bincount(truth, minlength=n_classes)
    rarest = int(counts[counts > 0].min()) if n_classes > 2 else int(counts.min())
    if kind in (IsotonicCalibration, VennAbersCalibration) and rarest < STEPS_NEED:
        raise NotForMe(f"the rarest class has {rarest} rows, a step function wants {STEPS_NEED}")
    if kind is VennAbersCalibration and len(truth) > VENN_ABERS_STOPS:
        raise NotForMe(f"with {len(truth)} rows it equals isotonic calibration")


def _cross_fitted_losses(
    kind: type[Calibration], p: Floats, y: NDArray[np.int64], weight: Floats, folds: NDArray[np.int64]
) -> Floats:
    """The log loss of every row under the calibration of the other folds."""
    found = np.empty(len(y))
    for fold in np.unique(folds):
        held = folds == fold
        calibration = kind().fit(p[~held], y[~held], weight[~held])
        right = calibration(p[held])[np.arange(int(held.sum())), y[held]]
        found[held] = -np.log(np.clip(right, FLOOR, 1))
    return found


def _simplest(
    row_losses: dict[str, Floats], losses: dict[str, float], share: Floats, *, right_on_average: bool
) -> str:
    best = min(losses, key=losses.__getitem__)
    good = []
    for name, loss in row_losses.items():
        gap = loss - row_losses[best]
        spread = np.sqrt(float((share**2) @ (gap - share @ gap) ** 2))
        if losses[name] - losses[best] <= spread:
            good.append(name)
    if good[0] == "none" and len(good) > 1 and not right_on_average:
        good.pop(0)
    return good[0]


def _note(name: str, caveat: str, losses: dict[str, float], declined: dict[str, str]) -> str:
    shown = ", ".join(f"{kind} {loss:.5g}" for kind, loss in losses.items())
    parts = [f"{name} is the simplest within one standard error of the best cross-fitted log loss ({shown})"]
    parts += [caveat] if caveat else []
    parts += [f"{kind} was not tried: {reason}" for kind, reason in declined.items()]
    return "; ".join(parts)


def _deal(truth: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """Five folds with every class spread evenly."""
    shuffled = generator(seed).permutation(len(truth))
    by_class = shuffled[np.argsort(truth[shuffled], kind="stable")]
    folds = np.empty(len(truth), dtype=np.int64)
    folds[by_class] = np.arange(len(truth)) % 5
    return folds


CARD = {
    "lever": "decide",
    "name": "choose_calibration",
    "title": "Calibration chosen by cross-fitted log loss",
    "seeds": ["075"],
    "needs": ["probabilities"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Breiman, Friedman, Olshen, Stone (1984), Classification and Regression Trees (one standard error)",
    "facts": {},
}
