"""Enrichment: what an entity gets before it is stored, by the client or asked by the pipeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ingest.enrichment.prediction import MOST, Prediction, Predictor
from ingest.enrichment.queries import OfflinePredictor
from ingest.enrichment.round_trip import RoundTrip
from plugin.assets.schema import Schema
from plugin.encoding import Encoder
from plugin.sparse import CatalogueEncoder, SparseEncoder, Weights

ENRICHMENT = "enrichment"
"""The field that says whether an entity is enriched: "done", "pending", or "partial" where nobody
knew yet what its words weigh, since no catalogue had been loaded."""


@dataclass(frozen=True, slots=True)
class Extras:
    """What an entity with words gets beside its vector; ``sparse`` is {} without an encoder."""

    predictions: tuple[Prediction, ...]
    sparse: Weights

    @property
    def memory(self) -> dict[str, float]:
        """Memory key → score."""
        return {one.key: one.score for one in self.predictions}

    @property
    def queries(self) -> list[str]:
        """The words of the predicted queries, best first."""
        return [one.query for one in self.predictions]


@dataclass(frozen=True)
class Enricher:
    """Computes everything that an entity gets; safe to share between threads.

    ``catalogue`` is the encoder of the sparse artefact, None before there is one: predictions are
    not judged then. ``sparse`` makes the sparse weights: the same one, unless a model is set.
    """

    schema: Schema
    predictor: Predictor
    catalogue: CatalogueEncoder | None = None
    sparse: SparseEncoder | None = None

    @classmethod
    def plain(cls, schema: Schema) -> Enricher:
        """One that needs nothing: offline predictions, no sparse weights."""
        return cls(schema, OfflinePredictor(schema))

    def extras(self, documents: Sequence[Mapping[str, Any]]) -> list[Extras]:
        """Per document with words; in order. Each must have some (its embedding text)."""
        texts = [self.schema.embedding_text(document) for document in documents]
        predicted = self.predictor.predict(documents)
        weights = self.sparse.documents(texts) if self.sparse else [{}] * len(texts)
        if self._round_trip is not None and self.catalogue is not None:
            same = self.catalogue is self.sparse
            known = weights if same else self.catalogue.documents(texts)
            predicted = [
                self._round_trip.kept(document, own, predictions, self.schema)
                for document, own, predictions in zip(documents, known, predicted, strict=True)
            ]
        return [
            Extras(predictions[:MOST], own)
            for predictions, own in zip(predicted, weights, strict=True)
        ]

    @cached_property
    def _round_trip(self) -> RoundTrip | None:
        return None if self.catalogue is None else RoundTrip(self.catalogue)


def enrich(
    documents: Sequence[Mapping[str, Any]],
    schema: Schema,
    encoder: Encoder,
    enricher: Enricher | None = None,
    *,
    again: bool = False,
) -> list[dict[str, Any]]:
    """Copies of the documents with all that the pipeline would give them, and marked like that.

    ``again``: what had no sparse weights before and has none now never will; it is done.

    What a document already holds in these fields is replaced: it may be older than its words. A
    document without any text gets none of them.
    """
    enricher = enricher or Enricher.plain(schema)
    texts = [schema.embedding_text(document) for document in documents]
    worded = [index for index, text in enumerate(texts) if text.strip()]
    vectors = encoder.encode([texts[index] for index in worded])
    extras = enricher.extras([documents[index] for index in worded])
    found = {
        index: (vector, extra) for index, vector, extra in zip(worded, vectors, extras, strict=True)
    }
    settled = again and enricher.sparse is not None
    return [
        _enriched(document, schema, found.get(index), settled)
        for index, document in enumerate(documents)
    ]


def _enriched(
    document: Mapping[str, Any], schema: Schema, found: tuple[Any, Extras] | None, settled: bool
) -> dict[str, Any]:
    computed = {schema.vector, schema.memory, schema.predicted_queries, schema.sparse}
    enriched = {field: value for field, value in document.items() if field not in computed}
    enriched[ENRICHMENT] = "done"
    if found is not None:
        vector, extras = found
        enriched[schema.vector] = vector
        enriched[schema.memory] = extras.memory
        enriched[schema.predicted_queries] = extras.queries
        if schema.sparse and extras.sparse:
            enriched[schema.sparse] = extras.sparse
        elif schema.sparse and not settled:
            enriched[ENRICHMENT] = "partial"
    return enriched
