from __future__ import annotations

import struct
import sys
from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest

from steelyard.core import DataError, MissingExtra, UsageError
from steelyard.data import exponential, image_sets, load_images, make_imbalanced, named_profile, step
from steelyard.data.sources.pictures import SETS, read_medmnist


def loaded(name: str):
    info = next(info for info in image_sets() if info.name == name)
    if not info.available:
        pytest.skip(f"{name} is not here: {info.needs}")
    return info, load_images(name)


def as_listed(info, images) -> None:
    counts = images.prior.counts
    assert (len(images), images.pixels.shape[1:]) == (info.pictures, info.size)
    assert (len(counts), counts.max(), counts.min()) == (info.classes, info.most, info.fewest)
    assert images.pixels.max() > 200
    assert images.pixels.dtype == np.uint8


@pytest.mark.parametrize("name", ["digits", "fashion-mnist-test", "pneumonia-mnist-cut", "plankton-32"])
def test_sets_are_as_listed(name: str) -> None:
    as_listed(*loaded(name))


@pytest.mark.small
def test_all_of_cifar_is_as_listed_and_its_long_tail_is_the_published_one() -> None:
    info, images = loaded("cifar10-jpeg")
    as_listed(info, images)
    cut = images.imbalanced(exponential(100))
    counts = cut.prior_of(cut.rows("train")).counts
    assert counts.tolist() == [5000, 2997, 1796, 1077, 645, 387, 232, 139, 83, 50]
    assert cut.prior_of(cut.rows("test")).counts.tolist() == [1000] * 10


def test_jpegs_are_pictures_of_the_classes_they_name() -> None:
    entry = next(one for one in SETS if one.name == "cifar10-jpeg")
    if not entry.available:
        pytest.skip(f"not here: {entry.home.needs}")
    pytest.importorskip("PIL", reason="Pillow is not installed")
    images = replace(entry, files=("test.npz",)).load()
    assert images.prior.counts.tolist() == [1000] * 10
    assert (images.labels[0], images.labels[-1]) == ("airplane", "truck")
    assert set(images.part) == {"test"}
    blue = images.pixels[..., 2].mean((1, 2)) - images.pixels[..., 0].mean((1, 2))
    # sky and sea against fields and fur
    assert blue[images.y == 0].mean() > 10 > blue[images.y == 4].mean()


def test_parts_of_medmnist_and_its_classes() -> None:
    _, images = loaded("pneumonia-mnist-cut")
    counts = {
        part: images.prior_of(images.rows(part)).counts.tolist() for part in ("train", "validation", "test")
    }
    assert counts == {"train": [388, 3494], "validation": [135, 389], "test": [234, 390]}
    assert images.labels == ("normal", "pneumonia")


def test_long_tails_have_the_published_counts() -> None:
    _, fashion = loaded("fashion-mnist-test")
    assert fashion.imbalanced(exponential(100)).prior.counts.tolist() == [
        1000, 599, 359, 215, 129, 77, 46, 27, 16, 10,
    ]  # fmt: skip
    assert fashion.imbalanced(step(20)).prior.counts.tolist() == [1000] * 5 + [50] * 5
    hundred = make_imbalanced(np.repeat(np.arange(100), 500), exponential(100))
    assert len(hundred) == 10_847
    assert len(make_imbalanced(np.repeat(np.arange(10), 5000), exponential(100))) == 12_406
    assert load_images("digits").imbalanced(step(25)).prior.counts.tolist() == [177] * 5 + [7] * 5


def test_profiles_by_name() -> None:
    y = np.repeat(np.arange(4), 100)
    for text, expected in {
        "exponential:8": [100, 50, 25, 12],
        "EXP:8": [100, 50, 25, 12],
        "step:50": [100, 100, 2, 2],
        "linear:10": [100, 70, 40, 10],
        "reverse-step:50": [2, 2, 100, 100],
    }.items():
        assert np.bincount(y[make_imbalanced(y, named_profile(text))]).tolist() == expected, text
    for wrong in ("exp", "exp:many", "pareto:3", ""):
        with pytest.raises(UsageError, match="such as exponential:100"):
            named_profile(wrong)
    with pytest.raises(UsageError, match="ratio is 0.5"):
        named_profile("exp:0.5")


def test_unknown_names_and_absent_folders(monkeypatch, tmp_path) -> None:
    with pytest.raises(UsageError, match="did you mean plankton-32"):
        load_images("plankton")
    with pytest.raises(UsageError, match="known are digits"):
        load_images("zzz")
    monkeypatch.setenv("STEELYARD_DATA", str(tmp_path))
    assert [info.available for info in image_sets()] == [True, False, False, False, False]
    with pytest.raises(DataError, match="fashion_mnist under STEELYARD_DATA"):
        load_images("fashion-mnist-test")


def test_archives_of_other_shapes_are_refused(tmp_path) -> None:
    np.savez(tmp_path / "a.npz", x=np.zeros(3))
    with pytest.raises(DataError, match="holds x; expected train_images"):
        read_medmnist(tmp_path / "a.npz")
    np.savez(tmp_path / "b.npz", train_images=np.zeros((2, 4, 4), np.uint8), train_labels=np.zeros((2, 14)))
    with pytest.raises(DataError, match="several labels"):
        read_medmnist(tmp_path / "b.npz")


def test_a_hub_that_is_not_installed_names_its_extra(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "torchvision.datasets", None)
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(MissingExtra, match=r"steelyard\[vision\]"):
        load_images("torchvision:CIFAR10")
    with pytest.raises(MissingExtra, match=r"steelyard\[hub\]"):
        load_images("hf:owner/name")


def test_a_set_of_the_real_torchvision(tmp_path) -> None:
    pytest.importorskip("torchvision", reason="torchvision is not installed", exc_type=ImportError)
    raw = tmp_path / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    pixels = np.random.default_rng(0).integers(0, 256, (30, 28, 28), dtype=np.uint8)
    y = np.arange(30) % 10
    for name, rows in (("train", slice(0, 20)), ("t10k", slice(20, 30))):
        head = struct.pack(">IIII", 2051, len(pixels[rows]), 28, 28)
        (raw / f"{name}-images-idx3-ubyte").write_bytes(head + pixels[rows].tobytes())
        head = struct.pack(">II", 2049, len(y[rows]))
        (raw / f"{name}-labels-idx1-ubyte").write_bytes(head + y[rows].astype(np.uint8).tobytes())
    images = load_images("torchvision:FashionMNIST", folder=tmp_path)
    assert np.array_equal(images.pixels[..., 0], pixels)
    assert np.array_equal(images.y, y)
    assert images.labels[:2] == ("T-shirt/top", "Trouser")
    assert images.part is not None
    assert images.part.tolist() == ["train"] * 20 + ["test"] * 10


class TwoParts:
    """Like a classification set of torchvision: pairs of a picture and a position."""

    classes = ("cat", "dog")

    def __init__(self, root: str, train: bool = True, download: bool = False) -> None:
        assert download
        self.rows = [(np.full((4, 4, 3), 7 * k, np.uint8), k % 2) for k in range(6 if train else 2)]

    def __iter__(self):
        return iter(self.rows)


class OtherParts(TwoParts):
    def __init__(self, root: str, split: str = "train", download: bool = False) -> None:
        super().__init__(root, split == "train", download)


class NoParts:
    def __init__(self, root: str) -> None:
        raise AssertionError


def test_torchvision(monkeypatch, tmp_path) -> None:
    library = ModuleType("torchvision.datasets")
    library.CIFAR10, library.SVHN, library.Kinetics = TwoParts, OtherParts, NoParts  # type: ignore[attr-defined]  # a stand-in
    monkeypatch.setitem(sys.modules, "torchvision", ModuleType("torchvision"))
    monkeypatch.setitem(sys.modules, "torchvision.datasets", library)
    for name in ("CIFAR10", "SVHN"):
        images = load_images(f"torchvision:{name}", folder=tmp_path)
        assert images.labels == ("cat", "dog")
        assert images.pixels[:, 0, 0, 0].tolist() == [0, 7, 14, 21, 28, 35, 0, 7]
        assert images.part is not None
        assert images.part.tolist() == ["train"] * 6 + ["test"] * 2
    for wrong in ("Kinetics", "NoSuchSet"):
        with pytest.raises(UsageError, match="no set of torchvision"):
            load_images(f"torchvision:{wrong}", folder=tmp_path)


def test_hugging_face(monkeypatch, tmp_path) -> None:
    """With the library itself, on a set made here."""
    library = pytest.importorskip("datasets", reason="Hugging Face's datasets is not installed")
    opened = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    features = library.Features(
        {"img": library.Image(), "fine": library.ClassLabel(names=["cat", "dog"]),
         "coarse": library.ClassLabel(names=["animal"])}
    )  # fmt: skip
    rows = {
        "img": [opened.fromarray(np.full((4, 4, 3), 9 * k, np.uint8)) for k in range(4)],
        "fine": [0, 1, 1, 0], "coarse": [0] * 4,
    }  # fmt: skip
    whole = library.Dataset.from_dict(rows, features=features)
    found = library.DatasetDict({"train": whole, "test": whole.select([2])})
    monkeypatch.setattr(library, "load_dataset", lambda *_, **__: found)
    images = load_images("hf:some/pets:fine", folder=tmp_path)
    assert images.labels == ("cat", "dog")
    assert images.y.tolist() == [0, 1, 1, 0, 1]
    assert images.pixels[:, 0, 0, 0].tolist() == [0, 9, 18, 27, 18]
    with pytest.raises(UsageError, match="hf:some/pets:coarse"):
        load_images("hf:some/pets", folder=tmp_path)
