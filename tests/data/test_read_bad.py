"""Bad files: each gives one clear sentence, from `read_table` and from `stream_table` alike."""

from __future__ import annotations

import gzip
import io
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from steelyard.core import DataError
from steelyard.data import read_table, stream_table


def parquet(frame: pd.DataFrame) -> bytes:
    sink = io.BytesIO()
    frame.to_parquet(sink)
    return sink.getvalue()


def feather(frame: pd.DataFrame) -> bytes:
    sink = io.BytesIO()
    frame.to_feather(sink)
    return sink.getvalue()


def zipped() -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("a.csv", "a,b\n1,2\n")
    return sink.getvalue()


GOOD = pd.DataFrame({"a": range(1000), "b": ["x"] * 1000})
BAD: dict[str, tuple[str, bytes | Callable[[], bytes], str]] = {
    "empty": ("t.csv", b"", r"is empty \(0 bytes\)"),
    "blank": ("t.csv", b"\n \n\n", "nothing but blanks"),
    "header only": ("t.csv", b"a,b\n", "has a header but no rows"),
    "header without line end": ("t.csv", b"a,b", "has a header but no rows"),
    "zip as csv": ("t.csv", zipped, "is a zip archive"),
    "parquet as csv": ("t.csv", lambda: parquet(GOOD), r"is a Parquet file, .*\.parquet"),
    "pickle as csv": ("t.csv", lambda: pickle.dumps(GOOD), "is a Python pickle, which is never opened"),
    "old Excel": ("t.csv", b"\xd0\xcf\x11\xe0rest", "is an old Excel workbook"),
    "cut Parquet": ("t.parquet", lambda: parquet(GOOD)[:3000], "is not a whole Parquet file"),
    "text as Parquet": ("t.parquet", b"a,b\n1,2\n", "is not a whole Parquet file"),
    "cut Feather": ("t.feather", lambda: feather(GOOD)[:500], "is not a whole Arrow file"),
    "Feather 1": ("t.feather", b"FEA1....FEA1", "Feather file of the first version"),
    "nested": ("t.parquet", lambda: parquet(pd.DataFrame({"a": [[1, 2]]})), "column 'a' .*list"),
    "no rows": ("t.parquet", lambda: parquet(GOOD[:0]), "has a header but no rows"),
    "no columns": ("t.parquet", lambda: parquet(pd.DataFrame(index=range(3))), "has no columns"),
    "twice": ("t.csv", b"a,b, a\n1,2,3\n", "more than one column named 'a'"),
    "long row": ("t.csv", b"a,b\n1,2\n\n3,4,5\n", "line 4 of 't.csv' has 3 cells, the header has 2"),
    "short row": ("t.csv", b'a,b\n1,"x\ny"\n3\n', "line 4 of 't.csv' has 1 cell, the header has 2"),
    "open quote": ("t.csv", b'a,b\n1,"2\n3,4\n5,6\n', "opens a quoted cell in line 2 that never ends"),
    "numbers for a header": ("t.csv", b"5.1,3.5\n4.9,3.0\n", "so the header is missing"),
    "mixed": ("t.csv", "a\né\n".encode() + "ü\n".encode("latin-1"), "line 2 is UTF-8, line 3 is not"),
    "NUL": ("t.csv", b"a,b\n1,2\n3,\0\n", r"holds NUL bytes \(line 3\)"),
    "NUL beside Latin-1": ("t.csv", b"a,b\n\xe9,2\n3,\0\n", r"holds NUL bytes \(line 3\)"),
    "UTF-16 unmarked": ("t.csv", "a,b\n1,2\n".encode("utf-16-le"), "UTF-16 without its byte order mark"),
    "broken UTF-16": ("t.csv", b"\xff\xfe\x61", "starts as UTF-16 but is not"),
    "ending": ("t.xyz", b"a,b\n1,2\n", "an ending steelyard does not read; it reads .csv"),
    "no ending": ("table", b"a,b\n1,2\n", "an ending steelyard does not read"),
    "web page": ("t.csv", b"\n <!DOCTYPE html>\n<html><body>a,b</body></html>", "is a web page"),
    "JSON": ("t.csv", b'[{"a": 1}]', "is JSON"),
    "cut gzip": ("t.csv.gz", lambda: gzip.compress(b"a,b\n" + b"1,2\n" * 99999)[:90], "is damaged gzip"),
    "no gzip": ("t.csv.gz", b"\x1f\x8bzzzz", "is damaged gzip"),
    "ARFF without @": ("t.arff", b"a,b\n1,2\n", "line 1 of 't.arff' is neither a comment nor"),
    "ARFF without data": ("t.arff", b"@relation r\n@attribute a numeric\n", "has no @data line"),
    "ARFF without columns": ("t.arff", b"@relation r\n@data\n1\n", "has no @attribute line"),
    "ARFF without rows": ("t.arff", b"@attribute a numeric\n@data\n% none\n", "has a header but no rows"),
    "ARFF long row": ("t.arff", b"@attribute a numeric\n@data\n1,2\n", "line 3 .* has 2 cells, 1 declared"),
    "ARFF unknown word": (
        "t.arff",
        b"@attribute a {x,y}\n@data\nx\nz\n",
        "line 4 .* holds 'z' in column 'a'",
    ),
    "ARFF unknown type": ("t.arff", b"@attribute a relational\n@data\n1\n", "declares 'a' as 'relational'"),
    "ARFF no type": ("t.arff", b"@attribute\n@data\n1\n", "line 1 .* declares no column"),
    "ARFF text for number": ("t.arff", b"@attribute a real\n@data\nabc\n", "column 'a' holds 'abc' in row 1"),
    "ARFF date": (
        "t.arff",
        b"@attribute a date yyyy-MM-dd\n@data\n2020-13-01\n",
        "holds '2020-13-01' in date",
    ),
    "ARFF date form": ("t.arff", b"@attribute a date EEE\n@data\nMon\n", "uses the date form 'EEE'"),
    "ARFF sparse": (
        "t.arff",
        b"@attribute a real\n@data\n{7 1}\n",
        "sparse cell '7 1'; expected a place below 1",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_files_give_one_sentence(tmp_path: Path, case: str) -> None:
    name, content, message = BAD[case]
    path = tmp_path / name
    path.write_bytes(content() if callable(content) else content)
    with pytest.raises(DataError, match=message) as caught:
        read_table(path)
    assert "\n" not in str(caught.value)
    assert not str(caught.value).endswith(".")
    assert ". " not in str(caught.value)
    with pytest.raises(DataError) as streamed:
        list(stream_table(path))
    assert str(streamed.value) == str(caught.value)


def test_no_file_and_folders(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no file .*missing.csv"):
        read_table(tmp_path / "missing.csv")
    with pytest.raises(DataError, match="there is no file 'claims.csv.gz'"):
        read_table("claims.csv.gz")
    with pytest.raises(DataError, match="is a folder, a table is one file"):
        read_table(str(tmp_path))
    with pytest.raises(DataError, match="there is no file"):
        read_table("x" * 5000 + ".csv")


def test_a_file_that_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2\n")

    def refuse(*_args: object, **_named: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(DataError, match=r"cannot be read \(Permission denied\); check its permissions"):
        read_table(path)
