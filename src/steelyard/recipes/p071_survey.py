"""Deep long-tailed learning, a survey as a benchmark: methods, data sets, and accuracy relative to balanced data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from functools import partial
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import BatchSampler

from steelyard import losses, metrics
from steelyard.augment import Mixed, mixup, remix
from steelyard.bench import Shared, Trial
from steelyard.core import Floats, NotForMe, Prior, derive
from steelyard.data import balanced_twin, image_sets, load_images
from steelyard.nets import MLP, CosineHead, Experts, LearnableScale, NearestMean, combined, tau_normalised
from steelyard.optim import SAM, ImbSAM, tail_classes
from steelyard.recipes.digits_long_tail import (
    EPOCHS,
    LONG_TAIL,
    LongTail,
    cut,
    logits_of,
    long_tail,
    network,
    stage,
    trained,
    trials,
)
from steelyard.samplers import ClassBalanced, progressive
from steelyard.train import Supervised, deferred, row_step

PAPER = {
    "number": "071",
    "title": "Deep Long-Tailed Learning: A Survey",
    "area": "longtail",
    "source": "Zhang et al. (2023)",
    "notes": [
        "digits, Fashion-MNIST and the ten commonest classes of plankton, cut to 100 down to 2 rows, and a perceptron "
        "stand for ImageNet-LT and ResNeXt-50",
        "PaCo, RSG, ResLT and causal de-confounding are not among the methods; RIDE has no routing or distillation",
        "many, medium and few are classes of more than 50, of 10 to 50 and of fewer than 10 training rows",
        "change is what a network of twice the width changes: in accuracy, and in relative accuracy",
    ],
    "shows": ["relative_accuracy", "accuracy", "accuracy_many", "accuracy_medium", "accuracy_few"],
    "claims": [
        {
            "says": "balanced softmax has more accuracy than softmax",
            "metric": "accuracy",
            "arm": "balanced softmax",
            "beats": "softmax",
        },
        {
            "says": "balanced softmax has more relative accuracy than softmax",
            "metric": "relative_accuracy",
            "arm": "balanced softmax",
            "beats": "softmax",
        },
        {
            "says": "a wider network changes relative accuracy less than accuracy",
            "metric": "change",
            "arm": "wider: relative accuracy",
            "beats": "wider: accuracy",
            "lower": True,
        },
        {
            "says": "retraining the classifier has more relative accuracy than softmax",
            "metric": "relative_accuracy",
            "arm": "retrained classifier",
            "beats": "softmax",
        },
        {
            "says": "experts for three priors have more relative accuracy than balanced softmax",
            "metric": "relative_accuracy",
            "arm": "diverse experts",
            "beats": "balanced softmax",
        },
    ],
}

SCALE, LR, COSINE_LR, LATE = 10.0, 0.1, 0.03, EPOCHS * 4 // 5
SETS = {"fashion": "fashion-mnist-test", "plankton": "plankton-32"}
SGD = partial(torch.optim.SGD, lr=LR, momentum=0.9, weight_decay=5e-4)


def _rides(loss: losses.ClassLoss) -> losses.ExpertsLoss:
    """Three experts with one loss, pushed apart at the scale of the logits that the loss sees."""
    return losses.ExpertsLoss([loss] * 3, diversity=0.2 * SCALE**2, temperature=1 / SCALE)


LOSSES: dict[str, Callable[[Prior], Any]] = {
    "softmax": lambda _: nn.CrossEntropyLoss(),
    "weighted softmax": lambda prior: losses.ClassWeightedLoss(prior.counts.mean() / prior.counts),
    "class-balanced": losses.ClassBalancedLoss,
    "focal": lambda _: losses.FocalLoss(),
    "class-balanced focal": lambda prior: losses.ClassBalancedLoss(prior, loss=losses.FocalLoss()),
    "deferred re-weighting": lambda prior: deferred(
        nn.CrossEntropyLoss(), losses.ClassBalancedLoss(prior), at=LATE
    ),
    "LDAM": lambda prior: losses.LDAMLoss(prior, scale=SCALE),
    "LDAM-DRW": lambda prior: deferred(
        losses.LDAMLoss(prior, scale=SCALE),
        losses.ClassBalancedLoss(prior, loss=losses.LDAMLoss(prior, scale=SCALE)),
        at=LATE,
    ),
    "RIDE experts": lambda prior: deferred(
        _rides(losses.LDAMLoss(prior, scale=SCALE)),
        _rides(losses.ClassBalancedLoss(prior, loss=losses.LDAMLoss(prior, scale=SCALE))),
        at=LATE,
    ),
    "diverse experts": lambda prior: losses.DiverseExpertsLoss(prior, tau=1.0),
    "equalization": lambda prior: losses.SoftmaxEqualizationLoss(prior, threshold=0.05),
    "balanced softmax": losses.BalancedSoftmaxLoss,
    "LADE": losses.LADELoss,
    "vector scaling": losses.VSLoss,
    "seesaw": losses.SeesawLoss,
    "label-aware smoothing": losses.LabelAwareSmoothingLoss,
    "poly": lambda _: losses.PolyLoss(),
    "inverse image frequency": losses.IIFLoss,
}
POWERS: dict[str, Any] = {
    "class-balanced sampling": 0.0,
    "square-root sampling": 0.5,
    "progressive sampling": progressive(EPOCHS),
}
REPAIRS = ("retrained classifier", "learnable scaling", "nearest mean", "tau-normalised", "logit adjustment")
EXPERTS = ("diverse experts", "RIDE experts")
METHODS = (*LOSSES, *POWERS, *REPAIRS, "mixup", "remix", "SAM", "ImbSAM")
WIDER = ("wider: accuracy", "wider: relative accuracy")


def build(scale: str, seed: int) -> list[Trial]:
    """Every method on three data sets, ten seeds each (twenty at `full`); digits and two epochs at `smoke`."""
    data, epochs = (("digits",), 2) if scale == "smoke" else (("digits", "fashion", "plankton"), EPOCHS)
    found = [t for name in data for t in trials(compare, [*METHODS, *WIDER], scale, seed, data=name)]
    return [replace(trial, settings={"epochs": epochs}) for trial in found]


def compare(trial: Trial, shared: Shared) -> Mapping[str, float]:
    """One method on the long tail and on its balanced twin."""
    run = _Run(trial, shared)
    if trial.arm in WIDER:
        plain, wide = (
            [run.accuracy("softmax", wide=w, twin=t) for t in (False, True)] for w in (False, True)
        )
        if trial.arm == "wider: accuracy":
            return {"change": abs(wide[0] - plain[0])}
        return {"change": abs(metrics.relative_accuracy(*wide) - metrics.relative_accuracy(*plain))}
    reached = run.accuracy(trial.arm)
    vanilla, own = (run.accuracy(method, twin=True) for method in ("softmax", trial.arm))
    data, decided = run.data(twin=False), run.logits(trial.arm).argmax(1)
    groups = metrics.recall_by_frequency(data.y_test.numpy(), decided.numpy(), data.prior, many=50, few=10)
    return {
        "accuracy": reached,
        "upper_reference": max(vanilla, own),
        "relative_accuracy": metrics.relative_accuracy(reached, vanilla, own),
        **{f"accuracy_{group}": value for group, value in groups.items()},
    }


class _Run:
    """What the methods have in common on one data set and seed; everything is computed once."""

    def __init__(self, trial: Trial, shared: Shared) -> None:
        self.name, self.seed, self.epochs = trial.data, trial.seed, int(trial.settings["epochs"])
        self.shared = shared

    def data(self, *, twin: bool) -> LongTail:
        """The long tail, or as many rows with equally many of each class; test rows are the same."""
        key = (self.name, self.seed)
        tail: LongTail = self.shared(key, lambda: _data(self.name, self.seed, self.shared))
        found: LongTail = self.shared((*key, "twin"), lambda: _twin(tail, self.seed)) if twin else tail
        return found

    def accuracy(self, method: str, *, wide: bool = False, twin: bool = False) -> float:
        """On test rows of balanced classes."""
        right = self.logits(method, wide=wide, twin=twin).argmax(1) == self.data(twin=twin).y_test
        return float(right.double().mean())

    def logits(self, method: str, *, wide: bool = False, twin: bool = False) -> Tensor:
        """What a method says of the test rows."""
        key = (self.name, self.seed, method, wide, twin)
        found: Tensor = self.shared(key, lambda: self._answers(method, wide=wide, twin=twin))
        return found

    def _answers(self, method: str, *, wide: bool, twin: bool) -> Tensor:
        data = self.data(twin=twin)
        if method in REPAIRS:
            key = (self.name, self.seed, "joint", twin)
            joint = self.shared(key, lambda: self._trained("softmax", data, wide=False))
            return _repaired(method, deepcopy(joint), data, self.seed, max(1, self.epochs // 3))
        logits = logits_of(self._trained(method, data, wide=wide), data.x_test)
        return combined(logits) if method in EXPERTS else logits

    def _trained(self, method: str, data: LongTail, *, wide: bool) -> MLP:
        margin = method.startswith(("LDAM", "RIDE"))
        cosine = margin or method == "inverse image frequency"
        hidden = (128, 64) if wide else (64, 32)
        head: Any = "cosine" if cosine else "linear"
        if method in EXPERTS:
            head = partial(_experts, hidden[-1], CosineHead if margin else nn.Linear)
        scale, columns = 1.0 if margin else SCALE, data.x.shape[1]
        model = network(self.seed, head=head, scale=scale, hidden=hidden, columns=columns)
        options = _options(method, data, self.seed) | {
            "epochs": self.epochs,
            "lr": COSINE_LR if cosine else LR,
        }
        trained(model, [stage(data, self.seed, **options)], self.seed)
        return model


def _experts(width: int, head: Callable[[int, int], nn.Module]) -> Experts:
    return Experts([head(width, 10) for _ in range(3)])


def _options(method: str, data: LongTail, seed: int) -> dict[str, Any]:
    """The loss of a method, and its sampler, steps or mixing."""
    plain = losses.TransformedLoss()
    if method in POWERS:
        return {"loss": plain, "stream": _sampled(data, seed, POWERS[method])}
    if method in ("mixup", "remix"):

        def mix(x: Tensor, y: Tensor) -> tuple[Tensor, Mixed]:
            mixed = mixup(x, y) if method == "mixup" else remix(x, y, data.prior)
            return mixed.rows, mixed

        return {"loss": Supervised(lambda scores, mixed: mixed.loss(plain, scores), mix=mix)}
    if method == "SAM":
        return {"loss": plain, "optimizer": partial(SAM, base_optimizer=SGD, rho=0.1)}
    if method == "ImbSAM":
        tail = tail_classes(data.prior, fewer_than=20)
        imb = partial(ImbSAM, base_optimizer=SGD, tail=tail, rho=0.1)
        return {"loss": plain, "optimizer": imb, "rule": row_step}
    return {"loss": LOSSES[method](data.prior)}


def _repaired(method: str, model: MLP, data: LongTail, seed: int, epochs: int) -> Tensor:
    """The softmax network with another classifier."""
    with torch.no_grad():
        seen, asked = model.features(data.x), model.features(data.x_test)
    if method == "nearest mean":
        return logits_of(NearestMean().fit(seen, data.y, 10), asked)
    if method == "tau-normalised":
        return logits_of(tau_normalised(cast(nn.Linear, model.head), 0.5), asked)
    if method == "logit adjustment":
        return cast(Tensor, losses.logit_adjustment(data.prior, tau=-1.0)(logits_of(model, data.x_test)))
    part: dict[str, Any] = {"train": ["head.*"], "reset": ["head"]}
    if method == "learnable scaling":
        model.head = LearnableScale(model.head, 10)
        part = {"train": ["head.scale"]}
    stream = _sampled(data, seed, 0.0)
    second = stage(data, seed, nn.CrossEntropyLoss(), epochs=epochs, stream=stream, **part)
    return logits_of(trained(model, [second], seed), data.x_test)


def _sampled(data: LongTail, seed: int, power: Any) -> BatchSampler:
    rows = ClassBalanced(data.prior, y=data.y.numpy(), power=power, seed=derive(seed, "sampler"))
    return BatchSampler(rows, 64, drop_last=False)


def _twin(data: LongTail, seed: int) -> LongTail:
    """As many training rows, equally many of each class; the same test rows."""
    x, y = torch.cat([data.x, data.spare_x]), torch.cat([data.y, data.spare_y])
    rows = torch.as_tensor(balanced_twin(y.numpy(), len(data.y), seed=derive(seed, "twin")))
    return replace(data, x=x[rows], y=y[rows])


def _data(name: str, seed: int, shared: Shared) -> LongTail:
    if name == "digits":
        return long_tail(seed)
    X, y = shared.everywhere(name, lambda: _pictures(name))
    return cut(X, y, seed, LONG_TAIL)


def _pictures(name: str) -> tuple[Floats, Any]:
    """Grey pictures as rows of numbers from 0 (background) to 1, at half their width and height."""
    known = {one.name: one for one in image_sets()}[SETS[name]]
    if not known.available:
        raise NotForMe(f"the pictures of {name} are not here; this needs {known.needs}")
    whole = load_images(known.name)
    images, y = whole.pixels[..., 0], whole.y
    common = np.argsort(-np.bincount(y), kind="stable")[:10]
    kept = np.isin(y, common)
    images, y = images[kept], np.searchsorted(np.sort(common), y[kept])
    n, side = len(images), images.shape[1] // 2
    small = images.reshape(n, side, 2, side, 2).mean(axis=(2, 4)).reshape(n, -1) / 255.0
    # plankton is dark on white; with white as 1 no perceptron leaves chance level
    return (1 - small if name == "plankton" else small), y
