"""Client enrichment: what the ingest pipeline does in OpenSearch, done here, and faster in bulk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ingest.enrichment.queries import predict
from plugin.assets.schema import Schema
from plugin.encoding import Encoder

ENRICHMENT = "enrichment"
"""The field that says whether an entity is enriched: "done" or "pending"."""


def enrich(
    documents: Sequence[Mapping[str, Any]], schema: Schema, encoder: Encoder
) -> list[dict[str, Any]]:
    """Copies of the documents with vector, memory prior and predicted queries, marked "done".

    What a document already holds in these fields is replaced: it may be older than its words. A
    document without any text gets none of the three.
    """
    texts = [schema.embedding_text(document) for document in documents]
    worded = [index for index, text in enumerate(texts) if text.strip()]
    vectors = dict(zip(worded, encoder.encode([texts[index] for index in worded]), strict=True))
    return [
        _enriched(document, schema, vectors.get(index)) for index, document in enumerate(documents)
    ]


def _enriched(document: Mapping[str, Any], schema: Schema, vector: Any) -> dict[str, Any]:
    computed = {schema.vector, schema.memory, schema.predicted_queries}
    enriched = {field: value for field, value in document.items() if field not in computed}
    if vector is not None:
        predictions = predict(document, schema)
        enriched[schema.vector] = vector
        enriched[schema.memory] = {one.key: one.score for one in predictions}
        enriched[schema.predicted_queries] = [one.query for one in predictions]
    enriched[ENRICHMENT] = "done"
    return enriched
