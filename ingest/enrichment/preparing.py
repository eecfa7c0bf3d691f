"""Before a bulk load: the sparse artefact, built anew only where the catalogue asks for it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ingest.enrichment.building import build, count
from ingest.sources.base import Document, Source
from plugin.assets.schema import Schema
from plugin.cluster import Cluster
from plugin.encoding import Encoder
from plugin.errors import BrokenState, MissingIndex
from plugin.scanning import scan
from plugin.sparse import Artefact, ArtefactStore, CatalogueEncoder

GROWN = 1.5
"""How many times larger than at the last build a catalogue is when it is read anew."""

log = logging.getLogger(__name__)


def prepare(
    cluster: Cluster,
    alias: str,
    source: Source,
    schema: Schema,
    encoder: Encoder,
    *,
    stops: Callable[[str], bool] = lambda _: False,
    rebuild: bool = False,
) -> CatalogueEncoder | None:
    """The catalogue encoder for a load of ``source`` into ``alias``; None without any word.

    It is built of the source and of what the index holds already, and published, when there is
    none, or a damaged one, or one of another dense encoder, or the catalogue has grown by half, or
    ``rebuild`` says so. Else the one that is there is taken: loading again changes nothing.

    Raises:
        IngestError: the source cannot be read.
        NodeUnavailable: OpenSearch does not answer.
    """
    store = ArtefactStore(cluster)
    known = None if rebuild else _known(store, encoder)
    if known is not None:
        given = sum(isinstance(item, Document) for item in source.read())
        if max(given, _stored(cluster, alias)) < GROWN * known.entities:
            return CatalogueEncoder(known)
    counted = count(_documents(cluster, alias, source, schema), schema)
    if not counted.entities:
        return None
    artefact = build(counted, encoder, stops)
    store.publish(artefact)
    return CatalogueEncoder(artefact)


def _known(store: ArtefactStore, encoder: Encoder) -> Artefact | None:
    try:
        artefact = store.load()
    except BrokenState as error:
        log.warning("building it anew: %s", error.message)
        return None
    # Distances between terms mean something within one encoder only.
    return artefact if artefact and artefact.encoder == encoder.version else None


def _stored(cluster: Cluster, alias: str) -> int:
    try:
        return int(cluster.get(f"/{alias}/_count")["count"])
    except MissingIndex:
        return 0


def _documents(
    cluster: Cluster, alias: str, source: Source, schema: Schema
) -> Iterator[Mapping[str, Any]]:
    """Those of the source, and those of the index that the source does not bring again."""
    given: set[str] = set()
    for item in source.read():
        if isinstance(item, Document):
            given.add(item.id)
            yield item.body
    fields = [*schema.text, *filter(None, [schema.popularity])]
    for hit in _scanned(cluster, alias, fields):
        if hit["_id"] not in given:
            yield hit["_source"]


def _scanned(cluster: Cluster, alias: str, fields: list[str]) -> Iterator[dict[str, Any]]:
    try:
        yield from scan(cluster, alias, source=fields)
    except MissingIndex:
        return
