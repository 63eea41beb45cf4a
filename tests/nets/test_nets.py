"""Heads and small networks: values by hand, other libraries, and what they promise."""

from __future__ import annotations

import itertools

import pytest
import torch
from sklearn.neighbors import NearestCentroid
from torch import nn

from steelyard.core import MissingExtra, TooFewSamples, UsageError
from steelyard.losses import DiverseExpertsLoss, LDAMLoss
from steelyard.nets import (
    MLP,
    CosineHead,
    Experts,
    LearnableScale,
    NearestMean,
    Opinion,
    ResNet32,
    backbone,
    combined,
    dst_combine,
    evidence,
    tau_normalised,
)


def test_cosines_lie_within_their_scale_and_ignore_lengths() -> None:
    head, h = CosineHead(6, 4, scale=30.0), torch.randn(50, 6)
    z = head(h)
    assert z.abs().max() <= 30.001
    assert torch.allclose(z, head(7 * h), atol=1e-4)
    assert torch.allclose(head.weight.norm(dim=1), torch.ones(4))
    assert [p.requires_grad for p in head.parameters()] == [True, False]
    assert CosineHead(6, 4, learn_scale=True).scale.requires_grad
    assert torch.isfinite(head(torch.zeros(1, 6))).all()


def test_tau_normalisation_by_hand() -> None:
    head = nn.Linear(2, 2)
    head.weight.data.copy_(torch.tensor([[0.0, 4.0], [1.0, 0.0]]))
    assert tau_normalised(head, 0.5).weight.norm(dim=1).tolist() == [2, 1]
    assert tau_normalised(head, 1.0).weight.norm(dim=1).tolist() == [1, 1]
    plain = tau_normalised(head, 0.0)
    assert torch.equal(plain.weight, head.weight)
    assert plain.bias is None
    assert head.weight[0, 1] == 4


def test_learnable_scales_start_as_the_head_and_learn_alone() -> None:
    head, h = nn.Linear(3, 2), torch.randn(5, 3)
    before = head(h).detach().clone()
    scaled = LearnableScale(head, 2)
    assert torch.equal(scaled(h), before)
    scaled.scale.data.copy_(torch.tensor([2.0, 1.0]))
    assert torch.allclose(scaled(h)[:, 0], 2 * before[:, 0])  # the bias too
    assert [n for n, p in scaled.named_parameters() if p.requires_grad] == ["scale"]


@pytest.mark.parametrize("norm", ["raw", "unit", "centred"])
def test_nearest_mean_equals_scikit_learn(norm: str) -> None:
    draw = torch.Generator().manual_seed(0)
    h, y = torch.randn(60, 4, generator=draw) + 1, torch.arange(60) % 3
    h += y[:, None]
    new = torch.randn(40, 4, generator=draw) + 2

    def moved(x: torch.Tensor) -> torch.Tensor:
        x = x - h.mean(0) if norm == "centred" else x
        return x if norm == "raw" else x / x.norm(dim=1, keepdim=True)

    theirs = NearestCentroid().fit(moved(h).numpy(), y.numpy()).predict(moved(new).numpy())
    ours = NearestMean(norm=norm).fit(h, y)
    assert ours(new).argmax(1).tolist() == theirs.tolist()
    again = NearestMean(norm=norm)
    again.centre, again.means = torch.zeros(4), torch.zeros(3, 4)
    again.load_state_dict(ours.state_dict())
    assert torch.equal(again(new), ours(new))


def test_experts_stack_and_combine() -> None:
    net = Experts([nn.Linear(4, 3) for _ in range(3)])
    h, y = torch.randn(6, 4), torch.arange(6) % 3
    z = net(h)
    assert torch.equal(z[:, 1], net.experts[1](h))
    DiverseExpertsLoss([30, 20, 10])(z, y).backward()
    assert all(p.grad is not None for p in net.parameters())
    assert torch.allclose(combined(z), z.mean(1))
    assert torch.allclose(combined(z, torch.tensor([0.0, 5.0, 0.0])), z[:, 1])
    each = torch.eye(3).repeat(2, 1)
    assert torch.allclose(combined(z, each), z[torch.arange(6), torch.arange(6) % 3])


def opinions(n: int) -> list[Opinion]:
    draw = torch.Generator().manual_seed(0)
    return [evidence(torch.randn(5, 4, generator=draw, dtype=torch.float64)) for _ in range(n)]


def test_dempster_shafer_by_hand() -> None:
    first = evidence(torch.tensor([4.0, 1.0, 0.0], dtype=torch.float64).log()[None])
    second = evidence(torch.tensor([2.0, 2.0, 0.0], dtype=torch.float64).log()[None])
    assert first.belief[0].tolist() == pytest.approx([0.5, 0.125, 0])
    assert (first.uncertainty.item(), second.uncertainty.item()) == pytest.approx((0.375, 0.428571), abs=1e-6)
    both = dst_combine(first, second)
    assert both.belief[0].tolist() == pytest.approx([0.565217, 0.239130, 0], abs=1e-6)
    assert both.uncertainty.item() == pytest.approx(0.195652, abs=1e-6)


def test_dempster_shafer_forgets_the_order_and_sums_to_one() -> None:
    three = opinions(3)
    found = [dst_combine(dst_combine(a, b), c) for a, b, c in itertools.permutations(three)]
    for one in found:
        assert torch.allclose(one.belief, found[0].belief, atol=1e-10)
        assert torch.allclose(one.belief.sum(1) + one.uncertainty, torch.ones(5).double())
    vacuous = Opinion(torch.zeros(5, 4).double(), torch.ones(5).double())
    assert torch.allclose(dst_combine(three[0], vacuous).belief, three[0].belief)


def test_evidence_of_large_logits_does_not_overflow() -> None:
    opinion = evidence(torch.tensor([[300.0, 0.0], [-300.0, -300.0]]))
    assert opinion.belief.tolist() == [[1, 0], [0, 0]]
    assert opinion.uncertainty.tolist() == [0, 1]


def test_networks_show_what_their_head_sees() -> None:
    for net, batch in (
        (MLP(10, 4, hidden=(8, 6), dropout=0.1), torch.randn(3, 10)),
        (ResNet32(4, blocks=1, width=4), torch.randn(3, 3, 32, 32)),
        (ResNet32(4, channels=1, blocks=2, width=4), torch.randn(3, 1, 28, 28)),
    ):
        assert net(batch).shape == (3, 4)
        assert net.features(batch).shape == (3, net.dim)
    cosine = MLP(10, 4, hidden=(8,), head=CosineHead(8, 4))
    LDAMLoss([9, 5, 3, 1])(cosine(torch.randn(3, 10)), torch.tensor([0, 1, 3])).backward()


def test_resnet_32_is_the_published_one() -> None:
    net = ResNet32(10)
    assert sum(p.numel() for p in net.parameters()) == 464_154  # 0.46 M in the publication
    assert sum(isinstance(m, nn.Conv2d) for m in net.modules()) == 31
    assert net.dim == 64


def test_a_missing_library_of_networks_prints_its_pip_line(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    for name, extra in (("timm", "timm"), ("transformers", "transformers")):
        monkeypatch.setitem(sys.modules, name, None)
        with pytest.raises(MissingExtra, match=rf"pip install 'steelyard\[{extra}\]'"):
            backbone(f"{name}:some", 3)


@pytest.mark.parametrize(
    ("name", "dim"),
    [
        ("timm:mobilenetv3_small_050", 1024),  # a layer between pooling and classifier
        ("torchvision:mobilenet_v3_small", 1024),
        ("torchvision:squeezenet1_1", 512),  # a convolution for a classifier
        ("torchvision:googlenet", 1024),  # two more answers in training
        ("torchvision:convnext_tiny", 768),  # features are flattened within the classifier
    ],
)
@pytest.mark.filterwarnings("ignore:The default weight initialization:FutureWarning")
def test_networks_of_other_libraries_end_in_their_features(name: str, dim: int) -> None:
    library = name.partition(":")[0]
    pytest.importorskip(library, reason=f"{library} is not installed", exc_type=ImportError)
    net = backbone(name, 3, pretrained=False, head=CosineHead)
    pictures = torch.randn(2, 3, 64, 64)
    assert net.dim == dim
    assert net(pictures).shape == (2, 3)
    assert net.eval().features(pictures).shape == (2, dim)
    with pytest.raises(UsageError, match=f"{library} knows no .* 'nosuchnet'"):
        backbone(f"{library}:nosuchnet", 3, pretrained=False)


def test_a_network_of_timm_by_name() -> None:
    pytest.importorskip("timm", reason="timm is not installed", exc_type=ImportError)
    net = backbone("timm:resnet18", 3, pretrained=False, head=CosineHead)
    assert net(torch.randn(2, 3, 64, 64)).shape == (2, 3)
    assert net.features(torch.randn(2, 3, 64, 64)).shape == (2, net.dim)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: tau_normalised(nn.Linear(2, 2), -1), UsageError, "tau is -1"),
        (lambda: NearestMean(norm="l2"), UsageError, "centred"),
        (lambda: NearestMean()(torch.zeros(1, 2)), TooFewSamples, "call fit"),
        (
            lambda: NearestMean().fit(torch.zeros(2, 2), torch.tensor([0, 2])),
            TooFewSamples,
            r"positions \[1\]",
        ),
        (lambda: Experts([]), UsageError, "at least one"),
        (lambda: backbone("keras:x", 2), UsageError, "'keras' is no source"),
    ],
)
def test_errors_say_what_came_and_what_to_do(call, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call()
