"""The round trip: a predicted query must bring its entity back, or it is worth little.

Asked is a sample of the catalogue that travels with the sparse artefact, by the sparse encoder and
what is popular: would this entity be among the first :data:`BACK` of the catalogue for this query?
So a bulk load and a single live write judge alike, and neither needs the index, which may be
empty. (Filtering by retrieval: Gospodinov, MacAvaney and Macdonald 2023, "Doc2Query--".)
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from cachetools import LRUCache

from ingest.enrichment.prediction import Prediction
from ingest.enrichment.shares import share
from plugin.assets.schema import Schema
from plugin.sparse import CatalogueEncoder, Weights

BACK = 100
"""The rank in the catalogue at which an entity counts as brought back: what a strategy draws."""

LEFT = 0.5
"""What a query that does not bring its entity back keeps of its score …"""
LEAST = 0.11
"""… and the score below which it is dropped then."""

_REMEMBERED = 20_000


class RoundTrip:
    """Judges predictions by the sample of an encoder's artefact. Safe to share between threads."""

    def __init__(self, encoder: CatalogueEncoder) -> None:
        self._encoder = encoder
        artefact = encoder.artefact
        self._positions = artefact.positions
        self._shares = artefact.sample_shares
        samples = len(self._shares)
        self._rank = max(1, round(BACK * samples / max(1, artefact.entities)))
        rows = np.repeat(np.arange(samples), np.diff(artefact.sample_starts))
        order = np.argsort(artefact.sample_terms, kind="stable")
        # Postings: which entities of the sample have a term, and with what weight.
        self._rows = rows[order]
        self._weights = artefact.sample_weights[order]
        bounds = np.arange(len(artefact.terms) + 1)
        self._starts = np.searchsorted(artefact.sample_terms[order], bounds).tolist()
        self._needed: LRUCache[str, tuple[Weights, float]] = LRUCache(_REMEMBERED)
        self._lock = threading.Lock()

    def kept(
        self,
        document: Mapping[str, Any],
        weights: Weights,
        predictions: Sequence[Prediction],
        schema: Schema,
    ) -> tuple[Prediction, ...]:
        """The predictions of ``document`` that are worth storing, best first.

        ``weights`` are those of the document by the catalogue encoder. A query without anything
        of the entity is dropped; one that finds a hundred others first loses most of its score.
        """
        popular = share(document, schema)
        kept = []
        for one in predictions:
            asked, needed = self._look_up(one.query)
            own = sum(weight * weights.get(token, 0.0) for token, weight in asked.items())
            if own <= 0:
                continue
            # The smallest slip of rounding must not part an entity from itself in the sample.
            if own * popular >= needed * (1 - 1e-6):
                kept.append(one)
            elif one.score * LEFT >= LEAST:
                kept.append(replace(one, score=round(one.score * LEFT, 4)))
        return tuple(sorted(kept, key=lambda one: (-one.score, one.query)))

    def _look_up(self, query: str) -> tuple[Weights, float]:
        """The query's weights, and the score that an entity needs to be brought back by it."""
        with self._lock:
            known = self._needed.get(query)
        if known is None:
            asked = self._encoder.query(query)
            known = asked, self._threshold(asked)
            with self._lock:
                self._needed[query] = known
        return known

    def _threshold(self, asked: Weights) -> float:
        scores = np.zeros(len(self._shares), dtype=np.float64)
        for token, weight in asked.items():
            position = self._positions.get(token)
            if position is not None:
                found = slice(self._starts[position], self._starts[position + 1])
                scores[self._rows[found]] += weight * self._weights[found].astype(np.float64)
        (there,) = np.nonzero(scores)
        if len(there) < self._rank:
            return 0.0
        popular = scores[there] * self._shares[there]
        return float(np.partition(popular, -self._rank)[-self._rank])
