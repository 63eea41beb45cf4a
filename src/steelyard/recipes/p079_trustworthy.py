"""Trustworthy long-tailed classification: experts that say how little they know, asked one after the other."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from scipy.stats import spearmanr
from sklearn.datasets import load_digits
from torch import Tensor, nn

from steelyard.bench import Shared, Trial
from steelyard.core import Floats
from steelyard.data import exponential
from steelyard.losses import ClassBalancedLoss, EvidentialLoss, ExpertsLoss, label_aware_margin
from steelyard.metrics import roc_auc
from steelyard.nets import CosineHead, Experts, cascade
from steelyard.recipes.digits_long_tail import (
    EPOCHS,
    LongTail,
    logits_of,
    long_tail,
    network,
    recalls,
    stage,
    trained,
    trials,
)
from steelyard.train import Schedule

PAPER = {
    "number": "079",
    "title": "Trustworthy Long-Tailed Classification",
    "area": "longtail",
    "source": "Li et al. (2022)",
    "notes": [
        "digits 0 to 7 with a long tail of 1:50 stand for CIFAR, digits 8 and 9 for foreign images",
        "three branches over one layer; cosines have scale 10 and learning rate 0.03, not 30 and 0.1",
        "all experts train on all rows; uncertainties are folded by Dempster's rule",
        "the cascade's threshold is the quantile of uncertainty that leaves 60 % of later experts unasked or more, "
        "found on unlabelled rows outside training and test",
    ],
    "claims": [
        {
            "says": "uncertainty ranks wrong answers before right ones: area under the curve above 0.65",
            "metric": "failure_auroc",
            "arm": "all experts",
            "beats": "no uncertainty",
            "by": 0.15,
        },
        {
            "says": "it tells foreign digits as well as the softmax of a single net, within 0.02",
            "metric": "foreign_auroc",
            "arm": "all experts",
            "beats": "single net",
            "by": -0.02,
        },
        {
            "says": "mean uncertainty grows as classes get rarer",
            "metric": "rarity_correlation",
            "arm": "all experts",
            "beats": "no uncertainty",
        },
        {
            "says": "with at most 60 % of later experts asked, balanced accuracy falls by less than a point",
            "metric": "balanced_accuracy",
            "arm": "cascade",
            "beats": "all experts",
            "by": -0.01,
        },
        {
            "says": "the experts are better than a single net",
            "metric": "balanced_accuracy",
            "arm": "all experts",
            "beats": "single net",
        },
    ],
}

CLASSES, EXPERTS, SCALE, LR, ASKED = 8, 3, 10.0, 0.03, 0.6
ARMS = ["single net", "all experts", "cascade", "no uncertainty"]


def build(scale: str, seed: int) -> list[Trial]:
    """A single net, the experts with and without cascade, and the control that knows no uncertainty."""
    return trials(compare, ARMS, scale, seed)


def compare(trial: Trial, shared: Shared) -> Mapping[str, float]:
    """Beliefs and uncertainties of test rows and of foreign ones, by one arm."""
    seed = trial.seed
    data: LongTail = shared("digits", lambda: long_tail(seed, profile=exponential(50), classes=CLASSES))
    foreign = _foreign()
    if trial.arm == "single net":
        model = network(seed, head=lambda: nn.Linear(96, CLASSES), hidden=(64, 96))
        trained(model, [stage(data, seed, nn.CrossEntropyLoss())], seed)
        belief, beyond = (logits_of(model, rows).softmax(1) for rows in (data.x_test, foreign))
        return _judged(belief, 1 - belief.amax(1), 1 - beyond.amax(1), data)
    experts = shared("experts", lambda: _experts(data, seed))
    threshold = 0.0
    if trial.arm == "cascade":
        threshold = _threshold(logits_of(experts, data.spare_x))
    known = cascade(logits_of(experts, data.x_test), threshold)
    unsure, strange = known.uncertainty, cascade(logits_of(experts, foreign), threshold).uncertainty
    if trial.arm == "no uncertainty":
        unsure, strange = torch.zeros_like(unsure), torch.zeros_like(strange)
    asked = float((known.asked - 1).double().mean()) / (EXPERTS - 1)
    return _judged(known.belief, unsure, strange, data) | {"asked": asked}


def _experts(data: LongTail, seed: int) -> nn.Module:
    """Branches of their own over one layer; margins, divergence that grows, class weights at the end."""

    def branch() -> nn.Module:
        return nn.Sequential(nn.Linear(64, 32), nn.ReLU(), CosineHead(32, CLASSES))

    def loss(epoch: int) -> ExpertsLoss:
        margin = label_aware_margin(data.prior, scale=SCALE)
        one = EvidentialLoss(strength=0.015 * epoch / EPOCHS, transform=margin)
        late = epoch >= EPOCHS * 4 // 5
        each = ClassBalancedLoss(data.prior, loss=one) if late else one
        # the experts give bare cosines; a hundredth of their divergence at full scale
        return ExpertsLoss([each] * EXPERTS, diversity=0.01 * SCALE**2, temperature=1 / SCALE)

    model = network(seed, head=lambda: Experts([branch() for _ in range(EXPERTS)]), hidden=(64,))
    trained(model, [stage(data, seed, Schedule(loss), lr=LR)], seed)
    return nn.Sequential(model, _Scaled())


class _Scaled(nn.Module):
    """Cosines as evidence; the loss scaled them itself."""

    def forward(self, cosines: Tensor) -> Tensor:
        return SCALE * cosines


def _threshold(logits: Tensor) -> float:
    """The lowest threshold, among uncertainties met, at which at most 60 % of later experts are asked."""
    for threshold in np.quantile(cascade(logits).uncertainty.numpy(), np.linspace(0, 1, 101)):
        asked = (cascade(logits, float(threshold)).asked - 1).double().mean() / (EXPERTS - 1)
        if asked <= ASKED:
            return float(threshold)
    return 1.0


def _judged(belief: Tensor, unsure: Tensor, strange: Tensor, data: LongTail) -> dict[str, float]:
    decided, y = belief.argmax(1).numpy(), data.y_test.numpy()
    doubt, wrong = unsure.numpy(), (decided != y).astype(int)
    by_class = np.array([doubt[y == k].mean() for k in range(CLASSES)])
    return {
        "balanced_accuracy": float(recalls(decided, y).mean()),
        "failure_auroc": roc_auc(wrong, doubt),
        "foreign_auroc": roc_auc(
            np.repeat([0, 1], [len(doubt), len(strange)]), np.r_[doubt, strange.numpy()]
        ),
        "rarity_correlation": _rank_correlation(-np.asarray(data.prior.counts), by_class),
    }


def _rank_correlation(a: Floats, b: Floats) -> float:
    """Spearman's; 0 where one side is constant."""
    return 0.0 if np.ptp(b) == 0 else float(spearmanr(a, b).statistic)


def _foreign() -> Tensor:
    X, y = load_digits(return_X_y=True)
    return torch.as_tensor(X[y >= CLASSES] / 16.0, dtype=torch.float32)
