"""From lines of text to rows of columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ingest.catalogue.format import Column, Files, Format, Kind
from ingest.sources.base import BadLine
from plugin.errors import IngestError

_SEPARATOR = re.compile(r"(?:(?<=\s)|^)\|(?=\s|$)")
_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")


@dataclass(frozen=True, slots=True)
class Row:
    """One line: an entity of ``kind`` with its columns, or, without a kind, a ``reference``.

    ``head`` is the row of the head that the line belongs to; ``problems`` says what is wrong.
    """

    place: str
    files: Files
    kind: str | None
    columns: Mapping[str, list[str]] = field(default_factory=dict)
    reference: str = ""
    head: Row | None = None
    problems: tuple[str, ...] = ()


def read_rows(folder: Path, layout: Format) -> Iterator[Row | BadLine]:
    """Every entity or reference of all files, in the order of ``[[files]]``, paths and lines.

    Raises:
        IngestError: a file cannot be read, or a path of ``[[files]]`` matches none.
    """
    for files in layout.files:
        for pattern in files.paths:
            paths = sorted(folder.glob(pattern))
            if not paths:
                raise IngestError(f"no file of {folder} matches {pattern!r} of its catalogue.toml")
            for path in paths:
                yield from _rows(path, path.relative_to(folder).as_posix(), files, layout)


def _rows(path: Path, name: str, files: Files, layout: Format) -> Iterator[Row | BadLine]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise IngestError(f"cannot read {name}: {error}. It must be UTF-8.") from error
    head: Row | None = None
    for number, raw in enumerate(lines, start=1):
        place, line = f"{name}:{number}", raw.strip()
        if not line or line.startswith("//"):
            continue
        if files.head is not None and re.match(r"#(\s|$)", line):
            head = _row(line[1:].strip(), place, files, files.head, None, layout)
            yield head
        elif files.head is not None and head is None:
            yield BadLine(place, "there is no head above this line: begin with '# Name'")
        elif files.line is None:
            yield Row(place, files, None, reference=line, head=head)
        else:
            yield _row(line, place, files, files.line, head, layout)


def _row(line: str, place: str, files: Files, kind: str, head: Row | None, layout: Format) -> Row:
    problems: list[str] = []
    columns: dict[str, list[str]] = {}
    for title, value in _cells(line, layout.kinds[kind], problems):
        if title in columns:
            problems.append(f"the column {title} is there twice")
        values = _values(title, value, layout.kinds[kind].columns[title], layout, problems)
        if values:
            columns[title] = values
    if head is not None:
        for title in files.inherits:
            if title not in columns and title in head.columns:
                columns[title] = head.columns[title]
    return Row(place, files, kind, columns, head=head, problems=tuple(problems))


def _cells(line: str, kind: Kind, problems: list[str]) -> Iterator[tuple[str, str]]:
    """(column, value) of a line: positions first, then ``column: value`` in any order."""
    named = False
    for at, cell in enumerate(part.strip() for part in _SEPARATOR.split(line)):
        title, colon, value = cell.partition(": ")
        if at > 0 and colon and title in kind.columns:
            named = True
            yield title, value.strip()
        elif named or at >= len(kind.positions):
            if cell:
                problems.append(
                    f"{cell!r} has no column: write 'column: value', with one of "
                    f"{', '.join(kind.columns)}"
                )
        else:
            yield kind.positions[at], cell


def _values(
    title: str, value: str, column: Column, layout: Format, problems: list[str]
) -> list[str]:
    parts = value.split(column.list) if column.list else [value]
    values = [part.strip() for part in parts if part.strip()]
    if column.vocabulary is not None:
        for one in values:
            if one not in layout.vocabularies[column.vocabulary]:
                problems.append(f"{title}: {one!r} is not in the vocabulary {column.vocabulary}")
    if column.field == "popularity" and any(_number(one) is None for one in values):
        problems.append(f"{title}: {value!r} is not a number above 0")
    if (column.field == "published" or column.decade) and not all(map(_DATE.fullmatch, values)):
        problems.append(f"{title}: {value!r} must be a year or a date like 2008-11-11")
    return values


def _number(text: str) -> float | None:
    """A finite number above 0, or None."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 < value < float("inf") else None


def decade(date: str) -> str:
    """``1994`` → ``90s``, ``2014-05`` → ``2010s``; decades that two centuries share are whole."""
    start = int(date[:4]) // 10 * 10
    return f"{start % 100}s" if 1910 <= start < 2000 else f"{start}s"
