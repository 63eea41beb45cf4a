"""LightGBM as a grower of single trees: codes go in once, trees of scikit-learn come out."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.tree._tree import NODE_DTYPE, Tree

from steelyard.core import Floats
from steelyard.ensemble.bins import MISSING, Bins, Codes, as_values

__all__: list[str] = []

DEEPEST = 12
"""LightGBM holds the histograms of all leaves at once."""


class Histograms:
    """A table of codes in LightGBM's hands; every tree is grown on weights of its own.

    The objective is the weighted squared distance of nothing to the labels 0 and 1, whatever was grown before, so no
    tree knows of another.
    """

    def __init__(self, bins: Bins, codes: Codes, *, depth: int, least: int) -> None:
        self.bins = bins
        self._booster = self._filled(codes, depth, least) if (codes != codes[0]).any() else None

    def _filled(self, codes: Codes, depth: int, least: int) -> Any:
        """A booster that holds the table."""
        import lightgbm

        options = {
            "objective": "none",
            "num_leaves": 2**depth,
            "max_depth": depth,
            "min_data_in_leaf": least,
            "learning_rate": 1.0,
            "max_bin": MISSING,
            "min_data_in_bin": 1,
            "bin_construct_sample_cnt": len(codes),  # no code is lost to a sample
            "feature_pre_filter": False,
            "enable_bundle": False,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": 1,
            "verbosity": -1,
        }
        return lightgbm.Booster(options, lightgbm.Dataset(as_values(codes)[0], params=options))

    def grow(self, positive: Any, weight: Floats) -> Any:
        """The tree for labels (n,) and weights (n,), its thresholds on codes."""
        curvature = weight.astype(np.float32)
        gradient = -curvature * positive
        if not self._booster or self._booster.update(fobj=lambda _scores, _table: (gradient, curvature)):
            return _leaf(float((weight * positive).sum() / weight.sum()), weight, len(self.bins.size))
        last = self._booster.num_trees() - 1
        return _tree(
            self._booster.model_to_string(start_iteration=last, num_iteration=1), len(self.bins.size)
        )


def _tree(text: str, n_columns: int) -> Any:
    """scikit-learn's tree from LightGBM's text of it: inner nodes in the order of their making, then the leaves."""
    start = text.index("Tree=0")
    fields = dict(line.partition("=")[::2] for line in text[start : text.index("\n\n", start)].splitlines())

    def numbers(name: str) -> list[int]:
        return list(map(int, fields[name].split()))

    columns = numbers("split_feature")
    n = len(columns)
    ways = [[at if at >= 0 else n - 1 - at for at in numbers(name)] for name in ("left_child", "right_child")]
    share = [0.0] * n + [min(max(value, 0.0), 1.0) for value in map(float, fields["leaf_value"].split())]
    weight = [0.0] * n + list(map(float, fields["leaf_weight"].split()))
    depth = [0] * len(share)
    children = list(zip(*ways, strict=True))
    for i, (left, right) in enumerate(children):
        depth[left] = depth[right] = depth[i] + 1
    for i in range(n - 1, -1, -1):  # LightGBM's text rounds what inner nodes hold
        left, right = children[i]
        weight[i] = weight[left] + weight[right]
        share[i] = (weight[left] * share[left] + weight[right] * share[right]) / weight[i]
    nodes = np.zeros(len(share), dtype=NODE_DTYPE)
    nodes["n_node_samples"] = numbers("internal_count") + numbers("leaf_count")
    inner = nodes[:n]
    inner["left_child"], inner["right_child"] = ways
    inner["feature"], inner["threshold"] = columns, list(map(float, fields["threshold"].split()))
    inner["missing_go_to_left"] = [
        kind & 2 > 0 if kind & 8 else weight[left] > weight[right]
        for kind, (left, right) in zip(numbers("decision_type"), children, strict=True)
    ]
    return _made(nodes, np.array(share), np.array(weight), n_columns, max(depth))


def _leaf(share: float, weight: Floats, n_columns: int) -> Any:
    """A tree without splits."""
    nodes = np.zeros(1, dtype=NODE_DTYPE)
    nodes["n_node_samples"] = len(weight)
    return _made(nodes, np.array([share]), np.array([weight.sum()]), n_columns, 0)


def _made(nodes: Any, share: Floats, weight: Floats, n_columns: int, depth: int) -> Any:
    """The tree of these nodes, which say how much of the second class they hold."""
    ends = nodes["left_child"] == 0
    nodes["left_child"][ends] = nodes["right_child"][ends] = -1
    nodes["feature"][ends] = nodes["threshold"][ends] = -2
    nodes["impurity"], nodes["weighted_n_node_samples"] = 2 * share * (1 - share), weight
    tree = Tree(n_columns, np.array([2], dtype=np.intp), 1)
    values = np.empty((len(nodes), 1, 2))
    values[:, 0, 0], values[:, 0, 1] = 1 - share, share
    tree.__setstate__({"max_depth": depth, "node_count": len(nodes), "nodes": nodes, "values": values})
    return tree
