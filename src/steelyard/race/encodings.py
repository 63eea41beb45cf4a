"""Each fold is encoded once per kind of encoding and shared by all arms, through files workers map."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from steelyard.data import Fold
from steelyard.race.problem import Problem, take_rows
from steelyard.tasks.tabular import TableEncoder

__all__ = ["Encodings", "load_matrix", "make_encoder"]


def make_encoder(kind: str) -> Any:
    """The encoder of one kind: "tree" or "linear"."""
    return TableEncoder(kind=kind)


class Encodings:
    """Encoded training and validation rows of the folds of one level, made when first asked for."""

    def __init__(self, problem: Problem, folder: Path) -> None:
        self.problem = problem
        self.folder = folder
        self._made: dict[tuple[str, str], tuple[str, str]] = {}

    def paths(self, fold_key: str, fold: Fold, kind: str) -> tuple[str, str]:
        """Files of the encoded training and validation rows; the encoder sees training rows only."""
        if (fold_key, kind) not in self._made:
            encoder = make_encoder(kind)
            train = encoder.fit_transform(take_rows(self.problem.X, fold.train))
            test = encoder.transform(take_rows(self.problem.X, fold.test))
            stem = self.folder / f"{fold_key}.{kind}"
            self._made[fold_key, kind] = (_save(f"{stem}.train", train), _save(f"{stem}.test", test))
        return self._made[fold_key, kind]

    def clear(self) -> None:
        """Remove the files."""
        self._made.clear()
        shutil.rmtree(self.folder, ignore_errors=True)


def _save(stem: str, matrix: Any) -> str:
    Path(stem).parent.mkdir(parents=True, exist_ok=True)
    is_sparse: bool = sparse.issparse(matrix)
    if is_sparse:
        sparse.save_npz(f"{stem}.npz", matrix.tocsr(), compressed=False)
        return f"{stem}.npz"
    np.save(f"{stem}.npy", np.ascontiguousarray(matrix, dtype=np.float32))
    return f"{stem}.npy"


def load_matrix(path: str) -> NDArray[np.float32] | Any:
    """A dense matrix mapped from disk (private, as some learners refuse read-only rows), or a sparse one read."""
    if path.endswith(".npz"):
        return sparse.load_npz(path)
    return np.load(path, mmap_mode="c")
