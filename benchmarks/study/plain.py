"""What a plain script does on one fold: encode, fit, score; by scikit-learn alone."""

from __future__ import annotations

from typing import Any, NamedTuple

from sklearn import metrics
from sklearn.model_selection import StratifiedKFold, train_test_split

from steelyard.bench import RawTable
from steelyard.core import Floats, derive
from steelyard.recipes import p001_balancing_the_scales as recipe
from steelyard.recipes.study_learners import LEARNERS, study_encoder


class Rows(NamedTuple):
    """Training rows and the rows to judge on."""

    X: Any
    y: Any
    X_new: Any
    y_new: Any


def fold_of(raw: RawTable, split: int) -> Rows:
    """Encoded training and test rows of one outer fold."""
    dealt = StratifiedKFold(recipe.FOLDS, shuffle=True, random_state=recipe.FOLD_SEED)
    train, test = list(dealt.split(raw.X, raw.y))[split]
    encoder = study_encoder()
    X = encoder.fit_transform(raw.X.iloc[train])
    return Rows(X, raw.y[train], encoder.transform(raw.X.iloc[test]), raw.y[test])


def tenth_of(fold: Rows) -> Rows:
    """Nine tenths of the training rows to fit with, a tenth to choose by."""
    X, X_new, y, y_new = train_test_split(
        fold.X, fold.y, test_size=0.1, stratify=fold.y, random_state=recipe.INNER_SEED
    )
    return Rows(X, y, X_new, y_new)


def fitted(learner: str, split: int, rows: Rows, weight: Any = None) -> Floats:
    """Probabilities of the positive class for the rows to judge on."""
    model = LEARNERS[learner](derive(0, split, "learner"))
    kwargs = {} if weight is None else {"sample_weight": weight}
    p: Floats = model.fit(rows.X, rows.y, **kwargs).predict_proba(rows.X_new)[:, 1]
    return p


def f1(y: Any, decisions: Any) -> float:
    """F1, zero where nothing is flagged."""
    return float(metrics.f1_score(y, decisions, zero_division=0))


def scored(y: Any, p: Any, decisions: Any) -> dict[str, float]:
    """The eleven metrics of recipe 001."""
    precision, recall, _ = metrics.precision_recall_curve(y, p)
    return {
        "f1": f1(y, decisions),
        "f2": metrics.fbeta_score(y, decisions, beta=2, zero_division=0),
        "mcc": metrics.matthews_corrcoef(y, decisions),
        "recall": metrics.recall_score(y, decisions, zero_division=0),
        "precision": metrics.precision_score(y, decisions, zero_division=0),
        "pr_auc_trapezoid": metrics.auc(recall, precision),
        "roc_auc": metrics.roc_auc_score(y, p),
        "accuracy": metrics.accuracy_score(y, decisions),
        "log_loss": metrics.log_loss(y, p),
        "brier": metrics.brier_score_loss(y, p),
        "average_precision": metrics.average_precision_score(y, p),
    }
