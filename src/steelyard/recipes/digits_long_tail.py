"""The offline test-bed of long-tailed recognition: digits cut to a long tail, and a small network.

Ten classes from 100 rows down to 2, sixty rows of each class to judge by, a perceptron of 64 and 32 units. A training
takes about a second, so that claims can be judged over many seeds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from torch import Tensor, nn

from steelyard.bench import Shared, Trial
from steelyard.core import Floats, Prior, derive, generator
from steelyard.data import Profile, exponential, make_imbalanced
from steelyard.nets import MLP, CosineHead
from steelyard.train import (
    Batches,
    Schedule,
    Settings,
    Shuffled,
    Stage,
    Supervised,
    fit,
    piecewise,
    scheduled,
)

__all__: list[str] = []

MOST, RATIO, TEST, EPOCHS, TAIL = 100, 50, 60, 60, 4
LONG_TAIL = exponential(RATIO)

Net = TypeVar("Net", bound=nn.Module)


@dataclass(frozen=True, eq=False)
class LongTail:
    """Training rows with a long tail and balanced test rows, scaled to 0..1.

    Attributes:
        x, y: training rows (n, 64) and classes (n,).
        x_test, y_test: sixty rows of each class, in no training part.
        spare_x, spare_y: the rows of neither, for balanced twins and validation.
    """

    x: Tensor
    y: Tensor
    x_test: Tensor
    y_test: Tensor
    spare_x: Tensor
    spare_y: Tensor

    @property
    def prior(self) -> Prior:
        """Of the training rows."""
        return Prior.of(self.y.numpy(), labels=np.unique(self.y_test.numpy()).tolist())


def long_tail(seed: int, *, profile: Profile = LONG_TAIL, classes: int = 10) -> LongTail:
    """The digits below `classes`, cut from 100 rows each to a profile; 0 is the commonest."""
    X, y = load_digits(n_class=classes, return_X_y=True)
    return cut(X / 16.0, y, seed, profile)


def cut(X: Floats, y: NDArray[Any], seed: int, profile: Profile) -> LongTail:
    """Rows of any table, cut likewise; sixty of each class are for judging."""
    classes = len(np.unique(y))
    rng = generator(derive(seed, "test"))
    test = np.sort(
        np.concatenate([rng.choice(np.flatnonzero(y == k), TEST, replace=False) for k in range(classes)])
    )
    rest = np.setdiff1d(np.arange(len(y)), test)
    head = np.concatenate([rng.permutation(rest[y[rest] == k])[:MOST] for k in range(classes)])
    train = head[make_imbalanced(y[head], profile, seed=derive(seed, "tail"))]
    spare = np.setdiff1d(rest, train)
    parts = [(_rows(X[rows]), torch.as_tensor(y[rows])) for rows in (train, test, spare)]
    return LongTail(*(tensor for part in parts for tensor in part))


def data_of(trial: Trial, shared: Shared) -> LongTail:
    """The rows of a trial's seed, made once for all arms."""
    return shared(("digits", trial.seed), lambda: long_tail(trial.seed))


def network(
    seed: int,
    *,
    head: str | Callable[[], nn.Module] = "linear",
    scale: float = 10.0,
    hidden: Sequence[int] = (64, 32),
    columns: int = 64,
) -> MLP:
    """The perceptron with a linear or cosine head, or one of yours; equal seeds start from equal weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive(seed, "network"))
        if callable(head):
            return MLP(columns, 10, hidden=hidden, head=head())
        top = CosineHead(hidden[-1], 10, scale=scale) if head == "cosine" else None
        return MLP(columns, 10, hidden=hidden, head=top)


def stage(
    data: LongTail,
    seed: int,
    loss: Any,
    *,
    epochs: int = EPOCHS,
    lr: float | Schedule[float] = 0.1,
    optimizer: Callable[..., Any] | None = None,
    stream: Any = None,
    **options: Any,
) -> Stage:
    """Plain training: batches of 64, SGD with momentum 0.9 and weight decay 5e-4; a schedule moves any optimiser."""
    stream = stream or Shuffled(len(data.y), 64, seed=derive(seed, "batches"))
    optimizer = optimizer or partial(torch.optim.SGD, lr=scheduled(lr, 0), momentum=0.9, weight_decay=5e-4)
    objective = loss if hasattr(loss, "step") else Supervised(loss)
    moving = lr if isinstance(lr, Schedule) else None
    return Stage(objective, Batches((data.x, data.y), stream), epochs, optimizer, moving, **options)


def stepped(lr: float) -> Schedule[float]:
    """Two epochs up, a hundredth from four fifths of the epochs on, a ten-thousandth from nine tenths on."""
    return piecewise([lr / 2, lr, lr / 100, lr / 10_000], [1, EPOCHS * 4 // 5, EPOCHS * 9 // 10])


def trained(model: Net, stages: Sequence[Stage], seed: int) -> Net:
    """Train on the CPU, in evaluation mode afterwards."""
    fit(model, stages, settings=Settings(seed=derive(seed, "training"), device="cpu"))
    return model


def logits_of(model: nn.Module, rows: Tensor) -> Tensor:
    """What a trained network says."""
    with torch.no_grad():
        found: Tensor = model(rows)
    return found


def judged(logits: Tensor, data: LongTail) -> Mapping[str, float]:
    """Balanced accuracy, and accuracy on the four rarest and on the other classes."""
    recall = recalls(logits.argmax(dim=1).numpy(), data.y_test.numpy())
    return {
        "balanced_accuracy": float(recall.mean()),
        "tail_accuracy": float(recall[-TAIL:].mean()),
        "head_accuracy": float(recall[:-TAIL].mean()),
    }


def recalls(decided: NDArray[Any], y: NDArray[Any]) -> Floats:
    """The recall of every class (K,)."""
    return np.array([(decided[y == k] == k).mean() for k in np.unique(y)])


def trials(
    run: Any, arms: Sequence[str], scale: str, seed: int, *, seeds: int = 10, data: str = "digits-LT"
) -> list[Trial]:
    """Every arm on ten fresh seeds (twenty at `full`, one at `smoke`)."""
    wanted = {"smoke": 1, "small": seeds, "full": 2 * seeds}[scale]
    return [
        Trial(run, data, arm, "perceptron", seed + 100 + s, shares=f"{seed} {s}")
        for s in range(wanted)
        for arm in arms
    ]


def _rows(X: Floats) -> Tensor:
    return torch.as_tensor(X, dtype=torch.float32)
