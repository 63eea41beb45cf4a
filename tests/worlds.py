"""Made data whose posterior is known, so that answers can be checked against the truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class World:
    frame: pd.DataFrame
    posterior: np.ndarray

    @property
    def y(self) -> np.ndarray:
        return self.frame["y"].to_numpy()


def logistic_world(n: int = 6000, *, prevalence: float = 0.05, strength: float = 2.0, seed: int = 0) -> World:
    """Two Gaussians with equal spread: the posterior is a logistic function of x0."""
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < prevalence).astype(int)
    x0 = rng.normal(size=n) + strength * y
    noise = rng.normal(size=n)
    logit = strength * x0 - strength**2 / 2 + np.log(prevalence / (1 - prevalence))
    frame = pd.DataFrame({"x0": x0, "noise": noise, "kind": rng.choice(["a", "b", "c"], n), "y": y})
    return World(frame, 1 / (1 + np.exp(-logit)))


def separable_world(n: int = 1500, *, prevalence: float = 0.1, seed: int = 0) -> World:
    """A gap between the classes that every learner finds."""
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < prevalence).astype(int)
    x = rng.normal(size=(n, 3))
    x[:, 0] = np.where(y == 1, 6, -6) + rng.uniform(-1, 1, n)
    frame = pd.DataFrame(x, columns=["a", "b", "c"]).assign(y=y)
    return World(frame, y.astype(float))


def three_classes(n: int = 1500, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    y = rng.choice([0, 1, 2], n, p=[0.8, 0.15, 0.05])
    x = rng.normal(size=(n, 4))
    x[:, 0] += 1.5 * y
    x[:, 1] -= 1.0 * (y == 2)
    return pd.DataFrame(x, columns=list("abcd")).assign(y=np.array(["common", "rare", "rarest"])[y])
