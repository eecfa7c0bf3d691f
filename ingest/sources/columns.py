"""Which column of somebody's data becomes which field of an entity.

``columns.toml``, beside the data or among the assets, says it::

    id = "isbn"                                       # without it: a hash of the content
    [fields]
    type = {value = "book"}                           # the same for all
    name = "title"                                    # read as the type of the field wants
    by = {column = "author", kind = "list(;)"}
    categories = ["genre", {column = "tags", kind = "list(,)"}]
    place = {column = ["lat", "lon"], kind = "geo"}

The same in short on the command line: ``--field name=title --field 'by=author:list(;)'``.
A column of a document (JSON, an index) is a dotted path: ``maker.name``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingest.sources.values import Kind, Unreadable, kind_for, parse_kind, read_value
from plugin.assets.problems import Problem, near, read_toml, unknown_keys
from plugin.errors import IngestError

FILE = "columns.toml"
ID = ("_id", "id")
"""Columns that are the id where nobody names another; and fields that mean it."""


@dataclass(frozen=True, slots=True)
class Column:
    """One place that a field is read from: ``columns`` (two for latitude and longitude)."""

    columns: tuple[str, ...]
    kind: Kind


@dataclass(frozen=True, slots=True)
class Columns:
    """The whole mapping. ``constants`` are values that all entities have alike."""

    fields: Mapping[str, tuple[Column, ...]]
    constants: Mapping[str, Any] = field(default_factory=dict)
    id: str | None = None
    delimiter: str | None = None
    encoding: str | None = None

    def named(self) -> set[str]:
        """Every column that is read."""
        found = {name for parts in self.fields.values() for one in parts for name in one.columns}
        return found | ({self.id} if self.id else set())

    def body(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """The entity of a record.

        Raises:
            Unreadable: naming the column and what is wrong with its value.
        """
        body = dict(self.constants)
        for name, parts in self.fields.items():
            values = [value for one in parts if (value := _read(one, record)) is not None]
            if len(values) == 1:
                body[name] = values[0]
            elif values:
                flat = [v for part in values for v in (part if isinstance(part, list) else [part])]
                body[name] = list(dict.fromkeys(flat))
        return body


def at(record: Mapping[str, Any], path: str) -> Any:
    """What stands at a dotted path; a list on the way gives the list of what its items have."""
    if path in record:
        return record[path]
    value: Any = record
    steps = path.split(".")
    for number, step in enumerate(steps):
        if isinstance(value, list):
            rest = ".".join(steps[number:])
            found = [at(one, rest) for one in value if isinstance(one, Mapping)]
            return [one for one in found if one is not None] or None
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _read(column: Column, record: Mapping[str, Any]) -> Any:
    found = [at(record, name) for name in column.columns]
    value = found[0]
    if len(found) > 1:
        filled = all(one is not None and str(one).strip() for one in found)
        value = ",".join(str(one) for one in found) if filled else None
    try:
        return read_value(column.kind, value)
    except Unreadable as error:
        raise Unreadable(f"column {'+'.join(column.columns)}: {error}") from None


def load_columns(path: Path, types: Mapping[str, str]) -> Columns:
    """Read a mapping file; ``types`` are the fields of the index with their types.

    Raises:
        IngestError: naming everything that is wrong in it.
    """
    problems: list[Problem] = []
    given = read_toml(path.parent, path.name, problems) or {}
    place = path.name
    problems += unknown_keys(given, ("id", "fields", "delimiter", "encoding"), place)
    table = given.get("fields", {})
    texts = {key: given.get(key) for key in ("id", "delimiter", "encoding")}
    for key, value in texts.items():
        if value is not None and (not isinstance(value, str) or not value):
            problems.append(Problem(place, key, "must be a text"))
    if not isinstance(table, dict) or (not table and not problems):
        problems.append(Problem(place, "fields", "must name at least one field"))
        table = {}
    fields: dict[str, tuple[Column, ...]] = {}
    constants: dict[str, Any] = {}
    for name, value in table.items():
        problems += _unknown_field(name, types, place)
        if isinstance(value, dict) and "value" in value:
            problems += unknown_keys(value, ("value",), place, name)
            constants[name] = value["value"]
            continue
        parts = value if isinstance(value, list) else [value]
        found = [_column(one, types.get(name), place, name, problems) for one in parts]
        fields[name] = tuple(one for one in found if one is not None)
    if problems:
        lines = "".join(f"\n  {problem}" for problem in sorted(set(problems)))
        raise IngestError(f"the mapping of columns {path} cannot be used:{lines}")
    return Columns(fields, constants, texts["id"], texts["delimiter"], texts["encoding"])


def _column(
    value: Any, field_type: str | None, file: str, place: str, problems: list[Problem]
) -> Column | None:
    if isinstance(value, str):
        value = {"column": value}
    if not isinstance(value, dict):
        problems.append(Problem(file, place, 'must be "column" or {column = "…", kind = "…"}'))
        return None
    problems.extend(unknown_keys(value, ("column", "kind"), file, place))
    names = value.get("column")
    names = [names] if isinstance(names, str) else names
    if not isinstance(names, list) or not all(isinstance(one, str) and one for one in names):
        problems.append(Problem(file, place, "column must name a column"))
        return None
    kind = kind_for(field_type)
    if "kind" in value:
        asked = parse_kind(str(value["kind"]))
        if asked is None:
            problems.append(Problem(file, place, f"there is no kind {value['kind']!r}"))
            return None
        kind = asked
    if not names or len(names) != (2 if kind.name == "geo" and len(names) > 1 else 1):
        problems.append(
            Problem(file, place, "only kind geo takes two columns: latitude, longitude")
        )
        return None
    return Column(tuple(names), kind)


def _unknown_field(name: str, types: Mapping[str, str], place: str) -> list[Problem]:
    if not types or name in types or name.partition(".")[0] in types:
        return []
    return [Problem(place, name, f"the index has no such field; {near(name, types)}")]


def from_options(columns: Columns, given: Mapping[str, str], types: Mapping[str, str]) -> Columns:
    """``columns`` with what the command line says: field → ``column`` or ``column:kind``.

    Raises:
        IngestError: the index has no such field.
    """
    fields = dict(columns.fields)
    identifier = columns.id
    constants = dict(columns.constants)
    for name, place in given.items():
        if name in ID:
            identifier = place
            continue
        if unknown := _unknown_field(name, types, "--field"):
            raise IngestError(str(unknown[0]))
        column, colon, word = place.rpartition(":")
        kind = parse_kind(word) if colon else None
        fields[name] = (
            (Column((column,), kind),) if kind else (Column((place,), kind_for(types.get(name))),)
        )
        constants.pop(name, None)
    return Columns(fields, constants, identifier, columns.delimiter, columns.encoding)


def by_name(header: Iterable[str], types: Mapping[str, str], leave: frozenset[str]) -> Columns:
    """The mapping where nobody gives one: columns that are named like fields, and an id."""
    outer = {name.lower(): name for name in types if "." not in name and name not in leave}
    fields: dict[str, tuple[Column, ...]] = {}
    identifier = None
    for column in header:
        name = outer.get(column.strip().lower())
        if name is not None:
            fields.setdefault(name, (Column((column,), kind_for(types[name])),))
        elif column.strip().lower() in ID and identifier is None:
            identifier = column
    return Columns(fields, id=identifier)
