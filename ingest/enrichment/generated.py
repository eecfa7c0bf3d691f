"""Predictions of a language model beside the offline ones (doc2query, Nogueira et al. 2019)."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from ingest.enrichment.prediction import CANDIDATES, Prediction, Predictor, best
from plugin.assets.schema import Schema

MOST_GENERATED = 8
FIRST, EACH = 0.2, 0.01
"""The score of a generated query, and how much less the next one has: more than a broad query
that describes hundreds, less than one that names the entity."""

log = logging.getLogger(__name__)


class Generator(Protocol):
    """Writes queries for texts; safe to share between threads."""

    def generate(self, texts: Sequence[str]) -> list[list[str] | None]:
        """Per text the queries that somebody who looks for it may ask; None where it failed."""
        ...


class GeneratingPredictor:
    """What ``generator`` writes, added to what ``offline`` knows.

    Whatever it writes is data: it is normalised, cut and counted like any text. Where it fails the
    entity gets the offline predictions, and is counted in :attr:`fallbacks`.
    """

    def __init__(self, offline: Predictor, generator: Generator, schema: Schema) -> None:
        self._offline = offline
        self._generator = generator
        self._schema = schema
        self._lock = threading.Lock()
        self._fallbacks = 0

    @property
    def fallbacks(self) -> int:
        return self._fallbacks

    def predict(self, documents: Sequence[Mapping[str, Any]]) -> list[tuple[Prediction, ...]]:
        """See :meth:`Predictor.predict`."""
        known = self._offline.predict(documents)
        texts = [self._schema.embedding_text(document) for document in documents]
        asked = [place for place, text in enumerate(texts) if text.strip()]
        for place, queries in zip(asked, self._generate([texts[i] for i in asked]), strict=True):
            if queries is not None:
                known[place] = _joined(known[place], queries)
        return known

    def _generate(self, texts: list[str]) -> list[list[str] | None]:
        try:
            found = self._generator.generate(texts) if texts else []
        except Exception as error:  # noqa: BLE001 - a model may raise anything; no entity is lost
            log.warning("no queries were generated: %r", error)
            found = [None] * len(texts)
        failed = sum(queries is None for queries in found)
        with self._lock:
            self._fallbacks += failed
        return found


def _joined(known: Sequence[Prediction], queries: Sequence[str]) -> tuple[Prediction, ...]:
    generated = [
        (query, FIRST - EACH * rank) for rank, query in enumerate(queries[:MOST_GENERATED])
    ]
    return best([*((one.query, one.score) for one in known), *generated], CANDIDATES)
