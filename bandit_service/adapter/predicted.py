"""What an adapter starts from before anybody chose: queries that ingest predicted for entities."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import Any, Final

from bandit_service.adapter.pairs import (
    EntityVectors,
    Pair,
    Pairs,
    QueryVectors,
    with_vectors,
)
from plugin.assets.schema import Schema
from plugin.cluster import Cluster
from plugin.nested import value_at
from plugin.understanding import memory_key

ENTITIES: Final = 1_000
"""A sample of the entities; more would only take longer to encode."""
QUERIES: Final = 3
"""Of one entity."""
_TIMEOUT_S: Final = 60.0


class PredictedPairs:
    """Reads a sample of entities with their predicted queries: always the same of the same index.

    ``queries`` and ``entities`` give vectors.
    """

    def __init__(
        self, cluster: Cluster, schema: Schema, queries: QueryVectors, entities: EntityVectors
    ) -> None:
        self._cluster = cluster
        self._schema = schema
        self._queries = queries
        self._entities = entities

    def __call__(self) -> Pairs | None:
        """The pairs, each weighing what its query was predicted to be worth; None without any.

        Raises as the cluster does, and what gives vectors.
        """
        texts: dict[str, str] = {}
        pairs: list[Pair] = []
        for id, source in self._sample():
            for text, worth in self._predicted(id, source):
                key = memory_key(text)
                texts[key] = text
                pairs.append(Pair(key, id, worth))
        return with_vectors(
            pairs, self._queries(texts), self._entities({one.entity for one in pairs})
        )

    def _sample(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        schema = self._schema
        there = (schema.vector, schema.predicted_queries)
        body = {
            "size": ENTITIES,
            "_source": [schema.predicted_queries, schema.memory],
            "track_total_hits": False,
            "query": {
                "function_score": {
                    "query": {"bool": {"filter": [{"exists": {"field": one}} for one in there]}},
                    "random_score": {"seed": 7, "field": "_seq_no"},
                    "boost_mode": "replace",
                }
            },
        }
        answer = self._cluster.request(
            "POST",
            f"/{self._cluster.name('entities')}/_search",
            body,
            params={"filter_path": "hits.hits._id,hits.hits._source"},
            timeout_s=_TIMEOUT_S,
        )
        for hit in answer.get("hits", {}).get("hits", []):
            yield hit["_id"], hit["_source"]

    def _predicted(self, id: str, source: Mapping[str, Any]) -> list[tuple[str, float]]:
        texts = value_at(source, self._schema.predicted_queries)
        worth = value_at(source, self._schema.memory)
        texts = texts if isinstance(texts, list) else [texts]
        worth = worth if isinstance(worth, Mapping) else {}
        known = sorted(
            (text, float(worth[key]))
            for text in texts
            if isinstance(text, str) and (key := memory_key(text)) in worth and worth[key] > 0
        )
        dice = random.Random(f"{id} is asked for")  # noqa: S311 - a sample, no secret
        return dice.sample(known, min(QUERIES, len(known)))
