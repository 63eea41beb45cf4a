"""N classes, K rows of each to learn from, some more to be asked about."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import TooFewSamples
from steelyard.samplers.stream import Classes, Stream, check_batch

__all__ = ["Episodes"]


class Episodes(Stream[list[int]]):
    r"""Few-shot tasks: batches of `ways` classes with `shots` support rows each, followed by query rows.

    When to use it: episodic training and few-shot evaluation, as `DataLoader(batch_sampler=…)`. A batch holds the
    support rows class by class, then the query rows class by class; no row twice. With `alpha` the query counts
    are uneven, as
    in real use: shares drawn from a Dirichlet distribution.

    Args:
        y: labels (n,).
        ways: classes N of a task.
        shots: support rows K a class.
        queries: query rows a class, on average when `alpha` is given.
        episodes: tasks an epoch.
        alpha: concentration of the query shares; None for equal counts.
        seed, rank, world_size: see `Stream`.

    Raises:
        TooFewSamples: fewer than `ways` classes with enough rows.
        UsageError: sizes below 1.

    >>> task = next(iter(Episodes(np.repeat([0, 1, 2], 5), ways=2, shots=1, queries=3, episodes=4)))
    >>> len(task), len(set(task))
    (8, 8)

    Source: Vinyals, Blundell, Lillicrap, Kavukcuoglu, Wierstra (2016), Matching Networks for One Shot Learning;
    Veilleux, Boudiaf, Piantanida, Ben Ayed (2021), Realistic Evaluation of Transductive Few-Shot Learning.
    """

    def __init__(
        self,
        y: ArrayLike,
        *,
        ways: int,
        shots: int,
        queries: int,
        episodes: int = 100,
        alpha: float | None = None,
        seed: int = 0,
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        super().__init__(seed=seed, rank=rank, world_size=world_size)
        self._classes = Classes(y)
        self.ways, self.shots = check_batch(ways, what="ways"), check_batch(shots, what="shots")
        self.queries = check_batch(queries, 0, what="queries")
        self.per_epoch, self.alpha = check_batch(episodes, what="episodes"), alpha
        self._fit = np.flatnonzero(self._classes.counts >= shots + queries)
        if len(self._fit) < ways:
            raise TooFewSamples(
                f"{len(self._fit)} classes have the {shots + queries} rows a task takes of each, {ways} are needed; "
                "take fewer ways, shots or queries"
            )

    def epoch_of(self, rng: np.random.Generator) -> list[list[int]]:
        """The tasks of one epoch."""
        return [self._task(rng) for _ in range(self.per_epoch)]

    def _task(self, rng: np.random.Generator) -> list[int]:
        classes = rng.choice(self._fit, self.ways, replace=False)
        rows = [rng.permutation(self._classes.members(int(c))) for c in classes]
        support = [r[: self.shots] for r in rows]
        asked = self._asked(rng, [len(r) - self.shots for r in rows])
        query = [r[self.shots : self.shots + n] for r, n in zip(rows, asked, strict=True)]
        task: list[int] = np.concatenate([*support, *query]).tolist()
        return task

    def _asked(self, rng: np.random.Generator, most: list[int]) -> list[int]:
        """Query rows of each class; what one class cannot give the others do."""
        if self.alpha is None:
            return [self.queries] * self.ways
        shares = rng.dirichlet([self.alpha] * self.ways)
        wanted = np.minimum(rng.multinomial(self.queries * self.ways, shares), most)
        for _ in range(self.queries * self.ways - int(wanted.sum())):
            room = np.flatnonzero(wanted < most)
            wanted[rng.choice(room)] += 1
        return [int(n) for n in wanted]


CARD = {
    "lever": "samplers",
    "name": "Episodes",
    "title": "Few-shot episodes (N-way K-shot)",
    "seeds": ["049", "062"],
    "needs": [],
    "example": {"ways": 2, "shots": 1, "queries": 2},
    "since": "0.1",
    "status": "claimed",
    "source": "Vinyals et al. (2016), Matching Networks for One Shot Learning",
    "facts": {"makes": "batches"},
}
