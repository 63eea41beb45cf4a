"""Steps: exact values, special cases that are other steps, and nothing left behind."""

from __future__ import annotations

import copy
import math
from functools import partial

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from steelyard.core import Prior, UsageError
from steelyard.optim import (
    ASAM,
    SAM,
    ImbSAM,
    PerClassNormalised,
    SignSGD,
    ema,
    frozen_statistics,
    gradient_competition,
    loss_by_frequency,
    meta_weights,
    per_class_gradients,
    tail_classes,
)

SGD = partial(torch.optim.SGD, lr=0.1, momentum=0.9)
X = torch.randn(24, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
Y = torch.arange(24) % 3


def net() -> nn.Module:
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(5, 7), nn.Tanh(), nn.Linear(7, 3)).double()


def closure(model: nn.Module, optimizer: torch.optim.Optimizer):
    def run() -> torch.Tensor:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(X), Y)
        loss.backward()
        return loss

    return run


def rows(model: nn.Module):
    return lambda: (F.cross_entropy(model(X), Y, reduction="none"), Y)


def weights(model: nn.Module) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in model.parameters()])


def trained(make, steps: int = 3, by_rows: bool = False) -> torch.Tensor:
    model = net()
    optimizer = make(model)
    run = rows(model) if by_rows else closure(model, optimizer)
    for _ in range(steps):
        optimizer.step(run)
    return weights(model)


def test_sam_by_hand() -> None:
    w = nn.Parameter(torch.tensor([1.0, 1.0], dtype=torch.float64))
    sam = SAM([w], partial(torch.optim.SGD, lr=1.0), rho=0.1)

    def run() -> torch.Tensor:
        sam.zero_grad()
        loss = 0.5 * (torch.tensor([1.0, 4.0]) * w**2).sum()
        loss.backward()
        return loss

    sam.step(run)
    assert (1 - w).tolist() == pytest.approx([1.02425, 4.38806], abs=1e-5)


def test_asam_by_its_formula() -> None:
    w = nn.Parameter(torch.tensor([3.0, -1.0], dtype=torch.float64))
    step, a = ASAM([w], partial(torch.optim.SGD, lr=1.0), rho=0.2), torch.tensor([1.0, 4.0]).double()

    def run() -> torch.Tensor:
        step.zero_grad()
        loss = 0.5 * (a * w**2).sum()
        loss.backward()
        return loss

    start = w.detach().clone()
    step.step(run)
    g = a * start
    there = start + 0.2 * start**2 * g / (start.abs() * g).norm()
    assert torch.allclose(start - w.detach(), a * there)


def test_a_radius_of_zero_is_the_base_step_bit_for_bit() -> None:
    plain = trained(lambda m: SGD(m.parameters()))
    assert torch.equal(trained(lambda m: SAM(m.parameters(), SGD, rho=0.0)), plain)
    assert not torch.equal(trained(lambda m: SAM(m.parameters(), SGD, rho=0.1)), plain)


def test_weights_come_back_bit_for_bit_when_nothing_is_learnt() -> None:
    still = partial(torch.optim.SGD, lr=0.0)
    before = weights(net())
    assert torch.equal(trained(lambda m: SAM(m.parameters(), still, rho=0.7)), before)
    tail = [False, True, True]
    assert torch.equal(
        trained(lambda m: ImbSAM(m.parameters(), still, tail=tail, rho=0.7), by_rows=True), before
    )


def test_imbsam_of_all_classes_is_sam_and_of_none_the_base_step() -> None:
    sam = trained(lambda m: SAM(m.parameters(), SGD, rho=0.2))
    every = partial(ImbSAM, base_optimizer=SGD, tail=[True] * 3, rho=0.2, tail_weight=1.0)
    assert torch.allclose(trained(lambda m: every(m.parameters()), by_rows=True), sam, atol=1e-10)
    plain = trained(lambda m: SGD(m.parameters()))
    for tail, rho in (([False] * 3, 0.2), ([False, True, False], 0.0)):
        made = partial(ImbSAM, base_optimizer=SGD, tail=tail, rho=rho, tail_weight=1.0)
        assert torch.allclose(
            trained(lambda m, made=made: made(m.parameters()), by_rows=True), plain, atol=1e-12
        )


def test_imbsam_on_a_quadratic() -> None:
    for start in (2.0, -3.0):
        w = nn.Parameter(torch.tensor(start, dtype=torch.float64))
        step = ImbSAM([w], partial(torch.optim.SGD, lr=1.0), tail=[True], rho=0.05, tail_weight=1.0)
        step.step(lambda w=w: (0.5 * 3 * w**2 * torch.ones(1), torch.tensor([0])))
        assert start - w.item() == pytest.approx(3 * (start + 0.05 * math.copysign(1, start)))


def test_statistics_count_a_batch_once() -> None:
    model = nn.Sequential(nn.Linear(5, 4), nn.BatchNorm1d(4), nn.Linear(4, 3)).double()
    once = copy.deepcopy(model)
    once(X)
    sam = SAM(model.parameters(), SGD, rho=0.5, model=model)
    sam.step(closure(model, sam))
    assert torch.equal(model[1].running_mean, once[1].running_mean)
    assert model[1].num_batches_tracked.item() == 1
    assert model[1].momentum == 0.1
    with pytest.raises(ValueError, match="stop"), frozen_statistics(model):
        raise ValueError("stop")
    assert model[1].momentum == 0.1
    tail = ImbSAM(model.parameters(), SGD, tail=[False, False, True], rho=0.5, model=model)
    tail.step(rows(model))
    assert model[1].num_batches_tracked.item() == 2


def test_schedules_and_states_reach_the_optimiser_inside() -> None:
    model = net()
    sam = SAM(model.parameters(), SGD, rho=0.1)
    schedule = torch.optim.lr_scheduler.StepLR(sam, 1, gamma=0.5)
    sam.step(closure(model, sam))
    schedule.step()
    assert sam.base.param_groups[0]["lr"] == 0.05
    other_model = copy.deepcopy(model)
    other = SAM(other_model.parameters(), SGD, rho=0.1)
    other.load_state_dict(copy.deepcopy(sam.state_dict()))
    sam.step(closure(model, sam))
    other.step(closure(other_model, other))
    assert torch.equal(weights(model), weights(other_model))


def test_tail_classes_are_those_below_the_threshold() -> None:
    assert tail_classes(Prior.of(np.repeat([0, 1, 2], [19, 20, 21]))).tolist() == [True, False, False]


def test_orthogonal_classes_have_the_same_say() -> None:
    w = nn.Parameter(torch.zeros(2, dtype=torch.float64))
    step = PerClassNormalised([w], partial(torch.optim.SGD, lr=1.0), guard=0.0)
    step.step(lambda: (torch.stack([6 * w[0], 0.2 * w[1]]), torch.tensor([0, 1])))
    assert w.tolist() == [-1, -1]


def test_no_class_goes_uphill_along_the_sum_of_directions() -> None:
    model = net()
    losses, y = rows(model)()
    found = per_class_gradients(losses, y, list(model.parameters()))
    flat = torch.stack([torch.cat([g.flatten() for g in gs]) for gs in found.values()])
    assert torch.allclose(
        flat.sum(0),
        torch.cat([g.flatten() for g in torch.autograd.grad(losses.mean(), list(model.parameters()))]),
    )
    pair = flat[:2]
    direction = (pair / pair.norm(dim=1, keepdim=True)).sum(0)
    cosine = F.cosine_similarity(pair[0], pair[1], dim=0)
    assert torch.allclose(pair @ direction, pair.norm(dim=1) * (1 + cosine), atol=1e-10)
    report = gradient_competition(found)
    assert report["cosine"][0][1] == pytest.approx(cosine.item())
    assert report["uphill"] == [bool(g @ flat.sum(0) < 0) for g in flat]


def test_one_class_is_normalised_descent_and_a_rescaled_sum_has_the_plain_length() -> None:
    model = net()
    before = weights(model)
    lone = PerClassNormalised(model.parameters(), partial(torch.optim.SGD, lr=1.0), guard=0.0)
    lone.step(lambda: (F.cross_entropy(model(X), Y, reduction="none"), torch.zeros(24).long()))
    assert (weights(model) - before).norm().item() == pytest.approx(1)
    rescaled = net()
    step = PerClassNormalised(rescaled.parameters(), partial(torch.optim.SGD, lr=1.0), rescale=True)
    step.step(rows(rescaled))
    plain = net()
    gradient = torch.autograd.grad(F.cross_entropy(plain(X), Y), list(plain.parameters()))
    assert (weights(rescaled) - before).norm().item() == pytest.approx(
        torch.cat([g.flatten() for g in gradient]).norm()
    )


def test_sign_descent_learns_all_classes_at_the_closed_form() -> None:
    c, eta = 7, 0.05
    share = torch.tensor([2.0**-k for k in range(1, c + 1)], dtype=torch.float64)
    w = nn.Parameter(torch.zeros(c, c, dtype=torch.float64))
    step = SignSGD([w], lr=eta)
    for _ in range(40):
        step.zero_grad()
        (share * F.cross_entropy(w, torch.arange(c), reduction="none")).sum().backward()
        step.step()
    losses = F.cross_entropy(w, torch.arange(c), reduction="none").detach()
    assert torch.allclose(
        losses, torch.tensor(math.log(1 + (c - 1) * math.exp(-2 * eta * 40))).double(), atol=1e-8
    )


def test_other_kinds_of_sign_descent() -> None:
    for kind, expected in (("normalised", [-0.6, 0.8]), ("scaled_sign", [-7.0, 7.0]), ("sign", [-1.0, 1.0])):
        w = nn.Parameter(torch.zeros(2))
        step = SignSGD([w], lr=1.0, kind=kind)
        w.grad = torch.tensor([3.0, -4.0])
        step.step()
        assert w.tolist() == pytest.approx(expected)
    w = nn.Parameter(torch.zeros(1))
    step = SignSGD([w], lr=1.0, momentum=0.5)
    for _ in range(2):
        w.grad = torch.ones(1)
        step.step()
    assert w.item() == -2.5


def test_losses_are_grouped_by_how_often_classes_occur() -> None:
    prior = Prior.of(np.repeat([0, 1, 2, 3], [8, 2, 2, 1]))
    found = loss_by_frequency(torch.arange(5.0), torch.tensor([0, 1, 2, 3, 0]), prior)
    assert found == {8.0: 2.0, 2.0: 1.5, 1.0: 3.0}


def test_meta_weights_are_the_derivative_they_stand_for() -> None:
    model, lr = net(), 0.3
    losses_of = lambda run: F.cross_entropy(run(X[:6]), Y[:6], reduction="none")  # noqa: E731
    meta_of = lambda run: F.cross_entropy(run(X[6:]), Y[6:])  # noqa: E731
    found = meta_weights(model, losses_of, meta_of, lr=lr)
    slopes = []
    for i in range(6):
        gradient = torch.autograd.grad(losses_of(model)[i], list(model.parameters()))
        there = [copy.deepcopy(model), copy.deepcopy(model)]
        for sign, moved in zip((1, -1), there, strict=True):
            for p, g in zip(moved.parameters(), gradient, strict=True):
                p.data -= sign * 1e-4 * lr * g
        slopes.append((meta_of(there[0]) - meta_of(there[1])).item() / 2e-4)
    useful = torch.tensor(slopes).double().neg().clamp(min=0)
    assert torch.allclose(found, useful / useful.mean(), atol=1e-5)
    assert not found.requires_grad


def test_meta_weights_leave_the_network_alone() -> None:
    model = nn.Sequential(nn.Linear(5, 4), nn.BatchNorm1d(4), nn.Linear(4, 3)).double()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    meta_weights(
        model,
        lambda run: F.cross_entropy(run(X), Y, reduction="none"),
        lambda run: F.cross_entropy(run(X), Y),
        lr=0.1,
    )
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(p.grad is None for p in model.parameters())


def test_the_average_follows_slowly() -> None:
    model = nn.Linear(1, 1, bias=False)
    average = ema(model, decay=0.9)
    for value in (10.0, 0.0, 0.0):
        model.weight.data.fill_(value)
        average.update_parameters(model)
    assert average.module.weight.item() == pytest.approx(8.1)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: SAM(net().parameters(), SGD, rho=-1), "rho is -1"),
        (lambda: SAM(net().parameters(), SGD).step(), "no closure came"),
        (lambda: ImbSAM(net().parameters(), SGD, tail=[True]).step(), "class positions"),
        (lambda: PerClassNormalised(net().parameters(), SGD, guard=-1), "guard is -1"),
        (lambda: SignSGD(net().parameters(), lr=0), "lr is 0"),
        (lambda: SignSGD(net().parameters(), lr=1, kind="root"), "scaled_sign"),
        (lambda: meta_weights(net(), lambda run: run(X), lambda run: run(X), lr=0), "lr is 0"),
        (lambda: ema(net(), decay=1.0), "decay is 1.0"),
    ],
)
def test_errors_say_what_came_and_what_to_do(call, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        call()
