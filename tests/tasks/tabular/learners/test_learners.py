"""What every learner owes its users beyond the protocol: speed, silence and a fair ranking on real rare classes."""

from __future__ import annotations

import time
import warnings

import numpy as np
import pytest
import skops.io
from sklearn.metrics import roc_auc_score

from steelyard.core import Card, MissingExtra, find
from steelyard.tasks.tabular import learners

CARDS = [card for card in find(lever="learner") if not card.needs]
NAMES = [card.name for card in CARDS]


def rows(n: int, d: int, share: float = 0.05, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < share).astype(np.int64)
    y[:2] = [0, 1]
    X = rng.normal(size=(n, d)).astype(np.float32)
    X[:, :3] += y[:, None]
    return X, y


def test_the_names_users_know() -> None:
    defaults = {
        "logistic",
        "lightgbm",
        "lightgbm_extra_trees",
        "hist_gradient_boosting",
        "random_forest",
        "extra_trees",
    }
    assert defaults == {card.name for card in CARDS if card.facts["default"]}
    everything = find(lever="learner")
    assert {card.name for card in everything} >= {"xgboost", "catboost"}
    assert sorted(card.facts["rank"] for card in everything) == list(range(1, len(everything) + 1))


@pytest.mark.parametrize("card", CARDS, ids=NAMES)
def test_eight_thousand_rows_take_seconds(card: Card) -> None:
    X, y = rows(8000, 40)
    model = card.load()(seed=0, n_jobs=1, n_rows=len(y))
    begun = time.thread_time()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        p = model.fit(X, y).predict_proba(X)[:, 1]
    assert time.thread_time() - begun < 20  # 0.1 to 8 seconds on an idle machine
    assert roc_auc_score(y, p) > 0.85


@pytest.mark.parametrize("card", CARDS, ids=NAMES)
@pytest.mark.parametrize("n", [12, 60])
def test_a_handful_of_rows(card: Card, n: int) -> None:
    X, y = rows(n, 4, share=0.2)
    p = card.load()(seed=0, n_rows=n).fit(X, y).predict_proba(X)
    assert np.isfinite(p).all()


@pytest.mark.parametrize("card", CARDS, ids=NAMES)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_saved_with_the_types_its_card_states(card: Card, n_classes: int) -> None:
    X, y = rows(200, 4)
    y = y + (X[:, 0] > 0) * (n_classes - 2)
    model = card.load()(seed=0, n_rows=200).fit(X, y)
    saved = skops.io.dumps(model)
    foreign = {name for name in skops.io.get_untrusted_types(data=saved) if not name.startswith("steelyard.")}
    assert foreign <= set(card.facts["trusted"])  # older versions of skops know fewer types by themselves
    again = skops.io.loads(saved, trusted=skops.io.get_untrusted_types(data=saved))
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))


@pytest.mark.parametrize("name", ["xgboost", "catboost"])
def test_extras_say_how_to_get_them(name: str) -> None:
    pytest.importorskip("steelyard")
    try:
        __import__(name)
    except ImportError:
        with pytest.raises(MissingExtra, match=r"pip install 'steelyard\[boost\]'"):
            getattr(learners, name)(seed=0)
    else:
        X, y = rows(300, 4)
        p = getattr(learners, name)(seed=0, n_rows=300).fit(X, y).predict_proba(X)
        assert roc_auc_score(y, p[:, 1]) > 0.8
