"""``catalogue.toml``: which files there are, and what their columns mean."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from plugin.errors import IngestError

CATALOGUE = "catalogue.toml"

LISTS = frozenset({"aliases", "by", "part_of", "categories", "attributes"})
"""Entity fields that hold several values even where no column of them says ``list``."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the field it fills, how its values are read, and what they relate to."""

    field: str | None = None
    list: str | None = None
    vocabulary: str | None = None
    refers: str | None = None
    relation: str | None = None
    inverse: str | None = None
    loose: bool = False
    makes: str | None = None
    decade: str | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """One type of entity."""

    id: tuple[str, ...]
    positions: tuple[str, ...] = ()
    columns: Mapping[str, Column] = field(default_factory=dict)
    popularity_of: str | None = None
    note: str | None = None
    copies: tuple[str, ...] = ()
    copies_head: bool = False
    head_inverse: str | None = None


@dataclass(frozen=True, slots=True)
class Files:
    """Files of one shape: what their heads and plain lines are."""

    paths: tuple[str, ...]
    line: str | None = None
    head: str | None = None
    line_refers: str | None = None
    head_fills: str | None = None
    head_aliases: str | None = None
    inherits: tuple[str, ...] = ()
    relation: str | None = None
    inverse: str | None = None


@dataclass(frozen=True, slots=True)
class Format:
    """A whole ``catalogue.toml``."""

    files: tuple[Files, ...]
    kinds: Mapping[str, Kind]
    vocabularies: Mapping[str, frozenset[str]]

    @property
    def lists(self) -> frozenset[str]:
        """The entity fields that hold several values."""
        columns = [column for kind in self.kinds.values() for column in kind.columns.values()]
        given = {column.field for column in columns if column.field and column.list}
        given |= {files.head_aliases for files in self.files if files.head_aliases}
        return LISTS | given


def load_format(folder: Path) -> Format:
    """Read ``folder/catalogue.toml``.

    Raises:
        IngestError: it is missing or wrong; the message names the place in it.
    """
    path = folder / CATALOGUE
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise IngestError(f"cannot read {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise IngestError(f"{CATALOGUE}: not TOML: {error}") from error
    unknown = set(given) - {"name", "description", "vocabularies", "files", "kinds"}
    if unknown:
        raise IngestError(f"{CATALOGUE}: unknown key {min(unknown)!r}")
    kinds = {name: _kind(table, f"kinds.{name}") for name, table in _table(given, "kinds").items()}
    vocabularies = {
        name: frozenset(_texts(words, f"vocabularies.{name}"))
        for name, words in _table(given, "vocabularies").items()
    }
    tables = given.get("files")
    if not isinstance(tables, list) or not tables or not kinds:
        raise IngestError(f"{CATALOGUE}: at least one [[files]] and one [kinds.X] are needed")
    files = tuple(_read(Files, table, f"files[{at}]") for at, table in enumerate(tables))
    found = Format(files, kinds, vocabularies)
    for problem in _problems(found):
        raise IngestError(f"{CATALOGUE}: {problem}")
    return found


def _kind(table: Any, place: str) -> Kind:
    if not isinstance(table, dict):
        raise IngestError(f"{CATALOGUE}: {place} must be a table")
    columns = {
        name: _read(Column, column, f"{place}.columns.{name}")
        for name, column in _table(table, "columns").items()
    }
    plain = {name: value for name, value in table.items() if name != "columns"}
    return replace(_read(Kind, plain, place), columns=columns)


def _problems(found: Format) -> Iterator[str]:
    """What refers to something that is not there."""
    for at, files in enumerate(found.files):
        for name in (files.line, files.head, files.line_refers):
            if name is not None and name not in found.kinds:
                yield f"files[{at}] names the kind {name!r}, which is not there"
        if (files.line is None) == (files.line_refers is None):
            yield f"files[{at}] needs either line or line_refers"
        if files.line_refers is not None and files.head is None:
            yield f"files[{at}] has line_refers, so it needs a head"
    for name, kind in found.kinds.items():
        missing = [column for column in kind.positions if column not in kind.columns]
        if missing:
            yield f"kinds.{name}.positions names {missing[0]!r}, which is no column of it"
        for title, column in kind.columns.items():
            place = f"kinds.{name}.columns.{title}"
            for other in (column.refers, column.makes):
                if other is not None and other not in found.kinds:
                    yield f"{place} names the kind {other!r}, which is not there"
            if column.vocabulary is not None and column.vocabulary not in found.vocabularies:
                yield f"{place} names the vocabulary {column.vocabulary!r}, which is not there"
            if column.list == "":
                yield f"{place}: list must be the separator of its values"


_Read = TypeVar("_Read", Column, Kind, Files)


def _read(into: type[_Read], table: Any, place: str) -> _Read:
    """A dataclass from a TOML table, refusing unknown keys, missing ones and wrong types."""
    if not isinstance(table, dict):
        raise IngestError(f"{CATALOGUE}: {place} must be a table")
    known = {entry.name: entry for entry in fields(into)}
    values: dict[str, Any] = {}
    for name, value in table.items():
        if name not in known:
            raise IngestError(
                f"{CATALOGUE}: {place} has the unknown key {name!r}; known are {', '.join(known)}"
            )
        hint = str(known[name].type)
        if hint.startswith("tuple"):
            values[name] = tuple(_texts(value, f"{place}.{name}"))
        elif isinstance(value, bool if hint == "bool" else str):
            values[name] = value
        else:
            wanted = "true or false" if hint == "bool" else "a text"
            raise IngestError(f"{CATALOGUE}: {place}.{name} must be {wanted}")
    for name, entry in known.items():
        if entry.default is MISSING and entry.default_factory is MISSING and name not in values:
            raise IngestError(f"{CATALOGUE}: {place} needs {name}")
    return into(**values)


def _table(given: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = given.get(name, {})
    if not isinstance(value, dict):
        raise IngestError(f"{CATALOGUE}: {name} must be a table")
    return value


def _texts(value: Any, place: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise IngestError(f"{CATALOGUE}: {place} must be a list of texts")
    return value
