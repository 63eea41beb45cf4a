"""The check of losses passes good ones and says in a sentence what is wrong with others."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="losses need torch: pip install 'steelyard[torch]'")

from torch import Tensor  # noqa: E402
from torch.nn import functional as F  # noqa: E402

from steelyard.checks import NotConforming, check_loss  # noqa: E402
from steelyard.core import UsageError  # noqa: E402
from steelyard.losses import FocalLoss, Loss  # noqa: E402
from steelyard.losses.base import ClassLoss  # noqa: E402


class OfRows(ClassLoss):
    def rows(self, scores: Tensor, target: Tensor) -> Tensor:
        return F.cross_entropy(scores, target, reduction="none")


class Overflowing(OfRows):
    def rows(self, scores: Tensor, target: Tensor) -> Tensor:
        return torch.log(scores.exp().sum(1)) - scores.gather(1, target[:, None])[:, 0]


class Half(OfRows):
    def forward(self, scores: Tensor, target: Tensor, /, *, weight: Tensor | None = None) -> Tensor:
        if scores.dtype == torch.float16:
            scores = (scores * 16).round() / 16
            return super().forward(3 * scores, target, weight=weight)
        return super().forward(scores, target, weight=weight)


class Cut(OfRows):
    def rows(self, scores: Tensor, target: Tensor) -> Tensor:
        return super().rows(scores, target) * (1 + scores.detach().sum(1) ** 2)


class Branching(OfRows):
    def rows(self, scores: Tensor, target: Tensor) -> Tensor:
        return super().rows(scores, target) * (2 if scores.sum().item() > 1e9 else 1)


class Dead(OfRows):
    def forward(self, scores: Tensor, target: Tensor, /, *, weight: Tensor | None = None) -> Tensor:
        return super().forward(scores, target, weight=weight) if len(scores) else torch.zeros(())


class Writing(OfRows):
    def rows(self, scores: Tensor, target: Tensor) -> Tensor:
        scores.data.clamp_(-1, 1)
        return super().rows(scores, target)


class Switching(OfRows):
    def rows(self, scores: Tensor, target: Tensor) -> Tensor:
        torch.set_grad_enabled(True)
        return super().rows(scores, target)


class Deaf(OfRows):
    def forward(self, scores: Tensor, target: Tensor, /, *, weight: Tensor | None = None) -> Tensor:
        return super().forward(scores, target)


class Averaged(OfRows):
    def rows(self, scores: Tensor, target: Tensor) -> Tensor:
        costs = super().rows(scores, target)
        return costs / 2 if self.reduction == "none" else costs


def test_good_losses_pass() -> None:
    check_loss(OfRows())
    check_loss(FocalLoss(reduction="sum"))


@pytest.mark.parametrize(
    ("loss", "words"),
    [
        (Overflowing(), "huge scores"),
        (Half(), "float16 scores give"),
        (Cut(), "numeric and analytic gradients differ"),
        (Branching(), "without a graph break"),
        (Dead(), "no rows in training mode: the result has no graph"),
        (Writing(), "the inputs were changed"),
        (Switching(), "gradients came on inside no_grad"),
        (Deaf(), "a weight must multiply"),
        (Averaged(), "do not add up"),
    ],
)
def test_what_is_wrong_is_said(loss: Loss, words: str) -> None:
    with pytest.raises(NotConforming, match=words):
        check_loss(loss)


def test_a_part_that_counts_as_constant_can_be_allowed() -> None:
    check_loss(Cut(), exact_gradient=False)


def test_a_loss_that_cannot_be_saved_is_noticed() -> None:
    loss = OfRows()
    loss.helper = lambda x: x
    with pytest.raises(NotConforming, match="cannot be saved"):
        check_loss(loss)


def test_unknown_inputs_are_refused() -> None:
    with pytest.raises(UsageError, match="takes is 'images'"):
        check_loss(FocalLoss(), takes="images")
