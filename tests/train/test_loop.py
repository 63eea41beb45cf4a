"""The loop: exact steps, exact resumption, stages, early stopping."""

from __future__ import annotations

import os
import signal
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from torch import Tensor, nn  # noqa: E402

from steelyard.core import DataError, Event, UsageError  # noqa: E402
from steelyard.train import (  # noqa: E402
    Batches,
    Settings,
    Shuffled,
    Stage,
    Supervised,
    deferred,
    fit,
    load_state,
    save_state,
)

SGD = partial(torch.optim.SGD, lr=0.1, momentum=0.9)


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3))
        self.head = nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.body(x))


def _rows(n: int = 60) -> tuple[Tensor, Tensor]:
    rng = torch.Generator().manual_seed(1)
    y = torch.randint(3, (n,), generator=rng)
    x = torch.randn(n, 4, generator=rng) + y[:, None]
    return x, y


def _net(seed: int = 0) -> Net:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return Net()


def _mixed(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    return x + 0.1 * torch.randn_like(x), y


def _stages(objective: Any = None, epochs: int = 3) -> list[Stage]:
    batches = Batches(_rows(), Shuffled(60, 16, seed=5))
    objective = objective or Supervised(nn.CrossEntropyLoss(), mix=_mixed)
    return [
        Stage(objective, batches, epochs, SGD, name="first"),
        Stage(
            objective,
            batches,
            2,
            partial(torch.optim.Adam, lr=0.01),
            train=["head.*"],
            reset=["head"],
            name="second",
        ),
    ]


def _weights(model: nn.Module) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in model.state_dict().items()}


def _assert_same(one: dict[str, Tensor], other: dict[str, Tensor]) -> None:
    assert list(one) == list(other)
    for name in one:
        assert torch.equal(one[name], other[name]), name


class Interrupting:
    """Stops the training at one of its steps, as a crash would."""

    def __init__(self, inner: Supervised, at: int) -> None:
        self.inner, self.left = inner, at

    def step(self, model: nn.Module, batch: Any, epoch: int) -> Any:
        self.left -= 1
        if self.left < 0:
            raise RuntimeError("power cut")
        return self.inner.step(model, batch, epoch)


@pytest.mark.parametrize("at", [0, 3, 7, 12, 15])
@pytest.mark.parametrize("ema", [None, 0.9])
def test_stopped_at_any_step_it_goes_on_to_the_same_weights(
    at: int, ema: float | None, tmp_path: Path
) -> None:
    settings = Settings(ema=ema, every=2, device="cpu")
    calm = _net()
    history = fit(calm, _stages(), settings=settings)
    objective = Supervised(nn.CrossEntropyLoss(), mix=_mixed)
    stopped = _net()
    with pytest.raises(RuntimeError, match="power cut"):
        fit(stopped, _stages(Interrupting(objective, at)), settings=settings, folder=tmp_path)
    resumed = _net(seed=99)
    if at < 2:  # nothing was written yet, so the first weights are the model's own
        resumed = _net()
    again = fit(resumed, _stages(), settings=settings, folder=tmp_path)
    _assert_same(_weights(resumed), _weights(calm))
    assert again.of("loss") == history.of("loss")


def test_a_finished_training_is_not_repeated(tmp_path: Path) -> None:
    model = _net()
    fit(model, _stages(), folder=tmp_path)
    steps: list[Event] = []
    other = _net(seed=7)
    history = fit(other, _stages(), folder=tmp_path, listener=steps.append)
    assert not steps
    assert len(history.records) == 5
    _assert_same(_weights(model), _weights(other))


def test_ctrl_c_writes_the_state_after_the_step_and_raises(tmp_path: Path) -> None:
    calm = _net()
    fit(calm, _stages())

    def press(event: Event) -> None:
        if event.done == 6:
            os.kill(os.getpid(), signal.SIGINT)

    model, handler = _net(), signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt, match="goes on from here"):
        fit(model, _stages(), folder=tmp_path, listener=press)
    assert not model.training
    state = load_state(tmp_path / "state.safetensors")
    assert (state["stage"], state["epoch"], state["step"]) in {(0, 1, 2), (0, 1, 3)}
    assert signal.getsignal(signal.SIGINT) is handler
    resumed = _net(seed=3)
    fit(resumed, _stages(), folder=tmp_path)
    _assert_same(_weights(resumed), _weights(calm))


def test_ctrl_c_while_the_last_epoch_is_measured_is_not_forgotten(tmp_path: Path) -> None:
    measured = []

    def evaluate(model: nn.Module) -> dict[str, float]:
        measured.append(len(measured))
        if len(measured) == 5:
            os.kill(os.getpid(), signal.SIGINT)
        return {}

    with pytest.raises(KeyboardInterrupt):
        fit(_net(), _stages(), folder=tmp_path, evaluate=evaluate)
    assert len(fit(_net(), _stages(), folder=tmp_path, evaluate=evaluate).records) == 5
    assert len(measured) == 5


def test_another_optimiser_does_not_take_up_the_state(tmp_path: Path) -> None:
    def stop(event: Event) -> None:
        if event.done == 5:
            raise RuntimeError("power cut")

    first = _stages()[:1]
    with pytest.raises(RuntimeError):
        fit(_net(), first, folder=tmp_path, listener=stop)
    split = [
        Stage(
            first[0].objective,
            first[0].batches,
            first[0].epochs,
            lambda parameters: torch.optim.SGD([{"params": [p]} for p in parameters], lr=0.1),
            name="first",
        )
    ]
    with pytest.raises(DataError, match="another optimiser"):
        fit(_net(), split, folder=tmp_path)


def test_the_hosts_randomness_is_left_alone() -> None:
    torch.manual_seed(4)
    expected = torch.rand(3)
    torch.manual_seed(4)
    fit(_net(), _stages())
    assert torch.equal(torch.rand(3), expected)


def test_one_step_is_the_textbook_step() -> None:
    x, y = _rows(16)
    model, twin = nn.Linear(4, 3), nn.Linear(4, 3)
    twin.load_state_dict(model.state_dict())
    stage = Stage(
        Supervised(nn.CrossEntropyLoss()),
        Batches((x, y), Shuffled(16, 16)),
        1,
        partial(torch.optim.SGD, lr=0.5),
    )
    fit(model, [stage], settings=Settings(device="cpu"))
    nn.functional.cross_entropy(twin(x), y).backward()
    for ours, theirs in zip(model.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs - 0.5 * theirs.grad)


def test_accumulated_batches_are_one_large_batch() -> None:
    x, y = _rows(32)
    nets = [nn.Linear(4, 3) for _ in range(2)]
    nets[1].load_state_dict(nets[0].state_dict())
    for net, size, parts in zip(nets, (32, 8), (1, 4), strict=True):
        stage = Stage(Supervised(nn.CrossEntropyLoss()), Batches((x, y), Shuffled(32, size)), 2, SGD)
        fit(net, [stage], settings=Settings(accumulate=parts, device="cpu"))
    for one, other in zip(nets[0].parameters(), nets[1].parameters(), strict=True):
        torch.testing.assert_close(one, other)


def test_a_second_stage_trains_the_head_alone_from_new_weights() -> None:
    model = _net()
    stages = _stages()
    fit(model, stages[:1])
    before = _weights(model)
    fit(model, [stages[1]])
    after = _weights(model)
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed == {"head.weight", "head.bias"}  # nor did the batch statistics move
    assert all(parameter.requires_grad for parameter in model.parameters())
    assert not model.training


def test_deferred_losses_change_at_their_epoch() -> None:
    seen: list[str] = []

    def named(name: str) -> Any:
        def loss(output: Tensor, target: Tensor) -> Tensor:
            seen.append(name)
            return nn.functional.cross_entropy(output, target)

        return loss

    objective = Supervised(deferred(named("plain"), named("weighted"), at=1))
    fit(_net(), [Stage(objective, Batches(_rows(), Shuffled(60, 30)), 2, SGD)])
    assert seen == ["plain", "plain", "weighted", "weighted"]


def test_learning_rates_follow_their_schedule() -> None:
    stage = Stage(
        Supervised(nn.CrossEntropyLoss()),
        Batches(_rows(), Shuffled(60, 30)),
        3,
        SGD,
        lr=deferred(0.2, 0.02, at=2),
    )
    assert fit(_net(), [stage]).of("lr") == [0.2, 0.2, 0.02]


class Twice(torch.optim.SGD):
    """Looks at the gradient twice, as SAM does."""

    def step(self, closure: Any = None) -> Any:
        closure()
        super().step()
        return closure()


def test_an_optimiser_that_looks_twice_counts_batch_statistics_once() -> None:
    once, twice = _net(), _net()
    for net, optimizer in ((once, torch.optim.SGD), (twice, Twice)):
        objective = Supervised(nn.CrossEntropyLoss())
        fit(net, [Stage(objective, Batches(_rows(), Shuffled(60, 60)), 1, partial(optimizer, lr=0.1))])
    assert torch.equal(once.body[1].running_mean, twice.body[1].running_mean)
    assert once.body[1].momentum == twice.body[1].momentum == 0.1


def test_the_best_epoch_is_kept_and_patience_ends_a_stage() -> None:
    values = iter([0.1, 0.5, 0.3, 0.2, 0.9])
    snapshots = []

    def evaluate(model: nn.Module) -> dict[str, float]:
        assert not model.training
        snapshots.append(_weights(model))
        return {"accuracy": next(values)}

    model = _net()
    settings = Settings(monitor="accuracy", patience=2, device="cpu")
    history = fit(model, _stages(epochs=9)[:1], settings=settings, evaluate=evaluate)
    assert history.of("accuracy") == [0.1, 0.5, 0.3, 0.2]
    _assert_same(_weights(model), snapshots[1])


def test_the_average_follows_its_formula() -> None:
    x, y = _rows(16)
    model = nn.Linear(4, 3)
    path = [model.weight.detach().clone()]

    def objective_step(net: nn.Module, batch: Any, epoch: int) -> dict[str, Tensor]:
        path.append(net.weight.detach().clone())
        return {"loss": nn.functional.cross_entropy(net(batch[0]), batch[1])}

    class Recording:
        step = staticmethod(objective_step)

    final = []

    def evaluate(net: nn.Module) -> dict[str, float]:
        final.append(net.weight.detach().clone())
        return {}

    stage = Stage(Recording(), Batches((x, y), Shuffled(16, 8)), 1, partial(torch.optim.SGD, lr=0.3))
    raw = nn.Linear(4, 3)
    raw.load_state_dict(model.state_dict())
    fit(raw, [stage], settings=Settings(device="cpu"))
    path.clear()
    fit(model, [stage], settings=Settings(ema=0.5, device="cpu"), evaluate=evaluate)
    # the first update starts the average, the second mixes: 0.5 first + 0.5 second
    first, second = path[1], raw.weight.detach()
    torch.testing.assert_close(model.weight.detach(), 0.5 * first + 0.5 * second)
    torch.testing.assert_close(final[0], model.weight.detach())


def test_gradients_are_clipped_to_their_norm() -> None:
    x, y = _rows(16)
    model = nn.Linear(4, 3)
    before = model.weight.detach().clone(), model.bias.detach().clone()
    stage = Stage(
        Supervised(nn.CrossEntropyLoss(reduction="sum")),
        Batches((x * 100, y), Shuffled(16, 16)),
        1,
        partial(torch.optim.SGD, lr=1.0),
    )
    fit(model, [stage], settings=Settings(clip=0.01, device="cpu"))
    moved = torch.cat([(model.weight - before[0]).flatten(), model.bias - before[1]]).detach()
    assert float(moved.norm()) == pytest.approx(0.01, rel=1e-4)


def test_bfloat16_trains_and_keeps_float32_weights() -> None:
    model = _net()
    history = fit(model, _stages(epochs=4)[:1], settings=Settings(precision="bfloat16", device="cpu"))
    assert history.of("loss")[-1] < history.of("loss")[0]
    assert model.head.weight.dtype is torch.float32


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (Settings(monitor="loss"), "pass lower=True"),
        (Settings(precision="int8"), "expected one of"),
        (Settings(accumulate=0), "count from 1"),
        (Settings(ema=1.5), "between 0 and 1"),
        (Settings(patience=3), "name the metric to watch"),
        (Settings(monitor="auc"), "is not among the figures"),
    ],
)
def test_bad_settings_are_refused(settings: Settings, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        fit(_net(), _stages(), settings=settings)


def test_what_cannot_be_trained_is_refused(tmp_path: Path) -> None:
    def exploding(output: Tensor, target: Tensor) -> Tensor:
        return output.sum() * float("inf")

    batches = Batches(_rows(), Shuffled(60, 30))
    with pytest.raises(DataError, match="lower the learning rate"):
        fit(_net(), [Stage(Supervised(exploding), batches, 1, SGD)])
    with pytest.raises(UsageError, match=r"no parameter is called 'tail\.\*'"):
        fit(_net(), [Stage(Supervised(nn.CrossEntropyLoss()), batches, 1, SGD, train=["tail.*"])])
    with pytest.raises(UsageError, match="no module is called"):
        fit(_net(), [Stage(Supervised(nn.CrossEntropyLoss()), batches, 1, SGD, reset=["tail"])])
    with pytest.raises(DataError, match="expected a pair"):
        fit(
            _net(),
            [Stage(Supervised(nn.CrossEntropyLoss()), lambda epoch: [torch.zeros(2, 4, 1)[0, 0, 0]], 1, SGD)],
        )
    with pytest.raises(DataError, match="got no batch"):
        fit(_net(), [Stage(Supervised(nn.CrossEntropyLoss()), lambda epoch: [], 1, SGD)])
    fit(_net(), _stages(), folder=tmp_path)
    with pytest.raises(DataError, match="another training, with other stages;"):
        fit(_net(), _stages(epochs=4), folder=tmp_path)
    with pytest.raises(DataError, match="with other seed, ema;"):
        fit(_net(), _stages(), folder=tmp_path, settings=Settings(seed=1, ema=0.9))
    (tmp_path / "state.safetensors").write_bytes(b"not one")
    with pytest.raises(DataError, match="no training state"):
        fit(_net(), _stages(), folder=tmp_path)


def test_states_hold_plain_values_only(tmp_path: Path) -> None:
    state = {"a": (1, 2.5, None), 3: ["x", True, torch.arange(3)], "shared": [torch.ones(2)] * 2}
    save_state(tmp_path / "s", state)
    found = load_state(tmp_path / "s")
    assert found["a"] == (1, 2.5, None)
    assert torch.equal(found[3][2], torch.arange(3))
    with pytest.raises(DataError, match="keep numbers"):
        save_state(tmp_path / "bad", {"f": len})
    assert not (tmp_path / "bad").exists()


def test_progress_counts_all_stages() -> None:
    heard: list[Event] = []
    fit(_net(), _stages(), listener=heard.append)
    assert [event.done for event in heard] == list(range(1, 21))
    assert {event.total for event in heard} == {20}
    assert heard[0].seconds_left is None
    assert heard[-1].seconds_left == 0
    assert heard[0].note.startswith("first, epoch 1/3, loss ")


def test_the_time_left_does_not_count_how_long_the_beginning_took(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first step takes 100 seconds, as where data are opened or a checkpoint is passed over; the others one."""
    clock = [0.0]
    monkeypatch.setattr("steelyard.train.loop.time", SimpleNamespace(monotonic=lambda: clock[0]))

    class Slow(Supervised):
        def step(self, model: nn.Module, batch: Any, epoch: int) -> Any:
            clock[0] += 100.0 if not clock[0] else 1.0
            return super().step(model, batch, epoch)

    heard: list[Event] = []
    fit(_net(), _stages(Slow(nn.CrossEntropyLoss())), listener=heard.append)
    assert [event.seconds_left for event in heard] == [None, *range(18, -1, -1)]


def test_row_steps_get_the_losses_of_the_rows() -> None:
    """With all classes rare, weight one and radius zero, ImbSAM is the plain step."""
    from steelyard.losses import TransformedLoss
    from steelyard.optim import ImbSAM
    from steelyard.train import row_step

    sgd = partial(torch.optim.SGD, lr=0.1)
    plain, rowwise = nn.Linear(4, 3), nn.Linear(4, 3)
    rowwise.load_state_dict(plain.state_dict())
    batches = Batches(_rows(), Shuffled(60, 16))
    fit(plain, [Stage(Supervised(nn.CrossEntropyLoss()), batches, 2, sgd)])
    imbsam = partial(ImbSAM, base_optimizer=sgd, tail=[True] * 3, rho=0.0, tail_weight=1.0)
    history = fit(rowwise, [Stage(Supervised(TransformedLoss()), batches, 2, imbsam, rule=row_step)])
    for one, other in zip(plain.parameters(), rowwise.parameters(), strict=True):
        torch.testing.assert_close(one, other)
    assert history.of("loss")[1] < history.of("loss")[0]
    with pytest.raises(UsageError, match="gives no value a row"):
        fit(rowwise, [Stage(Supervised(nn.CrossEntropyLoss()), batches, 1, imbsam, rule=row_step)])


def test_a_loss_of_features_trains_body_and_its_own_parameters_beside_a_loss_of_the_output() -> None:
    from steelyard.losses import NeuralCollapseRegularizer
    from steelyard.nets import MLP
    from steelyard.train import OnFeatures

    model, x, y = MLP(4, 3, hidden=(5,)), torch.randn(6, 4), torch.tensor([0, 1, 2, 0, 1, 2])
    collapse = NeuralCollapseRegularizer(3, 5)
    objective = OnFeatures(collapse, nn.CrossEntropyLoss(), weight=0.5)
    found = objective.step(model, (x, y), 0)
    expected = 0.5 * collapse(model.features(x), y) + nn.functional.cross_entropy(model(x), y)
    assert torch.allclose(found["loss"], expected)
    assert [p is collapse.means for p in objective.parameters()] == [True]
    alone = OnFeatures(collapse).step(model, (x, y), 0)
    assert torch.equal(alone["loss"], alone["features"])
    assert not model.head._forward_pre_hooks
    with pytest.raises(UsageError, match="head"):
        objective.step(nn.Linear(4, 3), (x, y), 0)
