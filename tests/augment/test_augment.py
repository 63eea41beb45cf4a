"""Mixed batches: shares, labels and pixels agree."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest
import torch
from torch.nn import functional as F

from steelyard.augment import auto_augment, cutmix, feature_noise, mixup, remix
from steelyard.core import DataError, MissingExtra, Prior, UsageError
from steelyard.losses import BalancedSoftmaxLoss, SigmoidFocalLoss, TransformedLoss


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_mixup_mixes_rows_and_labels_in_the_same_shares() -> None:
    rows, y = torch.eye(6), torch.arange(6)
    mixed = mixup(rows, y, alpha=1.0, generator=seeded(3))
    share = mixed.share[0]
    assert 0 < share < 1
    expected = share * F.one_hot(mixed.first, 6) + (1 - share) * F.one_hot(mixed.second, 6)
    assert torch.allclose(mixed.rows, expected.float(), atol=1e-6)


def test_shares_follow_the_beta_distribution() -> None:
    draw = seeded()
    shares = torch.stack(
        [mixup(torch.zeros(1, 1), torch.zeros(1), alpha=0.5, generator=draw).share[0] for _ in range(2000)]
    )
    assert shares.mean().item() == pytest.approx(0.5, abs=0.03)
    assert shares.var().item() == pytest.approx(0.125, abs=0.01)  # 1 / (4 · (2 alpha + 1))


def test_the_loss_of_a_mix_is_the_mix_of_losses() -> None:
    mixed = mixup(torch.randn(8, 4), torch.arange(8) % 3, alpha=1.0, generator=seeded(1))
    z, share = torch.randn(8, 3), mixed.share[0]
    for loss in (TransformedLoss(), BalancedSoftmaxLoss([9, 3, 1])):
        expected = share * loss(z, mixed.first) + (1 - share) * loss(z, mixed.second)
        assert torch.allclose(mixed.loss(loss, z), expected)
    labels = mixup(torch.randn(8, 4), torch.eye(8), alpha=1.0, generator=seeded(1))
    assert labels.loss(SigmoidFocalLoss(), torch.randn(8, 8)).ndim == 0


def test_remix_gives_the_label_to_the_much_rarer_class() -> None:
    prior = Prior.of([0] * 90 + [1] * 10 + [2] * 9)
    y = torch.tensor([0, 0, 0, 1, 1, 2, 2])
    seen = set()
    for seed in range(40):
        mixed = remix(torch.zeros(7, 1), y, prior, kappa=3.0, tau=0.5, generator=seeded(seed))
        plain = mixup(torch.zeros(7, 1), y, alpha=1.0, generator=seeded(seed))
        for a, b, share, given in zip(plain.first, plain.second, plain.share, mixed.share, strict=True):
            common, rare = {int(a), int(b)} >= {0} and a != b, float(share)
            if not common:
                assert given == share
            elif a == 0:
                assert given == (0 if rare < 0.5 else share)
                seen.add("first")
            else:
                assert given == (1 if 1 - rare < 0.5 else share)
                seen.add("second")
    assert seen == {"first", "second"}


def test_cutmix_shares_are_those_of_the_pixels() -> None:
    images = torch.arange(5.0)[:, None, None, None].expand(5, 2, 12, 10)
    for seed in range(30):
        mixed = cutmix(images, torch.arange(5), generator=seeded(seed))
        for i in range(5):
            own = (mixed.rows[i] == i).float().mean()
            if mixed.second[i] != i:
                assert torch.isclose(own, mixed.share[i])
                assert set(mixed.rows[i].unique().tolist()) <= {float(i), float(mixed.second[i])}
    assert images.unique().tolist() == [0, 1, 2, 3, 4]


def test_nothing_is_mixed_at_alpha_zero() -> None:
    images, y = torch.randn(4, 3, 8, 8), torch.arange(4)
    for mix in (mixup, cutmix):
        mixed = mix(images, y, alpha=0.0)
        assert torch.equal(mixed.rows, images)
        assert mixed.share.tolist() == [1, 1, 1, 1]


def test_twins_stay_beside_their_rows() -> None:
    h, y = torch.randn(2000, 3, generator=seeded()), torch.arange(2000)
    rows, labels = feature_noise(h, y, generator=seeded(1))
    assert torch.equal(rows[:2000], h)
    assert torch.equal(labels, torch.cat([y, y]))
    noise = rows[2000:] - h
    assert noise.mean().abs() < 0.02
    assert noise.var().item() == pytest.approx(1 / 9, abs=0.02)  # mean of u² times mean of s²


def test_a_generator_fixes_the_draw() -> None:
    for mix in (mixup, cutmix):
        made = [
            mix(torch.randn(4, 3, 8, 8, generator=seeded()), torch.arange(4), alpha=1.0, generator=seeded(2))
            for _ in "ab"
        ]
        assert torch.equal(made[0].rows, made[1].rows)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: mixup(torch.zeros(1, 1), torch.zeros(1), alpha=-1), "alpha is -1"),
        (lambda: remix(torch.zeros(1, 1), torch.zeros(1), Prior.of([0]), kappa=0.5), "kappa=0.5"),
    ],
)
def test_errors_say_what_came_and_what_to_do(call, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        call()


@pytest.fixture
def torchvision(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, object]]:
    """A stand-in with the names the bridge uses, whose policies turn images upside down."""
    made: list[tuple[str, object]] = []

    def policy(name: str):
        def create(*args, **options):
            made.append((name, args or options))

            def flip(image: torch.Tensor) -> torch.Tensor:
                assert image.dtype == torch.uint8
                assert image.dim() == 3
                return image.flip(1)

            return flip

        return create

    names = ("AutoAugment", "RandAugment", "TrivialAugmentWide", "AugMix")
    policies = SimpleNamespace(IMAGENET="i", CIFAR10="c", SVHN="s")
    v2 = SimpleNamespace(AutoAugmentPolicy=policies, **{name: policy(name) for name in names})
    for name in ("torchvision", "torchvision.transforms", "torchvision.transforms.v2"):
        monkeypatch.setitem(sys.modules, name, v2)
    return made


def test_policies_of_torchvision_change_images_one_by_one(torchvision: list[tuple[str, object]]) -> None:
    images = torch.arange(2 * 3 * 4 * 4, dtype=torch.uint8).reshape(2, 3, 4, 4)
    assert torch.equal(auto_augment("cifar10")(images), images.flip(2))
    change = auto_augment("rand", num_ops=1, magnitude=5)
    floats = images / 255
    assert torch.allclose(change(floats), floats.flip(2))
    assert change(floats[:0]).shape == (0, 3, 4, 4)
    assert torchvision == [("AutoAugment", ("c",)), ("RandAugment", {"num_ops": 1, "magnitude": 5})]
    with pytest.raises(DataError, match="expected images"):
        change(torch.zeros(4, 4))


def test_without_torchvision_the_pip_line_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torchvision", None)
    monkeypatch.setitem(sys.modules, "torchvision.transforms.v2", None)
    with pytest.raises(MissingExtra, match=r"steelyard\[vision\]"):
        auto_augment("trivial")


def test_the_real_policies_where_torchvision_is_installed() -> None:
    pytest.importorskip("torchvision")
    images = torch.randint(256, (3, 3, 32, 32), dtype=torch.uint8)
    for name in ("imagenet", "rand", "trivial", "augmix"):
        made = auto_augment(name)(images)
        assert made.shape == images.shape
        assert made.dtype == torch.uint8
