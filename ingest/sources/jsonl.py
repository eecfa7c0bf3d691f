"""JSON lines: one entity document a line; ``id`` or ``_id`` its id.

Without a mapping of columns its fields are those of the index; ``x.jsonl.gz`` is unpacked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from ingest.sources.base import BadLine, Document, stable_id
from ingest.sources.columns import ID, Columns, at
from ingest.sources.files import open_bytes
from ingest.sources.values import Unreadable

ID_BYTES = 512
"""OpenSearch's limit for an id."""


@dataclass(frozen=True, slots=True)
class JsonLines:
    """Entities from ``path``; ``defaults`` fill fields that a line lacks (its type, say).

    With ``columns`` each line is somebody's own document, of which they make an entity.
    """

    path: Path
    defaults: Mapping[str, Any]
    columns: Columns | None = None

    def read(self) -> Iterator[Document | BadLine]:
        """See :class:`ingest.sources.base.Source`."""
        for place, value in objects(self.path):
            if isinstance(value, BadLine):
                yield value
                continue
            if self.columns is not None:
                yield shaped(value, self.columns, self.defaults, place)
                continue
            given = {name: value.pop(name) for name in ID if name in value}
            if not value:
                yield BadLine(place, "the object has no fields beside its id")
                continue
            body = {**self.defaults, **value}
            yield document(body, next(iter(given.values()), None), place)


def objects(path: Path) -> Iterator[tuple[str, dict[str, Any] | BadLine]]:
    """Every line of a file of JSON objects with its place; blank lines are passed over.

    Raises:
        IngestError: the file cannot be opened.
    """
    with open_bytes(path) as stream:
        for number, raw in enumerate(stream, start=1):
            place = f"{path.name}:{number}"
            # Some editors put a mark at the start of a file.
            line = raw.removeprefix(b"\xef\xbb\xbf").strip()
            if not line:
                continue
            try:
                value = orjson.loads(line)
            except orjson.JSONDecodeError as error:
                yield place, BadLine(place, f"not JSON: {error}")
                continue
            if isinstance(value, dict):
                yield place, value
            else:
                yield place, BadLine(place, f"a JSON object is needed, not {line[:40]!r}")


def shaped(
    record: Mapping[str, Any], columns: Columns, defaults: Mapping[str, Any], place: str
) -> Document | BadLine:
    """The entity that ``columns`` make of a record, or why they make none."""
    given = next((record[name] for name in ID if record.get(name) is not None), None)
    if columns.id is not None:
        given = at(record, columns.id)
        if isinstance(given, str):
            given = given.strip() or None
        if given is None:
            return BadLine(place, f"column {columns.id}: the id is missing")
    try:
        body = columns.body(record)
    except Unreadable as error:
        return BadLine(place, str(error), None if given is None else str(given)[:60])
    return document({**defaults, **body}, given, place)


def document(body: dict[str, Any], given: Any, place: str) -> Document | BadLine:
    """The document under its given id (a text or whole number), or under a hash of its body."""
    if given is None:
        return Document(stable_id(body), body, place, given=False)
    if isinstance(given, bool) or not isinstance(given, str | int) or not str(given).strip():
        return BadLine(place, f"the id must be a text or a whole number, not {given!r}")
    if len(str(given).encode()) > ID_BYTES:
        return BadLine(place, f"the id has more than {ID_BYTES} bytes", str(given)[:60])
    return Document(str(given), body, place)
