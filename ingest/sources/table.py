"""CSV and TSV: a header, then one entity a row. Delimiter and encoding are seen from the file."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.sources.base import BadLine, Document
from ingest.sources.columns import Columns
from ingest.sources.files import kind_of, open_bytes
from ingest.sources.jsonl import shaped
from plugin.assets.problems import near
from plugin.errors import IngestError

ENDINGS = (".csv", ".tsv", ".tab")
DELIMITERS = ",;\t|"
CELL_CHARACTERS = 5 * 1024 * 1024
SAMPLE = 256 * 1024
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MULTIBYTE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is written down."""

    header: tuple[str, ...]
    delimiter: str
    encoding: str


@dataclass(frozen=True, slots=True)
class Table:
    """Entities from ``path``, by ``columns``; ``defaults`` fill fields that a row lacks."""

    path: Path
    layout: Layout
    columns: Columns
    defaults: dict[str, Any]

    def read(self) -> Iterator[Document | BadLine]:
        """See :class:`ingest.sources.base.Source`."""
        for place, row in rows(self.path, self.layout):
            if isinstance(row, BadLine):
                yield row
            else:
                yield shaped(row, self.columns, self.defaults, place)


def look(path: Path, columns: Columns) -> Layout:
    """Header, delimiter and encoding of a file, as ``columns`` says or as it looks.

    Raises:
        IngestError: there is no usable header, or the mapping names columns that are not there.
    """
    csv.field_size_limit(CELL_CHARACTERS)
    with open_bytes(path) as stream:
        sample = stream.read(SAMPLE)
    encoding = columns.encoding or _encoding(sample)
    try:
        text = codecs.getincrementaldecoder(encoding)("replace").decode(sample)
    except LookupError:
        raise IngestError(f"{path}: there is no encoding {encoding!r}; utf-8 is usual") from None
    delimiter = columns.delimiter or _delimiter(path, text)
    if len(delimiter) != 1:
        raise IngestError(f"{path}: the delimiter must be one sign, not {delimiter!r}")
    try:
        header = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    except csv.Error as error:
        raise IngestError(f"{path}: its first line is no header: {error}") from error
    names = tuple(cell.strip() for cell in header)
    _check_header(path, names)
    return Layout(names, delimiter, encoding)


def check_columns(path: Path, layout: Layout, columns: Columns, name: str) -> None:
    """Refuse a mapping that names columns which the file does not have, or that fills no name.

    Raises:
        IngestError: with the columns that there are.
    """
    there = f"its columns are {', '.join(layout.header)}"
    for column in sorted(columns.named() - set(layout.header)):
        hint = near(column, layout.header)
        raise IngestError(f"{path} has no column {column!r}; {hint}")
    if name not in columns.fields:
        raise IngestError(
            f"{path}: no column is the {name}; {there}. Say --field {name}=COLUMN, or write a "
            "columns.toml; `ltrr init DIR --from-csv FILE` makes one by looking at the data."
        )


def rows(path: Path, layout: Layout) -> Iterator[tuple[str, dict[str, Any] | BadLine]]:
    """Every row with its place (file:line where it begins); blank rows are passed over.

    Raises:
        IngestError: the file cannot be read.
    """
    csv.field_size_limit(CELL_CHARACTERS)
    with open_bytes(path) as stream:
        # A byte that is no text costs its row only.
        text = io.TextIOWrapper(stream, layout.encoding, errors="surrogateescape", newline="")
        reader = csv.reader(text, delimiter=layout.delimiter, strict=True)
        following = _following(reader)
        following()  # the header
        while True:
            place = f"{path.name}:{reader.line_num + 1}"
            row = following()
            if row is None:
                return
            if isinstance(row, str):
                yield place, BadLine(place, row)
            elif any(cell.strip() for cell in row):
                yield place, _row(row, layout, place)


def _row(row: list[str], layout: Layout, place: str) -> dict[str, Any] | BadLine:
    width = len(layout.header)
    if len(row) != width:
        # Programs leave out, or add, empty cells at the end.
        if any(cell.strip() for cell in row[width:]) or len(row) < width - 1:
            return BadLine(place, f"{len(row)} cells, but the header has {width}")
        row = [*row, ""][:width]
    for name, cell in zip(layout.header, row, strict=True):
        if any("\udc80" <= sign <= "\udcff" for sign in cell):
            return BadLine(place, f"column {name}: it is not {layout.encoding} text")
    return dict(zip(layout.header, row, strict=True))


def _following(reader: Any) -> Callable[[], list[str] | str | None]:
    """The next row, why it is none, or None at the end."""

    def step() -> list[str] | str | None:
        try:
            return list(next(reader))
        except StopIteration:
            return None
        except csv.Error as error:
            return f"not a row: {error}"
        except UnicodeError as error:
            raise IngestError(f"the file cannot be decoded: {error}") from error

    return step


def _encoding(sample: bytes) -> str:
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return name
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        # A few bad bytes among good ones are bad bytes; else it is what spreadsheets write.
        good = len(_MULTIBYTE.findall(sample))
        bad = sum(0xDC80 <= ord(c) <= 0xDCFF for c in sample.decode("utf-8", "surrogateescape"))
        return "utf-8" if good > bad else "cp1252"
    return "utf-8"


def _delimiter(path: Path, text: str) -> str:
    """The sign that makes the most columns of which the first rows have equally many."""
    if kind_of(path) in (".tsv", ".tab"):
        return "\t"

    def fit(delimiter: str) -> tuple[int, int]:
        try:
            reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
            widths = [len(row) for row, _ in zip(reader, range(50), strict=False) if row]
        except csv.Error:
            return 0, 0
        # The last of them may be cut off.
        widths = widths[:-1] or widths
        if not widths or widths[0] < 2:
            return 0, 0
        alike = sum(width == widths[0] for width in widths)
        return (widths[0], alike) if 2 * alike >= len(widths) else (0, alike)

    best = max(DELIMITERS, key=fit)
    return best if fit(best)[0] else ","


def _check_header(path: Path, names: tuple[str, ...]) -> None:
    advice = "The first line must name the columns."
    if not any(names):
        raise IngestError(f"{path} is empty or has no header. {advice}")
    double = sorted({name for name in names if name and names.count(name) > 1})
    if double:
        raise IngestError(f"{path}: two columns are named {', '.join(double)}. {advice}")
    if all(re.fullmatch(r"[-+]?[\d.,]*", name) for name in names):
        raise IngestError(f"{path}: its first line holds numbers, not names. {advice}")
