from __future__ import annotations

import numpy as np
import pytest

from steelyard.core import TooFewSamples

torch = pytest.importorskip("torch")

from steelyard.diagnose import gradient_norms_by_class  # noqa: E402
from steelyard.nets import MLP  # noqa: E402
from steelyard.optim import per_class_gradients  # noqa: E402


def rows(n: int = 30, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    rng = np.random.default_rng(seed)
    y = rng.choice(3, size=n, p=[0.7, 0.2, 0.1])
    return torch.tensor(rng.normal(size=(n, 4)), dtype=torch.float32), torch.as_tensor(y)


def test_a_linear_model_by_the_closed_form() -> None:
    x, y = rows()
    model = torch.nn.Linear(4, 3)
    found = gradient_norms_by_class(model, x, y)
    p = model(x).softmax(1).detach().numpy()
    onehot, design = np.eye(3)[y], np.column_stack([x.numpy(), np.ones(len(x))])
    for k, norm, loss, n in zip(found.classes, found.norm, found.loss, found.rows, strict=True):
        mine = y.numpy() == k
        gradient = (p - onehot)[mine].T @ design[mine] / mine.sum()
        assert norm == pytest.approx(np.linalg.norm(gradient), rel=1e-5)
        assert loss == pytest.approx(-np.log(p[mine, k]).mean(), rel=1e-5)
        assert n == mine.sum()
    assert found.pull == pytest.approx(found.norm * found.rows / len(y))


def test_pulls_are_the_parts_of_the_whole_gradient_whatever_the_batches() -> None:
    x, y = rows(50, seed=1)
    torch.manual_seed(0)
    model = MLP(4, 3, hidden=(8,), dropout=0.5)
    model.train()
    found = gradient_norms_by_class(model, x, y, batch_size=7)
    assert model.training
    assert all(p.grad is None for p in model.parameters())
    model.eval()
    losses = torch.nn.functional.cross_entropy(model(x), y, reduction="none")
    parts = per_class_gradients(losses, y, list(model.parameters()))
    lengths = [float(sum(g.square().sum() for g in parts[k])) ** 0.5 for k in found.classes]
    assert found.pull == pytest.approx(lengths, rel=1e-4)
    whole = gradient_norms_by_class(model, x, y)
    assert found.norm == pytest.approx(whole.norm, rel=1e-4)


def test_a_learned_class_has_no_gradient_and_an_outvoted_one_has() -> None:
    x = torch.cat([torch.full((20, 1), 1.0), torch.full((1, 1), 0.9)])
    y = torch.tensor([0] * 20 + [1])
    model = torch.nn.Linear(1, 2)
    with torch.no_grad():
        model.weight.copy_(torch.tensor([[8.0], [-8.0]]))
        model.bias.zero_()
    found = gradient_norms_by_class(model, x, y)
    assert found.norm[0] < 1e-4 < 1 < found.norm[1]


def test_another_loss_frozen_parameters_and_no_rows() -> None:
    x, y = rows()
    model = torch.nn.Sequential(torch.nn.Linear(4, 5), torch.nn.Linear(5, 3))
    model[0].requires_grad_(False)
    half = gradient_norms_by_class(
        model, x, y, loss=lambda z, t: 0.5 * torch.nn.functional.cross_entropy(z, t)
    )
    full = gradient_norms_by_class(model, x, y)
    assert half.norm == pytest.approx(full.norm / 2, rel=1e-5)
    with pytest.raises(TooFewSamples, match="no rows"):
        gradient_norms_by_class(model, x[:0], y[:0])
