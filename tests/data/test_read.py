from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from steelyard.core import DataError, UsageError
from steelyard.data import Table, read_table, stream_table, write_table

TEXT = (
    'id,amount,day,late,note\n1,2.5,2024-02-29,true,é\n2,,2024-03-01,false,"a, b"\n3,7,2024-03-02,true,NA\n'
)


def put(folder: Path, name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def assert_is_text_table(table: Table) -> None:
    frame = table.frame
    assert frame["id"].tolist() == [1, 2, 3]
    assert frame["amount"].tolist()[::2] == [2.5, 7.0]
    assert np.isnan(frame["amount"][1])
    assert frame["day"].tolist() == list(pd.to_datetime(["2024-02-29", "2024-03-01", "2024-03-02"]))
    assert frame["late"].tolist() == [True, False, True]
    assert frame["note"].tolist()[:2] == ["é", "a, b"]
    assert frame["note"].isna().tolist() == [False, False, True]
    assert isinstance(frame.index, pd.RangeIndex)
    assert dict(table.schema) == {
        "id": "number",
        "amount": "number",
        "day": "date",
        "late": "bool",
        "note": "text",
    }


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.csv", TEXT.encode()),
        ("t.csv.gz", gzip.compress(TEXT.encode())),
        ("t.csv", gzip.compress(TEXT.encode())),
        ("bom.csv", b"\xef\xbb\xbf" + TEXT.encode()),
        ("utf16.csv", TEXT.encode("utf-16")),
        ("utf32.txt", TEXT.encode("utf-32")),
        ("crlf.csv", TEXT.replace("\n", "\r\n").encode()),
        ("cr.csv", TEXT.replace("\n", "\r").encode()),
        ("blank-start.csv", b"\n\n" + TEXT.encode()),
        ("no-end.csv", TEXT.rstrip("\n").encode()),
        ("padded.csv", TEXT.replace("2.5", "  2.5 ").replace("amount", " amount ").encode()),
    ],
)
def test_one_table_in_many_wrappings(tmp_path, name, content) -> None:
    path = put(tmp_path, name, content)
    table = read_table(path)
    assert_is_text_table(table)
    assert table.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert table.notes == ()
    assert table.name == name.partition(".")[0]


@pytest.mark.parametrize(
    ("ending", "delimiter"), [("csv", ";"), ("csv", "|"), ("csv", "\t"), ("tsv", "\t"), ("txt", ",")]
)
def test_the_delimiter_is_found(tmp_path, ending, delimiter) -> None:
    text = TEXT.replace('"a, b"', "@").replace(",", delimiter).replace("@", '"a, b"')
    assert_is_text_table(read_table(put(tmp_path, f"t.{ending}", text)))


@pytest.mark.parametrize("ending", ["csv", "tsv", "csv.gz", "tsv.gz", "parquet", "feather", "arrow"])
def test_written_tables_come_back(tmp_path, ending) -> None:
    frame = read_table(put(tmp_path, "t.csv", TEXT)).frame
    write_table(frame.set_index(frame.index + 5), tmp_path / f"out.{ending}")
    assert_is_text_table(read_table(tmp_path / f"out.{ending}"))
    assert [path.name for path in sorted(tmp_path.iterdir())] == [f"out.{ending}", "t.csv"]


def test_a_table_is_written_whole_or_not_at_all(tmp_path) -> None:
    with pytest.raises(DataError, match=r"'out.xlsx' has no ending a table can be written to"):
        write_table(pd.DataFrame({"x": [1]}), tmp_path / "out.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_latin_1_is_read_with_a_note(tmp_path) -> None:
    table = read_table(put(tmp_path, "old.csv", "name\nJosé\n“quoted”\n", "cp1252"))
    assert table.frame["name"].tolist() == ["José", "“quoted”"]
    assert "not UTF-8 (line 2)" in table.notes[0]
    table = read_table(put(tmp_path, "older.csv", b"name\nJos\xe9\n\x81\n"))
    assert table.frame["name"].tolist() == ["José", "\x81"]


def test_markup_and_formulas_are_just_text(tmp_path) -> None:
    cells = ["=1+1", "<script>alert(1)</script>", "@SUM(A1)", "'; drop table x"]
    write_table(pd.DataFrame({"<b>x</b>": cells, "=y": range(4)}), tmp_path / "t.csv")
    table = read_table(tmp_path / "t.csv")
    assert table.frame["<b>x</b>"].tolist() == cells
    assert list(table.frame.columns) == ["<b>x</b>", "=y"]


def test_long_cells_and_line_breaks_in_cells(tmp_path) -> None:
    cells = ["z" * 300_000, "two\nlines", 'a "quote"', '5" pipe']
    write_table(pd.DataFrame({"a": range(4), "b": cells}), tmp_path / "t.csv")
    assert read_table(tmp_path / "t.csv").frame["b"].tolist() == cells
    assert read_table(put(tmp_path, "inch.csv", 'a,b\n1,5" pipe\n')).frame["b"].tolist() == ['5" pipe']


def test_blank_headers_get_names_that_are_free(tmp_path) -> None:
    table = read_table(put(tmp_path, "t.csv", ",column 1,\n1,2,3\n"))
    assert list(table.frame.columns) == ["column 1'", "column 1", "column 3"]
    assert "columns without a name" in table.notes[0]


def test_columns_are_chosen_by_name_and_kept_in_order(tmp_path) -> None:
    path = put(tmp_path, "t.csv", TEXT)
    assert list(read_table(path, columns=["note", "id"]).frame.columns) == ["id", "note"]
    with pytest.raises(DataError, match="no column 'amont'; did you mean amount"):
        read_table(path, columns=["amont"])
    with pytest.raises(DataError, match="no column of 't.csv' was asked for"):
        read_table(path, columns=[])


def test_wide_tables_need_a_choice(tmp_path) -> None:
    names = [f"c{k}" for k in range(10_000)]
    path = put(tmp_path, "wide.csv", ",".join(names) + "\n" + ",".join("1" * 10_000) + "\n")
    with pytest.raises(DataError, match=r"has 10,000 columns, at most 5,000 .*columns=\["):
        read_table(path)
    assert read_table(path, columns=["c9999", "c3"]).frame.to_dict("list") == {"c3": [1], "c9999": [1]}


def test_a_schema_forces_kinds(tmp_path) -> None:
    path = put(tmp_path, "t.csv", "zip,when,n\n12345,1/2/2020,1\n54321,3/4/2020,2\n")
    plain = read_table(path)
    assert dict(plain.schema) == {"zip": "number", "when": "text", "n": "number"}
    assert "both as day/month and as month/day" in plain.notes[0]
    forced = read_table(path, schema={"zip": "text", "when": "date-dmy"})
    assert forced.frame["zip"].tolist() == ["12345", "54321"]
    assert forced.frame["when"][1] == pd.Timestamp("2020-04-03")
    assert forced.notes == ()
    with pytest.raises(DataError, match="names column 'zipp'"):
        read_table(path, schema={"zipp": "text"})
    with pytest.raises(UsageError, match="'zip' is to be read as 'string'"):
        read_table(path, schema={"zip": "string"})


def test_decimal_commas_belong_to_semicolon_files(tmp_path) -> None:
    frame = read_table(put(tmp_path, "eu.csv", "a;b;c\n1,5;1.234;x\n-2,25;12;y\n1.000,5;3;z\n")).frame
    assert frame["a"].tolist() == [1.5, -2.25, 1000.5]
    assert frame["b"].tolist() == [1234, 12, 3]
    frame = read_table(put(tmp_path, "us.csv", "a;b\n1,500;1.5\n2,250;2.5\n")).frame
    assert frame["a"].tolist() == [1500, 2250]


def test_parquet_types_are_kept(tmp_path) -> None:
    zoned = pd.to_datetime(["2024-01-01 12:00", None]).tz_localize("Europe/Paris")
    frame = pd.DataFrame(
        {
            "whole": [1, 2],
            "gaps": pd.array([1, None], dtype="Int64"),
            "flag": pd.array([True, None], dtype="boolean"),
            "when": zoned,
            "kind": pd.Categorical(["1", "2"]),
            "words": ["1,234", "5"],
            "span": pd.to_timedelta([90, 30], unit="s"),
            "none": [None, None],
        },
        index=["p", "q"],
    )
    frame.to_parquet(tmp_path / "t.parquet")
    table = read_table(tmp_path / "t.parquet")
    got = table.frame
    assert list(got.columns) == list(frame.columns)
    assert got["whole"].dtype == "int64"
    assert got["gaps"].dtype == "float64"
    assert got["flag"].tolist() == [True, pd.NA]
    assert got["when"].dtype == "datetime64[us]"
    assert got["when"][0] == pd.Timestamp("2024-01-01 11:00")
    assert got["kind"].tolist() == ["1", "2"]
    assert got["words"].tolist() == [1234, 5]
    assert got["span"].tolist() == [90.0, 30.0]
    assert table.schema["none"] == "empty"
    as_text = read_table(tmp_path / "t.parquet", schema={"whole": "text", "words": "text"}).frame
    assert as_text["whole"].tolist() == ["1", "2"]
    assert as_text["words"].tolist() == ["1,234", "5"]


def test_arrow_streams_are_read_too(tmp_path) -> None:
    import pyarrow as pa

    table = pa.table({"x": [1, 2], "u": pa.array([2**63, 1], pa.uint64())})
    with pa.OSFile(str(tmp_path / "t.arrow"), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    assert read_table(tmp_path / "t.arrow").frame["u"].tolist() == [2.0**63, 1.0]


def test_names_of_data_sets_are_read_as_tables() -> None:
    table = read_table("breast-cancer", columns=["diagnosis", "mean radius"])
    assert table.frame.shape == (569, 2)
    assert dict(table.schema) == {"mean radius": "number", "diagnosis": "text"}
    with pytest.raises(UsageError, match="'breast-cancr' is neither a file nor .*did you mean breast-cancer"):
        read_table("breast-cancr")


def test_chunks_put_together_are_the_table(tmp_path) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"x": rng.normal(size=1000), "k": rng.integers(0, 9, 1000), "w": rng.choice(["a", "b"], 1000)}
    )
    for ending in ("csv", "csv.gz", "parquet", "feather"):
        write_table(frame, tmp_path / f"t.{ending}")
        whole = read_table(tmp_path / f"t.{ending}")
        chunks = list(stream_table(tmp_path / f"t.{ending}", chunk_rows=300))
        assert [len(chunk) for chunk in chunks] == [300, 300, 300, 100]
        joined = pd.concat(chunks)
        pd.testing.assert_frame_equal(joined, whole.frame.astype({"k": "float64"}), check_index_type=False)
    named = list(stream_table("breast-cancer", chunk_rows=500))
    assert [len(chunk) for chunk in named] == [500, 69]


def test_dtypes_are_the_same_in_every_chunk(tmp_path) -> None:
    path = put(
        tmp_path,
        "t.csv",
        "n,b,d,w,e\n1,true,2020-01-01,x,\n,false,2020-01-02,7,\n2.5,,,8,9\n3,true,2020-01-04,,word\n",
    )
    chunks = list(stream_table(path, chunk_rows=1))
    assert len({tuple(map(str, chunk.dtypes)) for chunk in chunks}) == 1
    assert [str(dtype) for dtype in chunks[0].dtypes][:3] == ["float64", "boolean", "datetime64[us]"]
    assert chunks[3].index.tolist() == [3]
    # nothing is known of column e in the first chunk, so what comes later is kept as text
    assert [chunk["e"].tolist()[0] for chunk in chunks][2:] == ["9", "word"]


def test_a_later_chunk_that_does_not_fit_is_named(tmp_path) -> None:
    path = put(tmp_path, "t.csv", "age\n1\n2\nold\n")
    with pytest.raises(DataError, match=r"column 'age' holds 'old' in row 3, expected a number"):
        list(stream_table(path, chunk_rows=2))
    texts = [chunk["age"].tolist() for chunk in stream_table(path, chunk_rows=2, schema={"age": "text"})]
    assert texts == [["1", "2"], ["old"]]


def test_new_rows_are_read_as_the_training_rows_were(tmp_path) -> None:
    train = read_table(put(tmp_path, "train.csv", "when,zip,n\n13/1/2020,01234,1\n2/1/2020,98765,2\n"))
    assert dict(train.schema) == {"when": "date-dmy", "zip": "text", "n": "number"}
    new = put(tmp_path, "new.csv", "when,zip,n\n2/1/2020,11111,none\n2020-03-04,22222,3\n")
    chunk = next(iter(stream_table(new, schema=train.schema)))
    assert chunk["when"].tolist() == [pd.Timestamp("2020-01-02"), pd.Timestamp("2020-03-04")]
    assert chunk["zip"].tolist() == ["11111", "22222"]
    assert chunk["n"].isna().tolist() == [True, False]
    with pytest.raises(DataError, match="names column 'when'"):
        list(stream_table(put(tmp_path, "less.csv", "zip,n\n1,1\n"), schema=train.schema))


def test_chunks_need_rows(tmp_path) -> None:
    with pytest.raises(DataError, match="chunk_rows is 0"):
        next(stream_table(put(tmp_path, "t.csv", TEXT), chunk_rows=0))
    with pytest.raises(DataError, match="header but no rows"):
        next(stream_table(put(tmp_path, "none.csv", "a,b\n")))
