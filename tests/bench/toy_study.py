"""A study whose trials do what their settings say."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping

from steelyard.bench import Shared, Trial
from steelyard.core import NotForMe, derive


def act(trial: Trial, shared: Shared) -> Mapping[str, float]:
    what = trial.settings.get("do", "work")
    if what == "decline":
        raise NotForMe("binary only; got 7 classes")
    if what == "fail":
        raise ValueError("the columns do not\nfit")
    if what == "sleep":
        time.sleep(60)
    if what == "spin":  # compiled code that hears no signal before it returns
        sum(range(10**12))
    if what == "die":
        os._exit(3)
    if what == "hoard":
        return {"size": float(len(bytearray(2**31)))}
    if what == "pause":
        time.sleep(float(trial.settings["seconds"]))
    base = shared("base", lambda: time.time_ns())
    noise = derive(trial.seed, trial.data, trial.arm, trial.split) / 2**32
    return {"quality": 0.5 + noise / 100 + (0.1 if trial.arm == "better" else 0.0), "base": float(base)}


def build(scale: str, seed: int) -> list[Trial]:
    n = {"smoke": 2, "small": 6, "full": 20}[scale]
    pause = float(os.environ.get("TOY_PAUSE", "0"))
    settings = {"do": "pause", "seconds": pause} if pause else {}
    return [
        Trial(act, f"set{d}", arm, seed=seed + s, split=0, settings=settings, shares=f"set{d}")
        for d in range(n)
        for arm in ("plain", "better")
        for s in range(3)
    ]
