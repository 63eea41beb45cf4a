"""Steps that look twice at a batch: with loss scaling, half precision and accumulated batches."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from torch import Tensor, nn  # noqa: E402

from steelyard.core import UsageError  # noqa: E402
from steelyard.losses import TransformedLoss  # noqa: E402
from steelyard.optim import SAM, ImbSAM  # noqa: E402
from steelyard.train import (  # noqa: E402
    Batches,
    Settings,
    Shuffled,
    Stage,
    Stepper,
    Supervised,
    fit,
    row_step,
)

SHARP = partial(SAM, base_optimizer=partial(torch.optim.SGD, lr=0.5), rho=0.3)


def _rows(n: int = 32) -> tuple[Tensor, Tensor]:
    rng = torch.Generator().manual_seed(1)
    y = torch.randint(3, (n,), generator=rng)
    return torch.randn(n, 4, generator=rng) + y[:, None], y


def _net() -> nn.Sequential:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3))


def _flat(model: nn.Module) -> Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()])


def _trained(loss: Any, size: int = 32, **settings: Any) -> Tensor:
    """How far a few steps of SAM lead from the first weights."""
    model = _net()
    first = _flat(model)
    stage = Stage(Supervised(loss), Batches(_rows(), Shuffled(32, size)), 3, SHARP)
    fit(model, [stage], settings=Settings(device="cpu", **settings))
    return _flat(model) - first


class Tiny:
    """A loss whose gradients half precision cannot hold unless they are scaled."""

    def __call__(self, scores: Tensor, target: Tensor) -> Tensor:
        return nn.functional.cross_entropy(scores.float(), target) * 1e-5


def test_sam_in_float16_takes_the_steps_of_float32() -> None:
    """The loss is so small that its gradients vanish in float16, so the scale must reach both passes."""
    exact = _trained(Tiny())
    half = _trained(Tiny(), precision="float16")
    assert float((half - exact).norm() / exact.norm()) < 0.01
    # without scaling they do vanish
    model, (x, y) = _net(), _rows()
    with torch.autocast("cpu", torch.float16):
        loss = Tiny()(model(x), y)
    loss.backward()
    lost = torch.cat([p.grad.flatten() for p in model.parameters()])
    right = torch.autograd.grad(Tiny()(model(x), y), list(model.parameters()))
    right = torch.cat([g.flatten() for g in right])
    assert float((lost - right).norm() / right.norm()) > 0.05


def test_sam_in_bfloat16_follows_float32() -> None:
    exact = _trained(nn.CrossEntropyLoss())
    half = _trained(nn.CrossEntropyLoss(), precision="bfloat16")
    assert float((half - exact).norm() / exact.norm()) < 0.1


@pytest.mark.parametrize("precision", ["float32", "float16"])
def test_sam_on_accumulated_batches_is_sam_on_one_large_batch(precision: str) -> None:
    whole = _trained(nn.CrossEntropyLoss(), 32, precision=precision)
    parts = _trained(nn.CrossEntropyLoss(), 8, precision=precision, accumulate=4)
    torch.testing.assert_close(parts, whole, rtol=0, atol=1e-5 if precision == "float32" else 5e-3)


def test_clipping_reaches_the_gradient_uphill() -> None:
    moved = _trained(nn.CrossEntropyLoss(), clip=0.01)
    assert float(moved.norm()) <= 3 * 0.5 * 0.01 * 1.001


class Huge:
    """A loss that overflows half precision on chosen calls."""

    def __init__(self, calls: set[int]) -> None:
        self.calls, self.at = calls, 0

    def __call__(self, scores: Tensor, target: Tensor) -> Tensor:
        self.at += 1
        return nn.functional.cross_entropy(scores.float(), target) * (1e6 if self.at in self.calls else 1.0)


@pytest.mark.parametrize("call", [1, 2])
def test_a_step_that_overflows_is_left_out_and_lowers_the_scale(call: int) -> None:
    model = _net()
    first = _flat(model)
    stage = Stage(Supervised(Huge({call})), Batches(_rows(), Shuffled(32, 32)), 1, SHARP)
    stepper = Stepper(model, stage, stage.begin(model), Settings(precision="float16", device="cpu"))
    scale = stepper.scaler.get_scale()
    figures = stepper([_rows()], 0)
    assert figures["loss"] > 0
    assert torch.equal(_flat(model), first)
    assert stepper.scaler.get_scale() == scale / 2
    stepper([_rows()], 0)
    assert not torch.equal(_flat(model), first)
    assert _flat(model).isfinite().all()


def test_float16_goes_on_to_the_same_weights_and_scale(tmp_path: Path) -> None:
    def stages() -> list[Stage]:
        return [
            Stage(
                Supervised(nn.CrossEntropyLoss(reduction="sum")), Batches(_rows(), Shuffled(32, 8)), 3, SHARP
            )
        ]

    settings = Settings(precision="float16", device="cpu", clip=1.0)
    calm, stopped, resumed = _net(), _net(), _net()
    fit(calm, stages(), settings=settings)

    def stop(event: Any) -> None:
        if event.done == 5:
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        fit(stopped, stages(), settings=settings, folder=tmp_path, listener=stop)
    fit(resumed, stages(), settings=settings, folder=tmp_path)
    assert torch.equal(_flat(resumed), _flat(calm))


def test_steps_on_rows_refuse_loss_scaling() -> None:
    imbsam = partial(ImbSAM, base_optimizer=partial(torch.optim.SGD, lr=0.1), tail=[False, False, True])
    stage = Stage(Supervised(TransformedLoss()), Batches(_rows(), Shuffled(32, 8)), 1, imbsam, rule=row_step)
    with pytest.raises(UsageError, match="take bfloat16"):
        fit(_net(), [stage], settings=Settings(precision="float16", device="cpu"))
    history = fit(_net(), [stage, stage], settings=Settings(precision="bfloat16", device="cpu"))
    assert history.of("steps") == [4, 8]


def test_sam_in_a_callers_autocast_looks_at_the_weights_uphill() -> None:
    """Autocast keeps half-precision copies of the weights; a second pass must not get those of the first."""

    def stepped(*, outside: bool) -> Tensor:
        model, (x, y) = _net(), _rows()
        optimizer = SHARP(model.parameters())

        def closure() -> Tensor:
            optimizer.zero_grad()
            with torch.autocast("cpu", torch.bfloat16):
                loss = nn.functional.cross_entropy(model(x), y)
            loss.backward()
            return loss

        with torch.autocast("cpu", torch.bfloat16) if outside else nullcontext():
            optimizer.step(closure)
        return _flat(model)

    assert torch.equal(stepped(outside=True), stepped(outside=False))
