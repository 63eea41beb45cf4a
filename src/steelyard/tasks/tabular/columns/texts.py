"""Free text: word and character n-grams, folded into a few directions."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

from steelyard.tasks.tabular.columns.values import texts

__all__ = ["Texts"]

FEATURES = 10_000  # n-grams kept of each kind


class Texts:
    """One text column as `n_components` singular directions of its TF-IDF n-grams, and its length.

    N-grams are one or two words, and two to four characters within a word. Missing text counts as empty.
    """

    measured = True

    def __init__(self, column: Hashable, *, n_components: int, seed: int) -> None:
        self.column = column
        self.n_components = n_components
        self.seed = seed

    def learn(self, frame: pd.DataFrame) -> NDArray[Any]:
        """Learn vocabulary and directions and return the features of `frame`."""
        words = texts(frame[self.column])
        shared: dict[str, Any] = {"sublinear_tf": True, "max_features": FEATURES, "dtype": np.float32}
        self.grams_ = [
            TfidfVectorizer(ngram_range=(1, 2), **shared),
            TfidfVectorizer(ngram_range=(2, 4), analyzer="char_wb", **shared),
        ]
        counted = []
        for gram in list(self.grams_):
            try:
                counted.append(gram.fit_transform(words))
            except ValueError:  # no such n-gram anywhere, for example only punctuation
                self.grams_.remove(gram)
        self.fold_ = None
        if counted:
            table = _joined(counted)
            n_components = min(self.n_components, *table.shape)
            self.fold_ = TruncatedSVD(n_components, random_state=self.seed).fit(table)
            return self._features(words, table)
        return self._features(words, None)

    def read(self, frame: pd.DataFrame) -> NDArray[Any]:
        """The features (n, m) of new rows."""
        words = texts(frame[self.column])
        counted = [gram.transform(words) for gram in self.grams_]
        return self._features(words, _joined(counted) if counted else None)

    def names(self) -> list[str]:
        """`column_0`, `column_1`, …, `column_length`."""
        n_components = 0 if self.fold_ is None else len(self.fold_.components_)
        return [*(f"{self.column}_{i}" for i in range(n_components)), f"{self.column}_length"]

    def _features(self, words: list[str], table: Any) -> NDArray[np.float64]:
        length = np.log1p([len(word) for word in words])[:, None]
        return length if self.fold_ is None else np.hstack([self.fold_.transform(table), length])


def _joined(counted: list[Any]) -> Any:
    table = sparse.hstack(counted, format="csr")
    table.sort_indices()  # sums then run in one order, in training and later
    return table
