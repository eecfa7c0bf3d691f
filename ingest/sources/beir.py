"""A folder in BEIR layout: ``corpus.jsonl`` with ``_id``, ``title``, ``text`` and ``metadata``.

Thakur et al., "BEIR: A Heterogeneous Benchmark for Zero-shot Evaluation of Information Retrieval
Models", 2021. What becomes of title, text and metadata is said by a mapping of fields; metadata
that is named like a field of our entities is taken as it is, other metadata is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.sources.base import BadLine, Document
from ingest.sources.jsonl import document, objects
from plugin.nested import value_at

CORPUS = "corpus.jsonl"
NAME_CHARACTERS = 80
"""How much of the text stands in for a missing title."""


@dataclass(frozen=True, slots=True)
class Beir:
    """Entities of the corpus in ``folder``.

    ``fields`` maps an entity field to a dotted path in a corpus line: ``{"by": "metadata.maker"}``.
    ``name`` is the entity field of the name, for which the text's first words stand in where a line
    has no title; ``known`` are the entity fields that are taken from the metadata by their own
    name; ``defaults`` fill missing fields.
    """

    folder: Path
    name: str
    fields: Mapping[str, str]
    known: frozenset[str]
    defaults: Mapping[str, Any]

    def read(self) -> Iterator[Document | BadLine]:
        """See :class:`ingest.sources.base.Source`."""
        for place, value in objects(self.folder / CORPUS):
            if isinstance(value, BadLine):
                yield value
                continue
            given = value.get("_id")
            body = self._body(value)
            if given is None:
                yield BadLine(place, "a BEIR document needs an _id")
            elif not body.get(self.name):
                yield BadLine(place, "neither title nor text", str(given))
            else:
                yield document(body, given, place)

    def _body(self, line: Mapping[str, Any]) -> dict[str, Any]:
        metadata = line.get("metadata")
        body = dict(self.defaults)
        if isinstance(metadata, dict):
            body.update({name: metadata[name] for name in metadata if name in self.known})
        for field, path in self.fields.items():
            body[field] = value_at(line, path)
        prose = line.get("text")
        if not body.get(self.name) and isinstance(prose, str):
            body[self.name] = _beginning(prose)
        return {field: value for field, value in body.items() if value not in (None, "", [])}


def _beginning(text: str) -> str:
    """The first words of a text, at most :data:`NAME_CHARACTERS` characters."""
    text = " ".join(text.split())
    if len(text) <= NAME_CHARACTERS:
        return text
    cut = text[:NAME_CHARACTERS]
    return (cut.rpartition(" ")[0] or cut) + "…"
