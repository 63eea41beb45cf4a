"""Runs inside AutoGluon's own environment: reads train and test, writes probabilities and decisions."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas as pd
from autogluon.tabular import TabularPredictor

folder = Path(sys.argv[1])
settings = json.loads((folder / "settings.json").read_text())
train, test = (pd.read_parquet(folder / f"{name}.parquet") for name in ("train", "test"))
metric = settings["metric"]
if settings["classes"] > 2 and metric in {"f1", "average_precision", "roc_auc"}:
    metric = {"f1": "f1_macro", "average_precision": "log_loss", "roc_auc": "roc_auc_ovr"}[metric]
predictor = TabularPredictor(
    label="__y__",
    eval_metric=metric,
    problem_type="binary" if settings["classes"] == 2 else "multiclass",
    path=str(folder / "models"),
    verbosity=0,
)
predictor.fit(train, time_limit=settings["seconds"])
features = test.drop(columns="__y__")
p = predictor.predict_proba(features).reindex(columns=range(settings["classes"]), fill_value=0.0)
p.columns = [str(name) for name in p.columns]
p.to_parquet(folder / "p.parquet")
predictor.predict(features).to_frame("decision").to_parquet(folder / "decisions.parquet")
