"""Under Lightning's own Trainer a stage ends with the weights that our loop gives it."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
lightning = pytest.importorskip(
    "lightning.pytorch", reason="lightning is not installed: pip install 'steelyard[lightning]'"
)

from torch import Tensor, nn  # noqa: E402
from torch.utils.data import DataLoader, TensorDataset  # noqa: E402

from steelyard.core import MissingExtra, Prior, UsageError  # noqa: E402
from steelyard.losses import BalancedSoftmaxLoss, NeuralCollapseRegularizer, TransformedLoss  # noqa: E402
from steelyard.nets import MLP  # noqa: E402
from steelyard.optim import SAM, ImbSAM  # noqa: E402
from steelyard.samplers import BatchBinding, ClassBalanced  # noqa: E402
from steelyard.train import (  # noqa: E402
    Batches,
    LightningStage,
    OnFeatures,
    Settings,
    Shuffled,
    Stage,
    Supervised,
    deferred,
    fit,
    row_step,
)

pytestmark = [
    # Lightning's advice on workers and devices, and what it still calls in torch
    pytest.mark.filterwarnings("ignore:.isinstance.treespec, LeafSpec:FutureWarning"),
    pytest.mark.filterwarnings("ignore::lightning.pytorch.utilities.warnings.PossibleUserWarning"),
    pytest.mark.filterwarnings("ignore::lightning.fabric.utilities.warnings.PossibleUserWarning"),
]

SGD = partial(torch.optim.SGD, lr=0.1, momentum=0.9)
RNG = torch.Generator().manual_seed(1)
Y = torch.tensor([0] * 24 + [1] * 12 + [2] * 4)
X = torch.randn(40, 4, generator=RNG) + Y[:, None]
PRIOR = Prior.of(Y.numpy())
DRW = deferred(TransformedLoss(), BalancedSoftmaxLoss(PRIOR), at=1)


def _net() -> nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        net = MLP(4, 3, hidden=(6,))
        net.body = nn.Sequential(net.body, nn.BatchNorm1d(6))
        return net


def _batches(size: int = 8) -> Batches:
    return Batches((X, Y), Shuffled(40, size, seed=3))


def _trainer(folder: Path, epochs: int = 2, **options: Any) -> Any:
    quiet = {"logger": False, "enable_progress_bar": False, "enable_model_summary": False}
    options = {"enable_checkpointing": False, **quiet, **options}
    return lightning.Trainer(max_epochs=epochs, accelerator="cpu", default_root_dir=folder, **options)


def _assert_same(one: nn.Module, other: nn.Module) -> None:
    for name, value in one.state_dict().items():
        torch.testing.assert_close(other.state_dict()[name], value, msg=name)


def _of_rows() -> Stage:
    imbsam = partial(ImbSAM, base_optimizer=SGD, tail=[False, False, True], rho=0.1)
    return Stage(Supervised(DRW), _batches(), 2, imbsam, rule=row_step)


STAGES = {
    "deferred loss, sampler, schedule": lambda: Stage(
        Supervised(DRW),
        Batches(
            (X, Y), torch.utils.data.BatchSampler(ClassBalanced(PRIOR, y=Y.numpy(), power=0.5), 8, False)
        ),
        2,
        SGD,
        lr=deferred(0.2, 0.02, at=1),
    ),
    "frozen body": lambda: Stage(Supervised(DRW), _batches(), 2, SGD, train=["head.*"]),
    "SAM": lambda: Stage(Supervised(DRW), _batches(), 2, partial(SAM, base_optimizer=SGD, rho=0.1)),
    "ImbSAM": _of_rows,
    "an objective that learns": lambda: Stage(
        OnFeatures(NeuralCollapseRegularizer(3, 6), DRW), _batches(), 2, SGD
    ),
}


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_ends_with_the_weights_of_our_loop(name: str, tmp_path: Path) -> None:
    ours, theirs = _net(), _net()
    with torch.random.fork_rng():
        torch.manual_seed(5)
        first = STAGES[name]()
        torch.manual_seed(5)
        second = STAGES[name]()
    history = fit(ours, [first], settings=Settings(device="cpu"))
    trainer = _trainer(tmp_path)
    trainer.fit(LightningStage(theirs, second))
    _assert_same(ours, theirs)
    assert float(trainer.callback_metrics["loss"]) == pytest.approx(history.of("loss")[-1], rel=1e-3)


def test_stages_follow_one_another_on_one_model(tmp_path: Path) -> None:
    model = _net()
    before = model.head.weight.detach().clone()
    stages = [
        Stage(Supervised(TransformedLoss()), _batches(), 1, SGD),
        Stage(Supervised(DRW), _batches(), 1, SGD, train=["head.*"], reset=["head"]),
    ]
    bodies = []
    for stage in stages:
        _trainer(tmp_path, stage.epochs).fit(LightningStage(model, stage))
        bodies.append([value.clone() for value in model.body.state_dict().values()])
    assert all(torch.equal(one, other) for one, other in zip(*bodies, strict=True))
    assert not torch.equal(model.head.weight, before)


@pytest.mark.filterwarnings("ignore:Checkpoint directory:UserWarning")
@pytest.mark.parametrize("at", [3, 5, 7])
def test_it_goes_on_within_an_epoch(at: int, tmp_path: Path) -> None:
    def stage() -> Stage:
        return Stage(Supervised(DRW), _batches(), 3, SGD, reset=["head"])

    torch.manual_seed(7)
    calm, stopped, resumed = _net(), _net(), _net()
    for net in (calm, stopped, resumed):
        net.head.reset_parameters()
    torch.manual_seed(8)
    _trainer(tmp_path, 3).fit(LightningStage(calm, stage()))
    torch.manual_seed(8)

    def keeping(**options: Any) -> Any:
        keep = lightning.callbacks.ModelCheckpoint(tmp_path / "kept", every_n_train_steps=at, save_top_k=-1)
        return _trainer(tmp_path, 3, callbacks=[keep], enable_checkpointing=True, **options)

    keeping(max_steps=at).fit(LightningStage(stopped, stage()))
    (kept,) = (tmp_path / "kept").iterdir()
    keeping().fit(LightningStage(resumed, stage()), ckpt_path=kept)
    _assert_same(calm, resumed)


def test_accumulated_batches_are_one_large_batch_and_sam_refuses_them(tmp_path: Path) -> None:
    whole, parts = nn.Linear(4, 3), nn.Linear(4, 3)
    parts.load_state_dict(whole.state_dict())
    loss = Supervised(nn.CrossEntropyLoss())
    _trainer(tmp_path).fit(LightningStage(whole, Stage(loss, _batches(20), 2, SGD)))
    _trainer(tmp_path, accumulate_grad_batches=2).fit(
        LightningStage(parts, Stage(loss, _batches(10), 2, SGD))
    )
    _assert_same(whole, parts)
    sharp = Stage(loss, _batches(10), 2, partial(SAM, base_optimizer=SGD))
    with pytest.raises(UsageError, match="take larger batches"):
        _trainer(tmp_path, accumulate_grad_batches=2).fit(LightningStage(_net(), sharp))


def test_bfloat16_sam_looks_uphill(tmp_path: Path) -> None:
    def moved(rho: float, **options: Any) -> Tensor:
        model = nn.Linear(4, 3)
        nn.init.ones_(model.weight)
        nn.init.zeros_(model.bias)
        stage = Stage(Supervised(DRW), _batches(), 1, partial(SAM, base_optimizer=SGD, rho=rho))
        _trainer(tmp_path, 1, **options).fit(LightningStage(model, stage))
        return model.weight.detach()

    exact, half, flat = moved(1.0), moved(1.0, precision="bf16-mixed"), moved(0.0)
    assert (half - exact).norm() < 0.1 * (exact - flat).norm()


def test_clipping_reaches_the_gradient_uphill(tmp_path: Path) -> None:
    ours, theirs = _net(), _net()
    stage = Stage(Supervised(DRW), _batches(), 2, partial(SAM, base_optimizer=SGD, rho=0.1))
    fit(ours, [stage], settings=Settings(device="cpu", clip=0.05))
    _trainer(tmp_path, gradient_clip_val=0.05).fit(LightningStage(theirs, stage))
    _assert_same(ours, theirs)


@pytest.mark.parametrize("name", ["SAM", "ImbSAM"])
def test_loss_scaling_is_refused_where_a_step_looks_twice(name: str, tmp_path: Path) -> None:
    scaling = lightning.plugins.MixedPrecision("16-mixed", "cpu", torch.amp.GradScaler("cpu"))
    with pytest.raises(UsageError, match="take bfloat16"):
        _trainer(tmp_path, plugins=[scaling]).fit(LightningStage(_net(), STAGES[name]()))


def test_lightnings_average_is_ours(tmp_path: Path) -> None:
    averaging = pytest.importorskip(
        "lightning.pytorch.callbacks.weight_averaging", reason="this Lightning averages no weights"
    )
    ours, theirs = _net(), _net()
    stage = Stage(Supervised(DRW), _batches(), 2, SGD)
    fit(ours, [stage], settings=Settings(device="cpu", ema=0.8))
    average = averaging.EMAWeightAveraging(decay=0.8)
    _trainer(tmp_path, callbacks=[average]).fit(LightningStage(theirs, stage))
    _assert_same(ours, theirs)


class Watching(lightning.LightningModule):
    """Somebody else's module, on a loader of its own; it remembers the rows of every epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.net, self.seen = nn.Linear(4, 3), {}

    def training_step(self, batch: Any, batch_idx: int) -> Tensor:
        self.seen.setdefault(self.current_epoch, []).append(batch[0].clone())
        return nn.functional.cross_entropy(self.net(batch[0]), batch[1])

    def configure_optimizers(self) -> Any:
        return SGD(self.parameters())


@pytest.mark.parametrize("way", ["sampler", "batch_sampler"])
def test_streams_in_a_loader_hear_of_the_epoch(way: str, tmp_path: Path) -> None:
    stream = ClassBalanced(PRIOR, y=Y.numpy()) if way == "sampler" else BatchBinding(Y.numpy(), batch_size=8)
    module = Watching()
    _trainer(tmp_path).fit(module, DataLoader(TensorDataset(X, Y), **{way: stream}))
    for epoch in (0, 1):
        stream.set_epoch(epoch)
        rows = np.concatenate([np.atleast_1d(item) for item in stream])
        assert torch.equal(torch.cat(module.seen[epoch]), X[rows])
    assert not torch.equal(module.seen[0][0], module.seen[1][0])


def test_what_does_not_go_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    endless = Stage(Supervised(DRW), lambda epoch: [(X, Y)], 1, SGD)
    with pytest.raises(UsageError, match="without a length"):
        _trainer(tmp_path).fit(LightningStage(_net(), endless))
    _trainer(tmp_path, 1).fit(LightningStage(_net(), endless), DataLoader(TensorDataset(X, Y), 8))
    monkeypatch.setitem(sys.modules, "lightning.pytorch", None)
    monkeypatch.delitem(sys.modules, "steelyard.train.lightning")
    with pytest.raises(MissingExtra, match=r"pip install 'steelyard\[lightning\]'"):
        __import__("steelyard.train.lightning")
