from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.io import arff as scipy_arff

from steelyard.data import read_table

DENSE = """% a comment
@RELATION 'some claims'

@attribute 'the age' NUMERIC
@attribute kind {'a b', c, "it's"}
@attribute note string
@attribute seen date 'yyyy-MM-dd HH:mm'
@attribute day DATE "dd/MM/yy"
@attribute n integer [1, 5]
@data
% another
1.5, 'a b', 'x, y', '2020-01-02 03:04', 31/12/19, 1
?, c, ?, ?, ?, ?

-2e3,"it's", 'don\\'t', '2021-01-02 03:04', '1/1/20', 3, {5}
"""


def write(folder, text, name="t.arff"):
    path = folder / name
    path.write_text(text)
    return path


def test_dense_rows(tmp_path) -> None:
    table = read_table(write(tmp_path, DENSE))
    frame = table.frame
    assert frame["the age"].tolist()[::2] == [1.5, -2000.0]
    assert frame["kind"].tolist() == ["a b", "c", "it's"]
    assert [None if pd.isna(cell) else cell for cell in frame["note"]] == ["x, y", None, "don't"]
    assert frame["seen"].tolist()[::2] == [pd.Timestamp("2020-01-02 03:04"), pd.Timestamp("2021-01-02 03:04")]
    assert frame["day"][0] == pd.Timestamp("2019-12-31")
    assert frame["n"].isna().tolist() == [False, True, False]
    assert table.schema["kind"] == "text"
    assert read_table(write(tmp_path, DENSE), columns=["n"]).frame.shape == (3, 1)


def test_declared_words_stay_text_even_when_they_are_digits(tmp_path) -> None:
    table = read_table(write(tmp_path, "@attribute a {0,1}\n@attribute b string\n@data\n0,7\n1,8\n"))
    assert table.frame["a"].tolist() == ["0", "1"]
    assert table.frame["b"].tolist() == ["7", "8"]


def test_sparse_rows(tmp_path) -> None:
    text = (
        "@attribute a real\n@attribute b {no, yes}\n@attribute c string\n@attribute d real\n@data\n"
        "{1 yes, 3 2.5}\n{}\n{0 ?, 2 'a, b'}\n{ 0 1 ,3 4 }\n"
    )
    frame = read_table(write(tmp_path, text)).frame
    assert frame["a"].tolist()[:2] == [0.0, 0.0]
    assert np.isnan(frame["a"][2])
    assert frame["b"].tolist() == ["yes", "no", "no", "no"]
    assert frame["c"].isna().tolist() == [True, True, False, True]
    assert frame["c"][2] == "a, b"
    assert frame["d"].tolist() == [2.5, 0.0, 0.0, 4.0]


def test_agrees_with_scipy_where_scipy_reads(tmp_path) -> None:
    rng = np.random.default_rng(0)
    rows = [
        f"{a!r},{k}" for a, k in zip(rng.normal(size=50).tolist(), rng.choice(["u", "v"], 50), strict=True)
    ]
    path = write(
        tmp_path, "@relation r\n@attribute a numeric\n@attribute k {u,v}\n@data\n" + "\n".join(rows) + "\n"
    )
    data, _ = scipy_arff.loadarff(path)
    frame = read_table(path).frame
    assert frame["a"].tolist() == data["a"].tolist()
    assert frame["k"].tolist() == [word.decode() for word in data["k"]]


@pytest.mark.parametrize("text", ["@attribute a real\n@data\n1\n", "@ATTRIBUTE a REAL\n@DATA\n1\n"])
def test_keywords_in_any_case(tmp_path, text) -> None:
    assert read_table(write(tmp_path, text)).frame["a"].tolist() == [1]


def test_openml_arff_by_another_reader(tmp_path) -> None:
    arff = pytest.importorskip("arff", reason="liac-arff comes with openml")
    rng = np.random.default_rng(1)
    words = ["plain", "with, comma", "it's", 'say "so"', "per%cent", "a\\b", " edge "]
    rows = [[float(rng.normal()), words[k % len(words)], None if k % 3 else "u"] for k in range(30)]
    content = {
        "relation": "r",
        "attributes": [("x y", "REAL"), ("w", "STRING"), ("k", ["u", "v"])],
        "data": rows,
    }
    frame = read_table(write(tmp_path, arff.dumps(content))).frame
    assert frame["x y"].tolist() == [row[0] for row in rows]
    assert frame["w"].tolist() == [row[1].strip() for row in rows]
    assert [None if pd.isna(cell) else cell for cell in frame["k"]] == [row[2] for row in rows]
