"""What an adapter starts from before anybody chose: queries that ingest predicted for entities."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from bandit_service.adapter.pairs import Pairs
from bandit_service.adapter.residual import unit
from plugin.assets.schema import Schema
from plugin.cluster import Cluster
from plugin.encoding import Encoder
from plugin.nested import value_at
from plugin.understanding import memory_key

ENTITIES: Final = 1_000
"""A sample of the entities; more would only take longer to encode."""
QUERIES: Final = 3
"""Of one entity."""
_BATCH: Final = 64
_TIMEOUT_S: Final = 60.0


class PredictedPairs:
    """Reads a sample of entities with their predicted queries: always the same of the same index.

    A trainer has time: nobody waits for it.
    """

    def __init__(self, cluster: Cluster, schema: Schema, encoder: Encoder) -> None:
        self._cluster = cluster
        self._schema = schema
        self._encoder = encoder

    def __call__(self) -> Pairs | None:
        """The pairs, each weighing what its query was predicted to be worth; None without any.

        Raises as the cluster and the encoder do.
        """
        found = [
            (text, id, weight, vector)
            for id, vector, queries in self._entities()
            for text, weight in queries
        ]
        if not found:
            return None
        texts = [text for text, _, _, _ in found]
        encoded = [
            self._encoder.encode(texts[at : at + _BATCH]) for at in range(0, len(texts), _BATCH)
        ]
        return Pairs(
            tuple(memory_key(text) for text in texts),
            tuple(id for _, id, _, _ in found),
            unit(np.concatenate(encoded).astype(np.float64)),
            unit(np.array([vector for _, _, _, vector in found], np.float64)),
            np.array([weight for _, _, weight, _ in found]),
        )

    def _entities(self) -> list[tuple[str, list[float], list[tuple[str, float]]]]:
        schema = self._schema
        fields = [schema.vector, schema.predicted_queries, schema.memory]
        body = {
            "size": ENTITIES,
            "_source": fields,
            "track_total_hits": False,
            "query": {
                "function_score": {
                    "query": {
                        "bool": {
                            "filter": [
                                {"exists": {"field": schema.vector}},
                                {"exists": {"field": schema.predicted_queries}},
                            ]
                        }
                    },
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
        hits = answer.get("hits", {}).get("hits", [])
        sources = ((hit["_id"], hit["_source"]) for hit in hits)
        return [
            (id, value_at(source, schema.vector), self._predicted(id, source))
            for id, source in sources
            if isinstance(value_at(source, schema.vector), list)
        ]

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
