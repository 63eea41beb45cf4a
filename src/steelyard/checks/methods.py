"""One call that checks a method by what its card says it is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np

from steelyard.checks.adjustments import check_adjustment
from steelyard.checks.calibrations import check_calibration
from steelyard.checks.cards import check_card, constructed
from steelyard.checks.ensembles import check_ensemble
from steelyard.checks.learners import check_learner
from steelyard.checks.losses import check_loss
from steelyard.checks.metrics import check_metric
from steelyard.checks.resamplers import check_resampler
from steelyard.checks.row_weightings import check_row_weighting
from steelyard.checks.rules import check_rule
from steelyard.checks.streams import check_stream
from steelyard.checks.weightings import check_weighting
from steelyard.core import Card, Prior

__all__ = ["check_method"]


def check_method(card: Card) -> None:
    """Check the card, then the method against the protocol of its lever.

    When to use it: in the tests of a method file; a new one is checked by being there.

    Raises:
        NotConforming: what was seen and what was expected.
        MissingExtra: the method needs a library that is not installed.

    >>> from steelyard.core import get
    >>> check_method(get("inverse", lever="weights"))
    """
    check_card(card)
    check = BY_LEVER.get(card.lever)
    if check is not None:
        check(card)


def _metric(card: Card) -> None:
    facts = card.facts
    if "direction" not in facts:  # gives several numbers, such as one a group
        return
    check_metric(
        card.load(),
        takes=facts["takes"],
        direction=facts["direction"],
        range=facts["range"],
        binary_only=facts["binary_only"],
        prior_sensitive=facts["prior_sensitive"],
        from_counts=_from_counts(card),
        options=card.example,
    )


def _from_counts(card: Card) -> Callable[..., Any] | None:
    found = getattr(import_module(card.module), "from_counts", None)
    return None if found is None else lambda *counts: found(*counts, **card.example)


def _weighting(card: Card) -> None:
    made = constructed(card)
    if hasattr(made, "predict_proba"):
        check_ensemble(made)
    elif card.facts.get("takes") == "probabilities":
        check_row_weighting(made)
    elif callable(made) and np.ndim(made(Prior.of([0, 0, 1]))) == 1:
        check_weighting(made)


def _decision(card: Card) -> None:
    made = constructed(card)
    if hasattr(made, "decide"):
        check_rule(made)
    elif hasattr(made, "get_params") and hasattr(made, "fit") and callable(made):
        check_calibration(made)
    elif hasattr(made, "fit") and callable(made):
        check_adjustment(made)


def _learner(card: Card) -> None:
    check_learner(card.load(), encoding=card.facts["encoding"], takes_sparse=card.facts["sparse"])


def _loss(card: Card) -> None:
    exact = not card.facts.get("constant_part", False)
    check_loss(constructed(card), takes=card.facts["takes"], exact_gradient=exact)


def _stream(card: Card) -> None:
    if card.facts["makes"] == "schedule":
        return
    y = np.repeat([0, 1, 2], [40, 12, 5])
    given: dict[str, Any] = {"y": y, **card.example}
    if card.facts.get("takes_prior"):
        given["prior"] = Prior.of(y)
    if card.facts.get("takes") == "domains":
        given["domain"] = np.arange(len(y)) % 2
    if card.facts.get("takes") == "indicators":
        given = {"Y": np.eye(3, dtype=int)[y], "threshold": 0.5, **card.example}
    check_stream(partial(card.load(), **given), n=len(y))


BY_LEVER: dict[str, Callable[[Card], None]] = {
    "metrics": _metric,
    "weights": _weighting,
    "decide": _decision,
    "learner": _learner,
    "losses": _loss,
    "samplers": _stream,
    "resample": lambda card: check_resampler(constructed(card), target=card.facts.get("target", "classes")),
    "ensemble": lambda card: check_ensemble(constructed(card)),
}
