"""What the page's words mean, for a reader who has never heard them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from steelyard.core import Card, find
from steelyard.report.figures import clipped


class Word(NamedTuple):
    """A metric as its card writes it: its label and the better direction ("max", "min" or "")."""

    label: str
    direction: str


MEANINGS = {
    "average_precision": "The rows are sorted by score; at every positive found, the share of positives so far "
    "is noted, and all are averaged. 1 is perfect; knowing nothing gives the share of positives.",
    "roc_auc": "The chance that a random positive row scores above a random negative one: 0.5 is guessing, 1 "
    "perfect. It hardly notices false alarms when positives are rare.",
    "log_loss": "The mean of −log(probability given to what really happened). It punishes confident errors; 0 "
    "is perfect.",
    "brier": "The mean squared distance between the predicted probability and what happened (0 or 1).",
    "f1": "One figure for precision and recall, the harmonic mean: high only when both are.",
    "f2": "Like F1, but a miss weighs as much as four false alarms.",
    "mcc": "Matthews' correlation of decision and truth: 1 perfect, 0 no better than chance, −1 always wrong.",
    "balanced_accuracy": "The mean of the classes' recalls: a rare class weighs as much as a common one.",
    "g_mean": "The geometric mean of the classes' recalls: 0 as soon as one class is never found.",
    "expected_calibration_error": "The average gap between predicted probability and observed share, over "
    "groups of rows with like scores.",
    "precision": "Of the rows flagged, the share that are truly positive.",
    "recall": "Of the truly positive rows, the share that is flagged.",
    "specificity": "Of the truly negative rows, the share that is left alone.",
    "accuracy": "The share of right decisions. With rare positives, 'never' already looks excellent.",
}

TERMS = {
    "prevalence": "The share of positive rows in the data.",
    "doing nothing": "The same learner without any remedy for imbalance: what every remedy is compared with.",
    "control": "An arm that is in the race to show what happens without skill or without a remedy.",
    "threshold": "The probability from which on a row is flagged as positive.",
    "interval": "A range made so that, repeated on new data, it would hold the true value 95 times of 100.",
    "calibration": "Making probabilities mean what they say: of rows given 20%, one in five is positive.",
    "calibration in the large": "Mean predicted probability divided by the observed share of positives; "
    "1 is right, 5 means five times too many expected.",
    "confusion matrix": "How many rows of each true class received each decision.",
    "false alarm": "A negative row that is flagged (false positive).",
    "miss": "A positive row that is not flagged (false negative).",
    "no-skill level": "The value a metric takes without looking at the columns at all.",
    "test part": "Rows set aside before anything was learned, opened once at the end.",
}


def word(metric: str) -> Word:
    """The metric's label and direction; a name without a card is only made readable.

    >>> word("f1"), word("not_a_metric")
    (Word(label='F1', direction='max'), Word(label='not a metric', direction=''))
    """
    card = _cards().get(metric)
    if card is None:
        return Word(clipped(metric.replace("_", " "), 60), "")
    return Word(str(card.facts.get("label", card.title)), str(card.facts.get("direction", "")))


def entries(metrics: Iterable[str]) -> list[tuple[str, str]]:
    """The definitions a page needs: those of its metrics, then the general terms."""
    wanted = set(metrics)
    used = [(word(name).label, meaning) for name, meaning in MEANINGS.items() if name in wanted]
    return used + list(TERMS.items())


@cache
def _cards() -> dict[str, Card]:
    return {card.name: card for card in find(lever="metrics")}
