"""Accuracy relative to what balanced data of the same size would have given."""

from __future__ import annotations

from steelyard.core import UsageError

__all__ = ["relative_accuracy"]


def relative_accuracy(accuracy: float, plain_balanced: float, own_balanced: float | None = None) -> float:
    r"""How much of its upper reference a method reaches on a long tail.

    When to use it: to compare methods for long tails that also differ in network, augmentation or training length: a
    better backbone raises accuracy and its reference alike.

    :math:`A_r = A_t / \max(A_v, A_b)`.

    Args:
        accuracy: :math:`A_t`, of the method trained on the long tail.
        plain_balanced: :math:`A_v`, of plain training with the same network on the balanced twin
            (`data.balanced_twin`).
        own_balanced: :math:`A_b`, of the method itself on the balanced twin; None for plain training.

    Returns:
        The ratio; above 1 when the long tail did better than either reference.

    Raises:
        UsageError: a reference of 0.

    >>> round(relative_accuracy(0.45, 0.60, 0.50), 4)
    0.75

    Source: Zhang, Kang, Hooi, Yan, Feng (2023), Deep Long-Tailed Learning: A Survey.
    """
    upper = plain_balanced if own_balanced is None else max(plain_balanced, own_balanced)
    if not upper > 0:
        raise UsageError(f"the upper reference is {upper}; a share of it needs one above 0")
    return accuracy / upper
