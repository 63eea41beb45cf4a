"""What the page's words mean, for a reader who has never heard them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from steelyard.report.figures import clipped


class Word(NamedTuple):
    """A metric as the page writes it: its label, the better direction ("max", "min" or ""), its meaning."""

    label: str
    direction: str
    meaning: str


METRICS = {
    "average_precision": Word(
        "average precision",
        "max",
        "The rows are sorted by score; at every positive found, the share of positives so far is noted and all "
        "are averaged. 1 is perfect; a model that knows nothing gets the share of positives.",
    ),
    "roc_auc": Word(
        "ROC AUC",
        "max",
        "The chance that a random positive row scores above a random negative one. 0.5 is guessing, 1 perfect. "
        "It hardly notices false alarms when positives are rare.",
    ),
    "log_loss": Word(
        "log loss",
        "min",
        "The mean of −log(probability given to what really happened). It punishes confident errors; 0 is perfect.",
    ),
    "brier": Word(
        "Brier score",
        "min",
        "The mean squared distance between the predicted probability and what happened (0 or 1).",
    ),
    "f1": Word(
        "F1",
        "max",
        "One figure for precision and recall, the harmonic mean: high only when both are.",
    ),
    "f2": Word("F2", "max", "Like F1, but a miss weighs as much as four false alarms."),
    "mcc": Word(
        "MCC",
        "max",
        "Matthews' correlation between decision and truth: 1 perfect, 0 no better than chance, −1 always wrong.",
    ),
    "balanced_accuracy": Word(
        "balanced accuracy",
        "max",
        "The mean of the classes' recalls, so that a rare class weighs as much as a common one.",
    ),
    "g_mean": Word(
        "G-mean",
        "max",
        "The geometric mean of the classes' recalls: 0 as soon as one class is never found.",
    ),
    "expected_calibration_error": Word(
        "calibration error",
        "min",
        "The average gap between predicted probability and observed share, over groups of rows with like scores.",
    ),
    "precision": Word("precision", "max", "Of the rows flagged, the share that are truly positive."),
    "recall": Word("recall", "max", "Of the truly positive rows, the share that is flagged."),
    "specificity": Word("specificity", "max", "Of the truly negative rows, the share that is left alone."),
    "accuracy": Word(
        "accuracy",
        "max",
        "The share of right decisions. With rare positives, 'never' already looks excellent.",
    ),
    "cost": Word(
        "cost", "min", "What the decisions cost per row, at the costs given for each kind of error."
    ),
}

TERMS = {
    "prevalence": "The share of positive rows in the data.",
    "doing nothing": "The same learner without any remedy for imbalance: what every remedy is compared with.",
    "control": "An arm that is in the race to show what happens without skill or without a remedy.",
    "threshold": "The probability from which on a row is flagged as positive.",
    "interval": "The range that holds the true value with 95% confidence, given how few rows there are.",
    "calibration": "Making probabilities mean what they say: of rows given 20%, one in five should be positive.",
    "calibration in the large": "Mean predicted probability divided by the observed share of positives; "
    "1 is right, 5 means five times too many expected.",
    "confusion matrix": "How many rows of each true class received each decision.",
    "false alarm": "A negative row that is flagged (false positive).",
    "miss": "A positive row that is not flagged (false negative).",
    "no-skill level": "The value a metric takes without looking at the columns at all.",
    "test part": "Rows set aside before anything was learned, opened once at the end.",
}


def word(metric: str) -> Word:
    """The metric's entry; an unknown metric keeps its own name.

    >>> word("f1").label, word("partial_auc").label
    ('F1', 'partial auc')
    """
    known = METRICS.get(metric)
    return known or Word(clipped(str(metric).replace("_", " "), 60), "", "")


def entries(metrics: Iterable[str]) -> list[tuple[str, str]]:
    """The definitions a page needs: those of its metrics, then the general terms."""
    used = [(METRICS[name].label, METRICS[name].meaning) for name in METRICS if name in set(metrics)]
    return used + list(TERMS.items())
