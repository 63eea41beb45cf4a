"""Metrics by name: one way to call every one of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import Card, Floats, NotForMe, Prior, UsageError, find

__all__ = ["TEN", "Metric", "metric_names", "named"]

TEN: tuple[str, ...] = (
    "average_precision",
    "roc_auc",
    "log_loss",
    "brier",
    "f1",
    "f2",
    "mcc",
    "balanced_accuracy",
    "g_mean",
    "expected_calibration_error",
)
"""The ten metrics recorded for every arm; with many classes AP, AUC and F are macro means of one class
against the rest over the classes that occur in `y`."""


@dataclass(frozen=True)
class Metric:
    """A metric with what it declares about itself; call it as `metric(y, p, decisions, sample_weight)`.

    When to use it: where metrics are chosen by name and called alike. To compute one known metric, call its
    function.

    Attributes:
        name: the function's name.
        label: what people read.
        direction: "max" or "min".
        takes: "decisions", "scores" or "probabilities".
        prior_sensitive: whether it moves when only the prevalence does.
        binary_only: whether more than two classes are declined.
        bounds: the lowest and highest value; infinite where open.
        function: the metric itself, `function(y, values, *, sample_weight=None, …)`.
        from_counts: `from_counts(tp, fp, fn, tn)` on arrays for metrics of the binary confusion counts.
        blind: the closed form behind `no_skill`, or None.

    >>> metric = named("ap")
    >>> metric.name, metric.sign, metric([1, 0], [0.8, 0.4], [1, 0])
    ('average_precision', 1, 1.0)
    """

    name: str
    label: str
    direction: Literal["max", "min"]
    takes: Literal["decisions", "scores", "probabilities"]
    prior_sensitive: bool
    binary_only: bool
    bounds: tuple[float, float]
    function: Callable[..., float]
    from_counts: Callable[..., Floats] | None
    blind: Callable[[Prior], float] | None

    @property
    def sign(self) -> int:
        """+1 when higher is better, -1 when lower is."""
        return 1 if self.direction == "max" else -1

    def __call__(
        self,
        y: ArrayLike,
        p: ArrayLike | None,
        decisions: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> float:
        """Score rows; metrics of decisions read `decisions`, all others `p`.

        Args:
            y: class positions (n,).
            p: probabilities or scores, (n,) for the positive class or (n, K); for metrics of decisions only
                its number of columns is read, and it may be None.
            decisions: decided class positions (n,); may be None for the other metrics.
            sample_weight: (n,) or None.

        Raises:
            UsageError: what the metric reads was not passed.
            NotForMe: more than two classes for a metric of two.

        Returns:
            The value, NaN where the metric is undefined.
        """
        n_classes = np.shape(p)[1] if p is not None and np.ndim(p) == 2 else None
        if self.binary_only and (n_classes or 2) > 2:
            raise NotForMe(f"{self.label} is binary only; got {n_classes} classes")
        if self.takes == "decisions":
            if decisions is None:
                raise UsageError(f"{self.name} judges decisions and got none; pass decisions=")
            return self.function(y, decisions, sample_weight=sample_weight, n_classes=n_classes)
        if p is None:
            raise UsageError(f"{self.name} judges {self.takes} and got none; pass p")
        return self.function(y, p, sample_weight=sample_weight)

    def no_skill(self, prior: Prior) -> float:
        """The best value reachable without features, in large samples: what a useful model must beat.

        For rankings that is a random order, for probabilities the best constant, for decisions the best rate
        of random flags. NaN where no closed form is known, where flagging all (or no) rows is already perfect
        (recall, specificity), and for a prior that has fewer than two classes or is multi-label.

        >>> named("brier").no_skill(Prior.of([0] * 9 + [1]))
        0.09
        """
        if self.blind is None or prior.n_classes < 2 or prior.kind == "multilabel":
            return float("nan")
        if self.binary_only and prior.n_classes > 2:
            return float("nan")
        return self.blind(prior)


def metric_names() -> tuple[str, ...]:
    """The names of all metrics that give one number, sorted.

    >>> "roc_auc" in metric_names()
    True
    """
    return tuple(card.name for card in _cards())


@cache
def named(name: str) -> Metric:
    """The metric of that name or alias, in any case, spaces and hyphens read as underscores.

    Raises:
        UsageError: no such metric; the message names the nearest ones.

    >>> named("Brier score").name
    'brier'
    """
    wanted = name.strip().lower().replace("-", "_").replace(" ", "_")
    known = {alias: card for card in _cards() for alias in (card.name, *card.facts["aliases"])}
    if wanted in known:
        return _metric(known[wanted])
    from difflib import get_close_matches

    near = get_close_matches(wanted, known, n=3, cutoff=0.5)
    hint = f"did you mean {', '.join(near)}" if near else f"the metrics are {', '.join(metric_names())}"
    raise UsageError(f"{name!r} is no metric steelyard knows; {hint}")


def _cards() -> tuple[Card, ...]:
    return tuple(card for card in find(lever="metrics") if "direction" in card.facts)


def _metric(card: Card) -> Metric:
    module, facts = import_module(card.module), card.facts
    low, high = facts["range"]
    return Metric(
        name=card.name,
        label=facts["label"],
        direction=facts["direction"],
        takes=facts["takes"],
        prior_sensitive=facts["prior_sensitive"],
        binary_only=facts["binary_only"],
        bounds=(float("-inf") if low is None else low, float("inf") if high is None else high),
        function=getattr(module, card.name),
        from_counts=getattr(module, "from_counts", None),
        blind=getattr(module, "no_skill", None),
    )
