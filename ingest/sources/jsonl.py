"""JSON lines: one entity document a line, in the fields of the index; ``id`` or ``_id`` its id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from ingest.sources.base import BadLine, Document, stable_id
from plugin.errors import IngestError

ID_BYTES = 512
"""OpenSearch's limit for an id."""


@dataclass(frozen=True, slots=True)
class JsonLines:
    """Entities from ``path``; ``defaults`` fill fields that a line lacks (its type, say)."""

    path: Path
    defaults: Mapping[str, Any]

    def read(self) -> Iterator[Document | BadLine]:
        """See :class:`ingest.sources.base.Source`."""
        for place, value in objects(self.path):
            if isinstance(value, BadLine):
                yield value
                continue
            given = {name: value.pop(name) for name in ("_id", "id") if name in value}
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
    try:
        stream = path.open("rb")
    except OSError as error:
        raise IngestError(f"cannot read {path}: {error.strerror}. Is the path right?") from error
    with stream:
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


def document(body: dict[str, Any], given: Any, place: str) -> Document | BadLine:
    """The document under its given id (a text or whole number), or under a hash of its body."""
    if given is None:
        return Document(stable_id(body), body, place, given=False)
    if isinstance(given, bool) or not isinstance(given, str | int) or not str(given).strip():
        return BadLine(place, f"the id must be a text or a whole number, not {given!r}")
    if len(str(given).encode()) > ID_BYTES:
        return BadLine(place, f"the id has more than {ID_BYTES} bytes", str(given)[:60])
    return Document(str(given), body, place)
