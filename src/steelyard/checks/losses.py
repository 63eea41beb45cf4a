"""The protocol of losses: safe in half precision, compiled, on empty batches, and with the gradient they claim."""

from __future__ import annotations

import copy
import pickle
from typing import Any

from steelyard.checks.failure import NotConforming, demand, demand_error, quietly
from steelyard.core import LOSS_TARGETS, DataError, UsageError, require

__all__ = ["check_loss"]

ROWS, CLASSES, DIM = 8, 3, 5


def check_loss(loss: Any, *, takes: str = "classes", exact_gradient: bool = True) -> None:
    """Check that a loss can be dropped into any training loop.

    When to use it: in the tests of a loss of your own.

    It demands, with scores and targets left alone, no warnings and no change to the gradient mode, the default dtype
    or the random state: finite numbers and gradients, also for huge scores, for a batch of one class and for an empty
    one (whose graph stays alive); numeric and analytic gradients alike in float64; float16 and bfloat16 close to
    float32; the same value compiled without a graph break; values whose sum is the sum, and weights that multiply
    them; that it can be pickled.

    Args:
        loss: the loss, made.
        takes: what it is called with. "classes": scores (n, K) and positions (n,); "labels": scores and indicators
            (n, K); "binary": scores and indicators (n,); "embeddings": features (n, 5) and positions (n,); "experts":
            scores (n, 3, K) and positions (n,); "maps": scores (n, K, h, w) and positions (n, h, w); "logits": scores
            (n, K) alone, for transforms; "values" and "groups": losses (n,), for reducers. K is `loss.n_classes` or 3.
        exact_gradient: False where a part of the loss counts as constant, so that a numeric gradient differs.

    Raises:
        NotConforming: what was seen and what was expected.
        MissingExtra: torch is not installed.

    >>> from steelyard.losses import FocalLoss
    >>> check_loss(FocalLoss())
    """
    if takes not in LOSS_TARGETS:
        raise UsageError(f"takes is {takes!r}, expected one of {', '.join(LOSS_TARGETS)}")
    torch = require("torch", extra="torch")
    resting = copy.deepcopy(loss).eval()
    state = torch.is_grad_enabled(), torch.get_default_dtype(), torch.get_rng_state()
    with quietly("the loss"):
        _check_finite(copy.deepcopy(loss).train(), takes, "in training mode")
        _check_finite(resting, takes, "in evaluation mode")
        _check_precision(resting, takes)
        if exact_gradient:
            _check_gradient(resting, takes)
        if takes not in {"values", "groups", "logits"}:
            _check_values(resting, takes)
    kept = torch.is_grad_enabled() == state[0] and torch.get_default_dtype() == state[1]
    demand(kept, "the loss changed the gradient mode or the default dtype; leave global settings alone")
    _check_compiled(resting, takes)
    try:
        pickle.dumps(loss.__dict__)  # what it holds; a class written in a notebook has no file
    except Exception as error:
        raise NotConforming(f"the loss cannot be saved or sent to another process: {error}") from error


def batch(takes: str, *, n: int = ROWS, classes: int = CLASSES, dtype: Any = None) -> tuple[Any, ...]:
    """Inputs of one kind, always the same."""
    torch = require("torch", extra="torch")
    draw = torch.Generator().manual_seed(0)
    shape = {
        "binary": (n,),
        "values": (n,),
        "groups": (n,),
        "embeddings": (n, DIM),
        "experts": (n, 3, classes),
    }
    size = shape.get(takes, (n, classes, 2, 3) if takes == "maps" else (n, classes))
    scores = torch.randn(size, generator=draw, dtype=torch.float64)
    if takes in {"values", "groups"}:
        scores = scores.abs()
    scores = scores.to(dtype or torch.float32).requires_grad_()
    target = torch.arange(n) % classes
    if takes == "maps":
        target = torch.randint(classes, (n, 2, 3), generator=draw)
    if takes == "labels":
        target = torch.nn.functional.one_hot(target, classes)
    if takes == "binary":
        target = (target == 0).long()
    return (scores,) if takes in {"values", "logits"} else (scores, target)


def _inputs(loss: Any, takes: str, **options: Any) -> tuple[Any, ...]:
    return batch(takes, classes=getattr(loss, "n_classes", None) or CLASSES, **options)


def _number(loss: Any, inputs: tuple[Any, ...], takes: str) -> Any:
    """One number, whatever the loss reduces to."""
    return (loss(*inputs) if takes != "logits" else loss(*inputs).square()).sum()


def _check_finite(loss: Any, takes: str, when: str) -> None:
    torch = require("torch", extra="torch")
    inputs = _inputs(loss, takes)
    one = (inputs[0], torch.zeros_like(inputs[1])) if len(inputs) > 1 else inputs
    huge = ((inputs[0].detach() * 1e4).requires_grad_(), *inputs[1:])
    empty = _inputs(loss, takes, n=0)
    for name, given in {"a batch": inputs, "one class": one, "huge scores": huge, "no rows": empty}.items():
        before = [part.detach().clone() for part in given]
        value = _number(loss, given, takes)
        demand(value.grad_fn is not None, f"{name} {when}: the result has no graph; keep it alive")
        (slope,) = torch.autograd.grad(value, given[0])
        fine = bool(torch.isfinite(value)) and bool(torch.isfinite(slope).all())
        demand(
            fine,
            f"{name} {when} gives {value.item()} with gradients up to {_largest(slope)}; both must be finite",
        )
        same = all(torch.equal(old, new) for old, new in zip(before, given, strict=True))
        demand(same, f"{name} {when}: the inputs were changed; copy before writing")
    with torch.no_grad():
        _number(loss, inputs, takes)
        demand(not torch.is_grad_enabled(), "gradients came on inside no_grad; use detach instead")


def _largest(slope: Any) -> float:
    return float(slope.abs().max()) if slope.numel() else 0.0


def _check_precision(loss: Any, takes: str) -> None:
    torch = require("torch", extra="torch")
    for dtype in (torch.float16, torch.bfloat16):
        half = _inputs(loss, takes, dtype=dtype)
        value = _number(loss, half, takes)
        (slope,) = torch.autograd.grad(value, half[0])
        wide = _number(loss, (half[0].detach().float(), *half[1:]), takes)
        close = torch.isclose(value.float(), wide, rtol=0.02, atol=0.02)
        demand(close, f"{dtype} scores give {value.item()}, float32 {wide.item()}; compute in float32 inside")
        demand(bool(torch.isfinite(slope).all()), f"{dtype} scores give gradients that are not finite")


def _check_gradient(loss: Any, takes: str) -> None:
    torch = require("torch", extra="torch")
    from torch.autograd.gradcheck import GradcheckError

    exact = copy.deepcopy(loss).double()
    scores, *rest = _inputs(loss, takes, dtype=torch.float64)
    try:
        torch.autograd.gradcheck(lambda z: exact(z, *rest), (scores,), atol=1e-5, rtol=1e-4)
    except GradcheckError as error:
        first = str(error).strip().splitlines()[0]
        raise NotConforming(f"numeric and analytic gradients differ in float64: {first}") from error


def _check_values(loss: Any, takes: str) -> None:
    torch = require("torch", extra="torch")
    bare, total = copy.deepcopy(loss), copy.deepcopy(loss)
    bare.reduction, total.reduction = "none", "sum"
    scores, target = _inputs(loss, takes)
    values = bare(scores, target)
    demand(torch.isclose(values.sum(), total(scores, target)), "values do not add up to the sum")
    weight = torch.linspace(0.0, 2.0, len(values))
    spread = weight.reshape(-1, *(1,) * (values.dim() - 1))
    demand(
        torch.allclose(bare(scores, target, weight=weight), values * spread),
        "a weight must multiply the values",
    )
    demand_error(
        lambda: bare(scores, target, weight=torch.ones(len(values) + 1)),
        DataError,
        "a weight of another length must raise a DataError",
    )


def _check_compiled(loss: Any, takes: str) -> None:
    torch = require("torch", extra="torch")
    inputs = _inputs(loss, takes)
    plain = _number(copy.deepcopy(loss), inputs, takes)
    torch.compiler.reset()
    try:
        compiled = _number(torch.compile(copy.deepcopy(loss), fullgraph=True, backend="eager"), inputs, takes)
    except Exception as error:
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise NotConforming(f"it does not compile without a graph break: {first}") from error
    demand(torch.isclose(plain, compiled), f"compiled it gives {compiled.item()}, plain {plain.item()}")
