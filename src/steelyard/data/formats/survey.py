"""Look at a file before reading it: its format, encoding and digest, or one sentence on what is wrong."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from steelyard.core import DataError

__all__ = ["Survey", "exists", "open_bytes", "open_text", "survey"]

ENDINGS = {
    ".csv": "delimited",
    ".tsv": "delimited",
    ".tab": "delimited",
    ".txt": "delimited",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
    ".arff": "arff",
}
TEXTUAL = ("delimited", "arff")
BLOCK = 1 << 20

MAGIC = (
    (b"PAR1", "a Parquet file", "give it the ending .parquet"),
    (b"ARROW1", "an Arrow file", "give it the ending .arrow"),
    (b"PK\x03\x04", "a zip archive (or an Excel workbook)", "unpack it, or save the sheet as CSV"),
    (b"PK\x05\x06", "an empty zip archive", "pass a table instead"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "save the sheet as CSV"),
    (b"BZh", "a bzip2 archive", "unpack it, or pack it with gzip"),
    (b"\xfd7zXZ", "an xz archive", "unpack it, or pack it with gzip"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", "unpack it, or pack it with gzip"),
    (b"7z\xbc\xaf", "a 7-zip archive", "unpack it"),
    (b"Rar!", "a RAR archive", "unpack it"),
    (b"SQLite format 3", "an SQLite database", "export the table as CSV"),
    (b"\x89HDF", "an HDF5 file", "export the table as CSV or Parquet"),
    (b"%PDF", "a PDF document", "export the table as CSV"),
    (b"\x93NUMPY", "a numpy array", "export it as CSV or Parquet"),
    (b"\x89PNG", "a picture", "pass a table instead"),
    (b"\xff\xd8\xff", "a picture", "pass a table instead"),
    (b"\x80\x04\x95", "a Python pickle, which is never opened", "export the table as CSV or Parquet"),
    (b"\x80\x05\x95", "a Python pickle, which is never opened", "export the table as CSV or Parquet"),
)
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
PAGE_STARTS = ("<!doctype", "<html", "<head", "<body", "<?xml", "<!--")


@dataclass(frozen=True)
class Survey:
    """What is known of a file before its rows are read.

    Attributes:
        path: the file.
        format: "delimited", "parquet", "arrow" or "arff".
        packed: the file is gzipped.
        encoding: Python's name of the text encoding; "" for binary formats.
        digest: SHA-256 of the bytes on disk.
        odd_quotes: the text holds an odd number of double quotes, so one of them may never be closed.
        notes: what had to be guessed.
    """

    path: Path
    format: str
    packed: bool = False
    encoding: str = ""
    digest: str = ""
    odd_quotes: bool = False
    notes: tuple[str, ...] = ()


def survey(path: str | Path, form: str | None = None) -> Survey:
    """Check a file and say how to read it; bad files raise a DataError of one sentence.

    `form` names the format where the ending does not.
    """
    file = Path(path)
    if not exists(file):
        raise DataError(f"there is no file {str(file)[:200]!r}; check the path")
    if file.is_dir():
        raise DataError(f"{str(file)!r} is a folder, a table is one file; name the file in it")
    if file.stat().st_size == 0:
        raise DataError(f"{file.name!r} is empty (0 bytes); pass a file with a header and rows")
    form = form or format_of(file)
    try:
        digest = _digest(file)
    except OSError as error:
        raise DataError(f"{str(file)!r} cannot be read ({error.strerror}); check its permissions") from error
    if form not in TEXTUAL:
        return Survey(file, form, digest=digest)
    packed = _starts_packed(file)
    head = _head(file, packed)
    _refuse_strangers(file, head)
    encoding, note, odd = _encoding(file, packed, head)
    return Survey(file, form, packed, encoding, digest, odd, (note,) if note else ())


def exists(file: Path) -> bool:
    """Whether there is such a file; a name no file system takes is none."""
    try:
        return file.exists()
    except OSError:
        return False


def format_of(file: Path) -> str:
    """The format a file's ending stands for."""
    endings = [ending.lower() for ending in file.suffixes]
    if endings[-1:] == [".gz"]:
        endings = endings[:-1]
    form = ENDINGS.get(endings[-1] if endings else "")
    if form is None:
        known = ", ".join(ENDINGS)
        raise DataError(
            f"{file.name!r} has an ending steelyard does not read; it reads {known}, "
            "and text formats with .gz added"
        )
    return form


@contextmanager
def open_bytes(file: Path, packed: bool) -> Iterator[gzip.GzipFile | io.BufferedReader]:
    """The unpacked bytes of a file; damage in the packing is a DataError."""
    try:
        with gzip.open(file) if packed else file.open("rb") as stream:
            yield stream
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{file.name!r} is damaged gzip ({error}); pack or download it again") from error


@contextmanager
def open_text(file: Survey) -> Iterator[io.TextIOWrapper]:
    """The unpacked text of a file, with its line ends as they are."""
    with (
        open_bytes(file.path, file.packed) as stream,
        io.TextIOWrapper(stream, encoding=file.encoding, newline="") as text,
    ):
        yield text


def _binary_lines(stream: gzip.GzipFile | io.BufferedReader) -> Iterator[bytes]:
    """Lines without their ends, be these line feeds, carriage returns or both."""
    rest = b""
    while block := stream.read(BLOCK):
        lines = (rest + block).splitlines(keepends=True)
        rest = lines.pop() if not lines[-1].endswith(b"\n") else b""
        yield from (line.rstrip(b"\r\n") for line in lines)
    yield from rest.splitlines()


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _starts_packed(file: Path) -> bool:
    with file.open("rb") as stream:
        return stream.read(2) == b"\x1f\x8b"


def _head(file: Path, packed: bool) -> bytes:
    with open_bytes(file, packed) as stream:
        head = stream.read(BLOCK)
    if not head.strip():
        raise DataError(f"{file.name!r} holds nothing but blanks; pass a file with a header and rows")
    return head


def _refuse_strangers(file: Path, head: bytes) -> None:
    for magic, what, advice in MAGIC:
        if head.startswith(magic):
            raise DataError(
                f"{file.name!r} is {what}, by its first bytes, not the text its name promises; {advice}"
            )
    start = head.removeprefix(codecs.BOM_UTF8)[:200].lstrip().lower().decode("latin-1")
    if start.startswith(PAGE_STARTS):
        raise DataError(
            f"{file.name!r} is a web page or XML, not a table; download the file itself, not its page"
        )
    if start.startswith(('{"', "[{", '{\n"')):
        raise DataError(f"{file.name!r} is JSON, not a delimited table; convert it to CSV or Parquet")


def _encoding(file: Path, packed: bool, head: bytes) -> tuple[str, str, bool]:
    marked = next((name for mark, name in BYTE_ORDER_MARKS if head.startswith(mark)), "")
    encoding = marked or "utf-8"
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    quotes, lines = 0, 1
    with open_bytes(file, packed) as stream:
        try:
            while block := stream.read(BLOCK):
                text = decoder.decode(block)
                if "\0" in text:
                    _refuse_nul(file, head, lines + text[: text.index("\0")].count("\n"))
                quotes += text.count('"')
                lines += text.count("\n")
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            if marked:
                raise DataError(
                    f"{file.name!r} starts as {marked.upper()} but is not ({error.reason}); save it as UTF-8"
                ) from error
            return _older_encoding(file, packed, head)
    return encoding, "", quotes % 2 == 1


def _refuse_nul(file: Path, head: bytes, line: int) -> None:
    if head[1::2].count(0) > len(head) // 4 or head[::2].count(0) > len(head) // 4:
        raise DataError(
            f"{file.name!r} looks like UTF-16 without its byte order mark; save it as UTF-8"
        ) from None
    raise DataError(
        f"{file.name!r} holds NUL bytes (line {line}), so it is binary or damaged; export the table again"
    ) from None


def _older_encoding(file: Path, packed: bool, head: bytes) -> tuple[str, str, bool]:
    """Windows-1252 or Latin-1 for a file that is not UTF-8, unless some of its lines clearly are UTF-8."""
    utf8_line = other_line = quotes = 0
    control = False
    with open_bytes(file, packed) as stream:
        for number, line in enumerate(_binary_lines(stream), start=1):
            if b"\0" in line:
                _refuse_nul(file, head, number)
            quotes += line.count(b'"')
            if line.isascii():
                continue
            control = control or any(byte in line for byte in (b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d"))
            try:
                line.decode("utf-8")
                utf8_line = utf8_line or number
            except UnicodeDecodeError:
                other_line = other_line or number
    if utf8_line and other_line:
        raise DataError(
            f"{file.name!r} mixes encodings: line {utf8_line} is UTF-8, line {other_line} is not; "
            "convert all of it to UTF-8"
        )
    encoding, title = ("latin-1", "Latin-1") if control else ("cp1252", "Latin-1 (Windows-1252)")
    note = f"{file.name} is not UTF-8 (line {other_line}) and was read as {title}; check accented letters"
    return encoding, note, quotes % 2 == 1
