from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from steelyard.core import DataError
from steelyard.tasks.tabular.columns.sparse import SparseNumbers, sparse_rows

TABLE = np.array([[0, 5, -4, 1, 0], [0, 0, 2, 1, np.inf], [0, 10, 0, 1, 0]])


def test_trees_get_values_that_vary() -> None:
    part = SparseNumbers(linear=False)
    out = part.learn(sparse_rows(sparse.coo_array(TABLE)))
    assert out.format == "csr"
    assert out.dtype == np.float32
    wanted = TABLE[:, [1, 2, 4]].copy()
    wanted[1, 2] = np.finfo(np.float32).max
    np.testing.assert_array_equal(out.toarray(), wanted)
    assert part.names(list("abcde")) == ["b", "c", "e"]


def test_linear_divides_by_the_largest_magnitude_and_keeps_zeros() -> None:
    part = SparseNumbers(linear=True)
    out = part.learn(sparse_rows(sparse.csr_matrix(TABLE[:, 1:3])))
    np.testing.assert_allclose(out.toarray(), [[0.5, -1], [0, 0.5], [1, 0]])
    new = part.read(sparse_rows(sparse.csr_matrix(np.array([[1e9, np.nan]]))))
    assert new.toarray().tolist() == [[4, 0]]


def test_input_is_left_alone() -> None:
    table = sparse_rows(sparse.csr_matrix(TABLE))
    before = table.copy()
    SparseNumbers(linear=True).learn(table)
    assert (table != before).nnz == 0


def test_text_is_refused() -> None:
    with pytest.raises(DataError, match="real numbers"):
        sparse_rows(sparse.csr_matrix(np.eye(2, dtype=complex)))
