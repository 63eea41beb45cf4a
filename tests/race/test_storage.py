from __future__ import annotations

import pickle
import subprocess
import sys

import numpy as np
import pytest
import skops.io
from sklearn.dummy import DummyClassifier

from steelyard.core import DataError, write_text
from steelyard.race.model import Evidence
from steelyard.race.storage import load_model, save_model

BESIDE_A_LAZY_MODULE = """
import sys
from types import ModuleType

def absent(name):
    raise AttributeError(name) if name.startswith("__") else ImportError(name)

sys.modules["lazy"] = ModuleType("lazy")
sys.modules["lazy"].__getattr__ = absent
from steelyard.race.storage import save_model
save_model({}, sys.argv[1])
"""


class Foreign:
    """Some class that is not a part of a model."""


def test_a_part_of_a_model_comes_back(tmp_path) -> None:
    kept = Evidence(np.eye(2), np.array([0, 1]), np.ones(2))
    save_model(kept, tmp_path / "m.skops")
    assert np.array_equal(load_model(tmp_path / "m.skops").p, np.eye(2))


@pytest.mark.parametrize("thing", [Foreign(), write_text, {"a": write_text}])
def test_foreign_types_and_functions_are_refused(thing, tmp_path) -> None:
    skops.io.dump(thing, tmp_path / "m.skops")
    with pytest.raises(DataError, match="from elsewhere"):
        load_model(tmp_path / "m.skops")


def test_a_pickle_is_never_opened(tmp_path) -> None:
    (tmp_path / "m.skops").write_bytes(pickle.dumps(DummyClassifier()))
    with pytest.raises(DataError, match="no steelyard model"):
        load_model(tmp_path / "m.skops")


def test_no_model_is_one_sentence(tmp_path) -> None:
    with pytest.raises(DataError, match="no model"):
        load_model(tmp_path / "m.skops")


@pytest.mark.parametrize(
    "learner", ["logistic", "hist_gradient_boosting", "lightgbm", "random_forest", "extra_trees"]
)
@pytest.mark.parametrize("remedy", [None, "BalancedRandomForestClassifier", "EasyEnsembleClassifier"])
def test_every_kind_of_estimator_can_be_saved(learner, remedy, tmp_path) -> None:
    from steelyard.core import get

    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(80, 3)).astype(np.float32), rng.integers(0, 2, 80)
    if remedy is None:
        model = get(learner, lever="learner").load()(seed=0, n_rows=80)
    else:
        model = get(remedy, lever="ensemble").load()(n_estimators=3, random_state=0)
    model.fit(X, y)
    save_model(model, tmp_path / "m.skops")
    assert np.array_equal(load_model(tmp_path / "m.skops").predict_proba(X), model.predict_proba(X))


def arms_without_learner():
    from steelyard.core import find

    cards = [card for card in find(lever="ensemble") if "arm" in card.facts]
    return [card for card in cards if not card.facts["arm"].get("wraps", True)]


@pytest.mark.parametrize("card", arms_without_learner(), ids=lambda card: card.name)
def test_every_ensemble_that_races_by_itself_can_be_saved(card, tmp_path) -> None:
    rng = np.random.default_rng(0)
    y = (rng.random(120) < 0.3).astype(int)
    X = (rng.normal(size=(120, 3)) + y[:, None]).astype(np.float32)
    model = card.load()(**card.example, random_state=0).fit(X, y)
    assert save_model(model, tmp_path / "m.skops") == []
    assert np.array_equal(load_model(tmp_path / "m.skops").predict_proba(X), model.predict_proba(X))


def test_modules_whose_parts_are_not_installed_do_not_keep_a_model_from_being_saved(tmp_path) -> None:
    subprocess.run([sys.executable, "-c", BESIDE_A_LAZY_MODULE, tmp_path / "m.skops"], check=True)
    assert load_model(tmp_path / "m.skops") == {}
