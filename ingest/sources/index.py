"""Entities made of the documents of an index that is there already. Only reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.sources.base import BadLine, Document
from ingest.sources.columns import FILE, Columns, by_name, from_options, load_columns
from ingest.sources.jsonl import shaped
from plugin.assets.mapping import field_types
from plugin.assets.schema import Schema
from plugin.cluster import Cluster
from plugin.errors import IngestError, NotFound
from plugin.scanning import scan


@dataclass(frozen=True, slots=True)
class Index:
    """Entities from the documents of ``name``, by ``columns``, under the ids that they have."""

    cluster: Cluster
    name: str
    columns: Columns
    defaults: Mapping[str, Any]

    def read(self) -> Iterator[Document | BadLine]:
        """See :class:`ingest.sources.base.Source`; in no special order."""
        for hit in scan(self.cluster, self.name):
            record = {"_id": hit["_id"], **(hit.get("_source") or {})}
            yield shaped(record, self.columns, self.defaults, f"{self.name}/{hit['_id']}")


def mappings_of(cluster: Cluster, name: str) -> dict[str, Any]:
    """The mapping of an index, or of what an alias names, as one.

    Raises:
        NotFound: there is no such index.
    """
    found = cluster.find(f"/{name}/_mapping")
    if not found:
        raise NotFound(f"OpenSearch has no index {name!r}. Is the name right?")
    properties: dict[str, Any] = {}
    for one in found.values():
        properties |= one["mappings"].get("properties", {})
    return {"properties": properties}


def open_index(
    cluster: Cluster,
    name: str,
    schema: Schema,
    fields: Mapping[str, str],
    kind: str,
    types: Mapping[str, str],
    columns: Path | None,
    into: str,
) -> Index:
    """The source that reads ``name``; ``columns`` is a mapping file, ``types`` our own fields.

    ``into`` is the alias that the entities are for.

    Raises:
        NotFound: there is no such index.
        IngestError: the mapping fills no name, or the index is that of ``into``.
    """
    mappings = mappings_of(cluster, name)
    target = set(cluster.find(f"/_alias/{into}") or {})
    if target & set(cluster.get(f"/{name}", filter_path="*.aliases")):
        raise IngestError(f"{name} is what is to be loaded into: it cannot be loaded into itself")
    if columns is not None:
        chosen = load_columns(columns, types)
    else:
        computed = frozenset({schema.vector, schema.memory, schema.predicted_queries})
        chosen = by_name(mappings["properties"], types, computed)
    chosen = from_options(chosen, fields, types)
    if schema.name not in chosen.fields:
        there = ", ".join(sorted(one for one in field_types(mappings) if "." not in one))
        raise IngestError(
            f"{name}: no field is the {schema.name}; its fields are {there}. Say --field "
            f"{schema.name}=FIELD, or --columns FILE; `ltrr init DIR --from-index {name}` writes "
            f"a {FILE} by looking at the documents."
        )
    return Index(cluster, name, chosen, {schema.type: kind})
