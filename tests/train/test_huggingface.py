"""Under transformers' own Trainer our parts lead to the weights that our loop leads to."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
transformers = pytest.importorskip(
    "transformers", reason="transformers is not installed: pip install 'steelyard[transformers]'"
)
pytest.importorskip("accelerate", reason="accelerate is not installed: pip install 'steelyard[transformers]'")

from torch import Tensor, nn  # noqa: E402
from torch.utils.data import BatchSampler, Dataset  # noqa: E402
from transformers import PretrainedConfig, PreTrainedModel, TrainingArguments  # noqa: E402
from transformers.modeling_outputs import SequenceClassifierOutput  # noqa: E402

from steelyard.core import MissingExtra, Prior, UsageError  # noqa: E402
from steelyard.losses import BalancedSoftmaxLoss, TransformedLoss  # noqa: E402
from steelyard.nets import MLP  # noqa: E402
from steelyard.optim import SAM, ImbSAM  # noqa: E402
from steelyard.samplers import ClassBalanced  # noqa: E402
from steelyard.train import (  # noqa: E402
    Batches,
    HuggingFaceTrainer,
    Settings,
    Stage,
    Supervised,
    deferred,
    fit,
)

Y = torch.tensor([0] * 24 + [1] * 12 + [2] * 4)
X = torch.randn(40, 4, generator=torch.Generator().manual_seed(1)) + Y[:, None]
PRIOR = Prior.of(Y.numpy())
DRW = deferred(TransformedLoss(), BalancedSoftmaxLoss(PRIOR), at=1)
SGD = partial(torch.optim.SGD, lr=0.1, momentum=0.9)
SHARP = (SAM, {"base_optimizer": SGD, "rho": 0.2})


class Net(PreTrainedModel):
    """A small network in the clothes of transformers."""

    config_class = PretrainedConfig

    def __init__(self, config: PretrainedConfig) -> None:
        super().__init__(config)
        self.net = nn.Sequential(MLP(4, 6), nn.BatchNorm1d(6), nn.Linear(6, 3))
        self.post_init()

    def forward(self, x: Tensor, labels: Tensor | None = None) -> SequenceClassifierOutput:
        return SequenceClassifierOutput(logits=self.net(x))


class Rows(Dataset[dict[str, Tensor]]):
    def __len__(self) -> int:
        return len(Y)

    def __getitem__(self, i: int) -> dict[str, Tensor]:
        return {"x": X[i], "labels": Y[i]}


def _net() -> Net:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return Net(PretrainedConfig())


def _sampler() -> ClassBalanced:
    return ClassBalanced(PRIOR, y=Y.numpy(), power=0.5, seed=3)


def _trainer(folder: Path, model: nn.Module | None = None, **options: Any) -> HuggingFaceTrainer:
    ours = {
        name: options.pop(name)
        for name in ("loss", "sampler", "ema", "optimizer_cls_and_kwargs", "eval_dataset", "compute_metrics")
        if name in options
    }
    arguments = {
        "output_dir": str(folder),
        "use_cpu": True,
        "report_to": "none",
        "disable_tqdm": True,
        "dataloader_pin_memory": False,
        "num_train_epochs": 2,
        "per_device_train_batch_size": 8,
        "lr_scheduler_type": "constant",
        "save_strategy": "no",
        "max_grad_norm": 0.0,
        **options,
    }
    ours = {"loss": DRW, "sampler": _sampler(), "optimizer_cls_and_kwargs": (SGD.func, SGD.keywords)} | ours
    return HuggingFaceTrainer(
        model=_net() if model is None else model,
        args=TrainingArguments(**arguments),
        train_dataset=Rows(),
        **ours,
    )


class Logits(nn.Module):
    def __init__(self, model: Net) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: Tensor) -> Tensor:
        return self.model(x).logits


def _ours(optimizer: Any, size: int = 8, epochs: int = 2, **settings: Any) -> Net:
    """The same training in our loop."""
    model = _net()
    stage = Stage(Supervised(DRW), Batches((X, Y), BatchSampler(_sampler(), size, False)), epochs, optimizer)
    fit(Logits(model), [stage], settings=Settings(device="cpu", **settings))
    return model


def _assert_same(one: nn.Module, other: nn.Module) -> None:
    for name, value in one.state_dict().items():
        torch.testing.assert_close(
            other.state_dict()[name], value, msg=lambda said, name=name: f"{name} {said}"
        )


@pytest.mark.parametrize("clip", [None, 0.05])
@pytest.mark.parametrize("sharp", [False, True])
def test_it_ends_with_the_weights_of_our_loop(sharp: bool, clip: float | None, tmp_path: Path) -> None:
    chosen = {"optimizer_cls_and_kwargs": SHARP} if sharp else {}
    trainer = _trainer(tmp_path, max_grad_norm=clip or 0.0, **chosen)
    trainer.train()
    _assert_same(_ours(partial(SHARP[0], **SHARP[1]) if sharp else SGD, clip=clip), trainer.model)


@pytest.mark.parametrize("sharp", [False, True])
def test_accumulated_batches_are_right_for_sharp_steps_too(sharp: bool, tmp_path: Path) -> None:
    """40 rows in batches of 8, three a step: the last step of an epoch has two."""
    chosen = {"optimizer_cls_and_kwargs": SHARP} if sharp else {}
    trainer = _trainer(tmp_path, gradient_accumulation_steps=3, **chosen)
    trainer.train()
    _assert_same(_ours(partial(SHARP[0], **SHARP[1]) if sharp else SGD, accumulate=3), trainer.model)


@pytest.mark.parametrize("at", [3, 5, 8])
def test_it_goes_on_to_the_same_weights_and_average(at: int, tmp_path: Path) -> None:
    options = {"ema": 0.8, "num_train_epochs": 3}
    calm = _trainer(tmp_path / "calm", **options)
    calm.train()
    _trainer(tmp_path, max_steps=at, save_strategy="steps", save_steps=at, **options).train()
    resumed = _trainer(tmp_path, **options)
    resumed.train(resume_from_checkpoint=str(tmp_path / f"checkpoint-{at}"))
    _assert_same(calm.model, resumed.model)
    _assert_same(_ours(SGD, epochs=3, ema=0.8), calm.model)


def test_the_average_is_what_is_evaluated_and_the_best_one_kept(tmp_path: Path) -> None:
    seen: list[dict[str, Tensor]] = []

    def measure(_: Any) -> dict[str, float]:
        seen.append({name: value.clone() for name, value in trainer.model.state_dict().items()})
        return {"balance": {1: 0.9}.get(len(seen), 0.1)}

    trainer = _trainer(
        tmp_path,
        ema=0.8,
        eval_dataset=Rows(),
        compute_metrics=measure,
        eval_strategy="epoch",
        save_strategy="epoch",
        load_best_model_at_end=True,
        metric_for_best_model="balance",
    )
    trainer.train()
    for name, value in _ours(SGD, epochs=1, ema=0.8).state_dict().items():
        torch.testing.assert_close(seen[0][name], value)
        torch.testing.assert_close(trainer.model.state_dict()[name], value)
    assert not all(torch.equal(seen[0][name], seen[1][name]) for name in seen[0])
    trainer.evaluate()
    assert all(torch.equal(seen[0][name], seen[2][name]) for name in seen[0])


def test_bfloat16_sam_looks_uphill(tmp_path: Path) -> None:
    def moved(rho: float, **options: Any) -> Tensor:
        model = _net()
        first = model.net[2].weight.detach().clone()
        sharp = (SAM, {"base_optimizer": partial(torch.optim.SGD, lr=0.1), "rho": rho})
        _trainer(tmp_path, model, optimizer_cls_and_kwargs=sharp, max_steps=2, **options).train()
        return model.net[2].weight.detach() - first

    exact, half, flat = moved(1.0), moved(1.0, bf16=True), moved(0.0)
    assert float((half - exact).norm()) < 0.2 * float((exact - flat).norm())


def test_what_does_not_go_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = _trainer(tmp_path, optimizer_cls_and_kwargs=SHARP)
    trainer.accelerator.scaler = torch.amp.GradScaler("cpu", enabled=False)  # as with fp16 on a graphics card
    with pytest.raises(UsageError, match="take bf16"):
        trainer.train()
    imbsam = (ImbSAM, {"base_optimizer": SGD, "tail": [False, False, True]})
    with pytest.raises(UsageError, match="one number"):
        _trainer(tmp_path, optimizer_cls_and_kwargs=imbsam).train()
    monkeypatch.setitem(sys.modules, "transformers", None)
    monkeypatch.delitem(sys.modules, "steelyard.train.huggingface")
    with pytest.raises(MissingExtra, match=r"pip install 'steelyard\[transformers\]'"):
        __import__("steelyard.train.huggingface")
