"""Streams of rows: frequencies, promises of each sampler, and how they work in torch's DataLoader."""

from __future__ import annotations

import numpy as np
import pytest

from steelyard.checks import NotConforming, check_stream
from steelyard.core import DataError, Prior, TargetError, TooFewSamples, UsageError
from steelyard.samplers import (
    BatchBinding,
    ClassAware,
    ClassBalanced,
    DomainByClass,
    Episodes,
    RepeatFactor,
    Stream,
    batch_graph_conditions,
    power_shares,
    progressive,
)

Y = np.repeat([0, 1, 2], [900, 90, 10])
PRIOR = Prior.of(Y)


@pytest.mark.parametrize("power", [-0.5, 0.0, 0.5, 1.0])
def test_class_frequencies_are_powers_of_the_counts(power: float) -> None:
    n = 200_000
    drawn = np.bincount(Y[ClassBalanced(PRIOR, y=Y, power=power, size=n).drawn()])
    p = PRIOR.counts**power / (PRIOR.counts**power).sum()
    assert (np.abs(drawn - n * p) < 4 * np.sqrt(n * p * (1 - p))).all()


def test_rows_of_a_class_are_drawn_alike() -> None:
    rows = ClassBalanced(PRIOR, y=Y, power=0.0, size=300_000).drawn()
    seen = np.bincount(rows[rows >= 990], minlength=1000)[990:]
    assert (np.abs(seen - 10_000) < 4 * np.sqrt(10_000)).all()


def test_draws_of_following_places_are_independent() -> None:
    classes = Y[ClassBalanced(PRIOR, y=Y, power=0.0, size=300_000).drawn()]
    pairs = np.bincount(classes[:-1] * 3 + classes[1:], minlength=9) / (len(classes) - 1)
    assert np.abs(pairs - 1 / 9).max() < 0.003


def test_progressive_goes_from_rows_to_classes() -> None:
    shares = progressive(90)
    assert np.allclose(shares(PRIOR, 0), PRIOR.p)
    assert np.allclose(shares(PRIOR, 90), 1 / 3)
    assert np.allclose(shares(PRIOR, 500), 1 / 3)
    assert np.allclose(shares(PRIOR, 30), 2 / 3 * PRIOR.p + 1 / 9)
    stream = ClassBalanced(PRIOR, y=Y, power=shares, size=60_000)
    stream.set_epoch(90)
    assert np.abs(np.bincount(Y[stream.drawn()]) / 60_000 - 1 / 3).max() < 0.01


def test_the_prior_a_network_sees_is_stated() -> None:
    stream = ClassBalanced(PRIOR, y=Y, power=0.5)
    assert np.allclose(stream.prior_of(0).p, power_shares(PRIOR, 0.5))
    assert stream.prior_of(0).total == 1000


def test_labels_may_be_text_and_classes_of_the_prior_may_be_empty() -> None:
    names = np.array(["a", "b", "c"])[Y]
    assert len(list(ClassBalanced(Prior.of(names), y=names))) == 1000
    prior = Prior.of([0, 0, 2], labels=[0, 1, 2])
    rows = ClassBalanced(prior, y=[0, 0, 2], power=0.0, size=3000).drawn()
    assert np.bincount(rows, minlength=3)[2] == pytest.approx(1500, abs=150)


def test_class_aware_uses_a_class_up_before_repeating() -> None:
    stream = ClassAware(np.repeat([0, 1, 2], [12, 4, 3]), per_class=2)
    rows = np.array(list(stream))
    assert len(rows) == 36
    assert sorted(rows[rows < 12].tolist()) == list(range(12))
    assert np.bincount(rows[(rows >= 12) & (rows < 16)])[12:].tolist() == [3, 3, 3, 3]
    turns = np.searchsorted([12, 16], rows, side="right").reshape(-1, 2)
    assert (turns[:, 0] == turns[:, 1]).all()
    assert all(sorted(turns[i : i + 3, 0]) == [0, 1, 2] for i in range(0, 18, 3))


def test_repeat_factors_by_hand() -> None:
    labels = np.zeros((1000, 3), dtype=int)
    labels[:, 0] = 1
    labels[:10, 1] = 1  # 1 % against a threshold of 4 %: factor 2
    labels[:40, 2] = 1  # 4 %: factor 1
    stream = RepeatFactor(labels, threshold=0.04)
    assert np.allclose(stream.factors[:12], [2] * 10 + [1] * 2)
    assert np.bincount(list(stream)).tolist() == [2] * 10 + [1] * 990


def test_fractions_of_repeat_factors_come_out_on_average() -> None:
    labels = np.zeros((100, 2), dtype=int)
    labels[:, 0] = 1
    labels[:10, 1] = 1
    stream = RepeatFactor(labels, threshold=0.225)  # factor 1.5
    total = np.zeros(100)
    for epoch in range(400):
        stream.set_epoch(epoch)
        rows = list(stream)
        assert len(rows) == 105
        total += np.bincount(rows, minlength=100)
    assert (total[10:] == 400).all()
    assert total[:10] == pytest.approx(600, abs=45)


def test_batch_binding_joins_every_class() -> None:
    y = np.repeat([0, 1, 2, 3], 6)
    split = BatchBinding(y, batch_size=12)
    split.bound = []
    apart = [list(range(12)), list(range(12, 24))]
    assert batch_graph_conditions(apart, y) == ([True] * 4, False)
    bound = BatchBinding(y, batch_size=12, seed=1).bound
    assert [int(y[row]) for row in bound] == [0, 1, 2, 3]
    assert batch_graph_conditions([batch + bound for batch in apart], y) == ([True] * 4, True)
    alone = [[row] for row in range(24)]
    assert batch_graph_conditions(alone, y) == ([False] * 4, False)
    assert batch_graph_conditions([batch + bound for batch in alone], y) == ([True] * 4, True)


def test_fixed_batches_stay_and_others_change() -> None:
    for fixed in (True, False):
        stream = BatchBinding(Y, batch_size=100, fixed=fixed)
        first = list(stream)
        stream.set_epoch(1)
        assert (list(stream) == first) == fixed
        assert sorted(row for batch in first for row in batch[:-3]) == list(range(1000))


def test_episodes_hold_what_they_promise() -> None:
    for task in Episodes(Y, ways=2, shots=5, queries=4, episodes=20):
        assert len(set(task)) == 18
        support, query = Y[task[:10]].reshape(2, 5), Y[task[10:]].reshape(2, 4)
        assert (support == support[:, :1]).all()
        assert (query == support[:, :1]).all()


def test_uneven_queries_keep_their_number() -> None:
    sizes = [
        np.bincount(Y[task[2:]], minlength=3)
        for task in Episodes(Y, ways=2, shots=1, queries=6, episodes=50, alpha=0.5)
    ]
    assert {int(size.sum()) for size in sizes} == {12}
    assert len({tuple(size) for size in sizes}) > 10
    assert max(size[2] for size in sizes) <= 9


def test_cells_of_domain_and_class_are_balanced() -> None:
    y, domain = np.repeat([0, 1], [80, 20]), np.array(["x", "y"])[(np.arange(100) % 5 == 0).astype(int)]
    batches = list(DomainByClass(y, domain, per_cell=3))
    for batch in batches:
        cells = np.unique([f"{y[i]}{domain[i]}" for i in batch], return_counts=True)[1]
        assert cells.tolist() == [3, 3, 3, 3]
    assert set(np.flatnonzero((y == 0) & (domain == "x"))) <= {i for batch in batches for i in batch}


def test_iterating_gives_what_is_drawn_at_once() -> None:
    stream = ClassBalanced(PRIOR, y=Y, power=0.5, size=200_000)
    assert stream.drawn().tolist() == list(stream)


def test_workers_and_resumption_in_torchs_loader() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    data = torch.utils.data.TensorDataset(torch.arange(1000))
    seen = []
    for workers in (0, 2):
        loader = torch.utils.data.DataLoader(
            data, sampler=ClassBalanced(PRIOR, y=Y, seed=5), batch_size=50, num_workers=workers
        )
        seen.append(torch.cat([batch for (batch,) in loader]).tolist())
    assert seen[0] == seen[1]
    batches = torch.utils.data.DataLoader(data, batch_sampler=BatchBinding(Y, batch_size=100))
    assert [len(batch) for (batch,) in batches] == [103] * 10


def test_a_stream_stops_and_goes_on_in_another_process() -> None:
    first = ClassBalanced(PRIOR, y=Y, seed=1)
    first.set_epoch(7)
    rows = iter(first)
    head = [next(rows) for _ in range(333)]
    second = ClassBalanced(PRIOR, y=Y, seed=1)
    second.load_state_dict(first.state_dict())
    assert head + list(second) == first.drawn().tolist()


class Careless(Stream[int]):
    per_epoch = 10

    def __init__(self, fault: str, **options: int) -> None:
        super().__init__(**options)
        self.fault, self.drawn_before = fault, 0

    def epoch_of(self, rng: np.random.Generator):
        self.drawn_before += 1
        return {
            "outside": np.arange(1, 11),
            "numpy": list(np.arange(10)),
            "fixed": np.arange(10),
            "moving": rng.permutation(10) if self.drawn_before == 1 else np.arange(10),
            "short": rng.permutation(9),
        }[self.fault]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("outside", "within 0..9"),
        ("numpy", "Python ints"),
        ("fixed", "every epoch is the same"),
        ("moving", "the same seed and epoch"),
        ("short", "the length says 10, but 9"),
    ],
)
def test_the_check_says_what_is_wrong(fault: str, words: str) -> None:
    with pytest.raises(NotConforming, match=words):
        check_stream(lambda **options: Careless(fault, **options), n=10)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: ClassBalanced(PRIOR, y=[0, 1]), TargetError, "counted on"),
        (lambda: ClassBalanced(PRIOR, y=Y, size=0), UsageError, "size is 0"),
        (lambda: ClassBalanced(PRIOR, y=Y, rank=2, world_size=2), UsageError, "rank is 2 of 2"),
        (lambda: ClassAware([]), TooFewSamples, "no rows"),
        (lambda: ClassAware([[0]]), UsageError, "one label a row"),
        (lambda: ClassAware(Y, per_class=0), UsageError, "per_class is 0"),
        (lambda: RepeatFactor([0, 1]), UsageError, "rows × labels"),
        (lambda: RepeatFactor([[1]], threshold=0), UsageError, "threshold is 0"),
        (lambda: BatchBinding(Y, batch_size=0), UsageError, "batch_size is 0"),
        (lambda: Episodes(Y, ways=3, shots=10, queries=1), TooFewSamples, "2 classes have the 11 rows"),
        (lambda: DomainByClass(Y, [0, 1]), DataError, "1000 labels came with 2 domains"),
        (lambda: progressive(0), UsageError, "epochs is 0"),
        (lambda: power_shares(Prior((0,), np.zeros(1)), 1), TooFewSamples, "no rows"),
    ],
)
def test_errors_say_what_came_and_what_to_do(call, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call()
