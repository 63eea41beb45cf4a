"""Batches, networks, arms and the model they end in."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("safetensors")

from steelyard.core import DataError, Prior, UsageError  # noqa: E402 - only with torch
from steelyard.data import ImageSet  # noqa: E402 - only with torch
from steelyard.decide import ArgMax, ClassMultipliers, PriorCorrection, TemperatureScaling  # noqa: E402 - only with torch
from steelyard.tasks.image import (  # noqa: E402 - only with torch
    NOTHING,
    ImageModel,
    NetworkSpec,
    PictureBatches,
    Plan,
    Scaling,
    chosen_arms,
    data_uri,
    make_network,
    seconds_a_step,
    softmax_of,
    train_arm,
)
from steelyard.tasks.image.batches import augmented  # noqa: E402 - only with torch
from steelyard.train import Shuffled  # noqa: E402 - only with torch


def stripes(n: int = 60, side: int = 8) -> ImageSet:
    """Rows, columns, and a rare plain kind."""
    rng = np.random.default_rng(0)
    y = np.where(np.arange(n) % 6 == 0, 2, np.arange(n) % 2)
    pixels = rng.integers(0, 40, (n, side, side)).astype(np.uint8)
    pixels[y == 0, ::2] += 150
    pixels[y == 1, :, ::2] += 150
    return ImageSet.of(pixels, y, labels=["rows", "columns", "plain"])


def plan(images: ImageSet, **changes) -> Plan:
    rows = np.arange(len(images))
    known = {
        "images": images, "train": rows[:45], "validation": rows[45:], "spec": NetworkSpec("small", 3, 1),
        "scaling": Scaling.of(images, rows[:45]), "prior": images.prior_of(rows[:45]), "epochs": 3, "batch_size": 16,
        "lr": 0.05, "augment": "crop", "pretrained": False, "device": "cpu",
    }  # fmt: skip
    return Plan(**(known | changes))


def test_scaled_pixels_have_mean_zero_and_spread_one() -> None:
    images = stripes()
    scaling = Scaling.of(images, np.arange(40))
    x = scaling(images.pixels[:40])
    assert x.shape == (40, 1, 8, 8)
    assert float(x.mean()) == pytest.approx(0, abs=1e-5)
    assert float(x.std(unbiased=False)) == pytest.approx(1, abs=1e-4)
    assert Scaling.from_json(json.loads(json.dumps(scaling.to_json()))) == scaling
    assert Scaling(scaling.mean, scaling.spread, repeat=3)(images.pixels[:2]).shape == (2, 3, 8, 8)
    flat = ImageSet.of(np.full((3, 2, 2), 9, np.uint8), [0, 1, 0], labels=["a", "b"])
    assert torch.isfinite(Scaling.of(flat, np.arange(3))(flat.pixels)).all()


def test_shifts_move_the_whole_picture_and_fill_with_the_mean() -> None:
    x = torch.arange(1.0, 65).reshape(1, 1, 8, 8).repeat(50, 1, 1, 1)
    found = augmented(x, "crop", torch.Generator().manual_seed(0))
    moves = set()
    for one in found:
        matches = [
            (i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if torch.equal(one[0], _moved(x[0, 0], i, j))
        ]
        assert len(matches) == 1
        moves.add(matches[0])
    assert len(moves) > 6
    assert augmented(x, "none", torch.Generator()) is x


def _moved(picture: torch.Tensor, i: int, j: int) -> torch.Tensor:
    room = torch.zeros(10, 10)
    room[1:9, 1:9] = picture
    return room[1 + i : 9 + i, 1 + j : 9 + j]


def test_half_of_the_pictures_are_mirrored() -> None:
    x = torch.arange(8.0).repeat(8, 1).reshape(1, 1, 8, 8).repeat(200, 1, 1, 1)
    found = augmented(x, "flip", torch.Generator().manual_seed(1))
    falling = (found[:, 0, 4, 2] > found[:, 0, 4, 5]).float().mean()
    assert 0.4 < float(falling) < 0.6


def test_batches_depend_on_seed_and_epoch_only() -> None:
    images = stripes()
    rows, scaling = np.arange(45), Scaling.of(stripes(), np.arange(45))
    batches = PictureBatches(images, rows, Shuffled(45, 16, seed=1), scaling, seed=4)
    assert len(batches) == 3
    first = [(x.clone(), y) for x, y in batches(2)]
    list(batches(0))
    for (x, y), (again, same) in zip(first, batches(2), strict=True):
        assert torch.equal(x, again)
        assert torch.equal(y, same)
    assert not torch.equal(first[0][0], next(iter(batches(3)))[0])
    assert torch.cat([y for _, y in first]).bincount().tolist() == np.bincount(images.y[rows]).tolist()
    with pytest.raises(UsageError, match="augment is 'twist'"):
        PictureBatches(images, rows, Shuffled(45, 16), scaling, augment="twist")


def test_networks_by_name(monkeypatch) -> None:
    assert sum(p.numel() for p in make_network(NetworkSpec("resnet32", 10, 3)).parameters()) == 464_154
    one, same = (make_network(NetworkSpec("small", 3, 1), seed=5) for _ in range(2))
    assert torch.equal(one.head.weight, same.head.weight)
    assert not torch.equal(one.head.weight, make_network(NetworkSpec("small", 3, 1), seed=6).head.weight)
    assert make_network(NetworkSpec("small", 3, 1, "cosine"))(torch.zeros(2, 1, 8, 8)).abs().max() <= 1
    assert NetworkSpec("timm:resnet18", 3, 1).repeat == 3
    with pytest.raises(UsageError, match="backbone is 'vgg', expected small, resnet32, timm:NAME"):
        NetworkSpec("vgg", 3, 1)

    models = ModuleType("torchvision.models")

    def get_model(name: str, weights: object = None) -> torch.nn.Module:
        asked.append((name, weights))
        body = torch.nn.Sequential(torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten())
        body.fc = torch.nn.Linear(3, 7)
        body.forward = lambda x: body.fc(body[1](body[0](x)))  # type: ignore[method-assign]  # a stand-in
        return body

    asked: list[tuple[str, object]] = []
    models.get_model, models.list_models = get_model, lambda module: ["resnet18"]  # type: ignore[attr-defined]  # a stand-in
    monkeypatch.setitem(sys.modules, "torchvision", ModuleType("torchvision"))
    monkeypatch.setitem(sys.modules, "torchvision.models", models)
    spec = NetworkSpec("torchvision:resnet18", 3, 1)
    made = make_network(spec, pretrained=True)
    assert asked == [("resnet18", "DEFAULT")]
    images = stripes()
    p = softmax_of(made, images, np.arange(4), Scaling.of(images, np.arange(40), repeat=spec.repeat))
    assert p.shape == (4, 3)


def test_arms_by_name() -> None:
    assert [arm.name for arm in chosen_arms(None)] == [
        "nothing", "retrained-head", "balanced-softmax", "deferred-weights",
    ]  # fmt: skip
    assert chosen_arms(["none"]) == (NOTHING,)
    assert [arm.name for arm in chosen_arms(["VSLoss", "VSLoss", "LDAM-DRW"])] == [
        "nothing",
        "VSLoss",
        "LDAM-DRW",
    ]
    for wrong in ("SMOTE", "SupConLoss", "DiceLoss"):
        with pytest.raises(UsageError, match=f"remedy {wrong!r} is not known"):
            chosen_arms([wrong])
    with pytest.raises(UsageError, match="'none' came with others"):
        chosen_arms(["none", "VSLoss"])
    prior = Prior.of([0] * 90 + [1] * 10)
    for arm in chosen_arms(["retrained-head", "deferred-weights", "LDAM-DRW", "FocalLoss"]):
        trained = arm.trained(prior)
        assert trained.sum() == pytest.approx(1)
        loss = arm.loss(prior, 10)
        for epoch in (0, 9):
            cost = loss(epoch) if hasattr(loss, "value") else loss
            assert torch.isfinite(cost(torch.zeros(2, 2), torch.tensor([0, 1])))
    assert chosen_arms(["deferred-weights"])[1].trained(prior)[1] == pytest.approx(0.5, abs=0.01)


def test_arms_of_one_seed_start_alike_and_meet_the_same_pictures() -> None:
    images = stripes()
    shared = plan(images, epochs=1, lr=1e-12, augment="none")
    nothing, balanced = (train_arm(arm, shared, seed=3) for arm in chosen_arms(["balanced-softmax"]))
    assert nothing.p == pytest.approx(balanced.p, abs=1e-6)
    other = train_arm(NOTHING, shared, seed=4)
    assert np.abs(other.p - nothing.p).max() > 1e-3


def test_weights_deferred_to_the_last_epoch_still_change_the_network() -> None:
    shared = plan(stripes(), epochs=2, augment="none")
    nothing, deferred = (train_arm(arm, shared, seed=3) for arm in chosen_arms(["deferred-weights"]))
    assert np.abs(nothing.p - deferred.p).max() > 1e-3


def test_a_retrained_head_keeps_the_body() -> None:
    images = stripes()
    body = train_arm(NOTHING, plan(images), seed=0)
    again = train_arm(chosen_arms(["retrained-head"])[1], plan(images), seed=0, body=body.network)
    before, after = body.network.state_dict(), again.network.state_dict()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed == {"head.weight", "head.bias"}
    assert len(again.history) == 1


def test_stopped_training_goes_on_to_the_same_network(tmp_path: Path) -> None:
    images = stripes()
    whole = train_arm(NOTHING, plan(images), seed=0)

    def stop(event) -> None:
        if event.done == 5:
            raise RuntimeError

    with pytest.raises(RuntimeError):
        train_arm(NOTHING, plan(images), seed=0, folder=tmp_path, listener=stop)
    resumed = train_arm(NOTHING, plan(images), seed=0, folder=tmp_path)
    assert np.array_equal(resumed.p, whole.p)
    names = {"loss", "validation_loss", "validation_balanced_accuracy", "epoch"}
    assert all(names <= set(record) for record in resumed.history)


def test_it_learns() -> None:
    images = stripes(120)
    rows = np.arange(120)
    shared = plan(images, train=rows[:90], validation=rows[90:], epochs=12)
    trained = train_arm(NOTHING, shared, seed=0)
    assert (trained.p.argmax(1) == images.y[90:]).mean() > 0.9
    assert seconds_a_step(shared) > 0


def model(**changes) -> ImageModel:
    images = stripes()
    prior = np.array([0.5, 0.4, 0.1])
    known = {
        "labels": images.labels, "size": 8, "prior": prior, "trained": np.full(3, 1 / 3), "natural": prior,
        "calibration": TemperatureScaling(prior).set(2.0, 0.1), "rule": ClassMultipliers([1.0, 2.0, 4.0]).to_json(),
    }  # fmt: skip
    spec = NetworkSpec("small", 3, 1)
    return ImageModel(
        make_network(spec, seed=1), spec, Scaling.of(images, np.arange(40)), **(known | changes)
    )


def test_a_model_undoes_calibrates_and_decides() -> None:
    images, made = stripes(), model()
    raw = made.raw_proba(images)
    expected = made.calibration(PriorCorrection(made.trained, made.natural)(raw))
    p = made.predict_proba(images)
    assert p == pytest.approx(expected)
    assert made.decide(p).tolist() == (p * [1, 2, 4]).argmax(1).tolist()
    assert set(made.predict(images)) <= set(images.labels)
    plain = model(trained=made.natural, calibration=TemperatureScaling().set(1, 0), rule=ArgMax().to_json())
    assert plain.predict_proba(images) == pytest.approx(raw)
    with pytest.raises(DataError, match=r"the model reads \(8, 8, 1\)"):
        made.predict_proba(stripes(side=10))


def test_a_model_comes_back_from_disk_as_it_was(tmp_path: Path) -> None:
    made, images = model(), stripes()
    made.save(tmp_path)
    stored = json.loads(json.dumps(made.to_json()))
    again = ImageModel.load(tmp_path, stored)
    assert np.array_equal(again.predict_proba(images), made.predict_proba(images))
    assert again.predict(images).tolist() == made.predict(images).tolist()
    with pytest.raises(DataError, match="train it again"):
        ImageModel.load(tmp_path, stored | {"network": {"name": "resnet32", "n_classes": 3, "channels": 1}})
    with pytest.raises(DataError, match="train it again"):
        ImageModel.load(tmp_path, {"labels": []})
    (tmp_path / "model.safetensors").write_bytes(b"nothing")
    with pytest.raises(DataError, match="train it again"):
        ImageModel.load(tmp_path, stored)
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(DataError, match="train it again"):
        ImageModel.load(tmp_path, stored)


@pytest.mark.parametrize("channels", [1, 3])
def test_small_pictures_as_text(channels: int) -> None:
    import base64
    import io

    opened = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, channels), dtype=np.uint8)
    head, _, text = data_uri(pixels).partition(",")
    assert head == "data:image/png;base64"
    back = np.asarray(opened.open(io.BytesIO(base64.b64decode(text)))).reshape(5, 7, channels)
    assert np.array_equal(back, pixels)
    large = np.zeros((130, 256, channels), np.uint8)
    shown = opened.open(io.BytesIO(base64.b64decode(data_uri(large).partition(",")[2])))
    assert shown.size == (64, 32)
