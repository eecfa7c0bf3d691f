"""The vectors of entities by id, read from their index and kept for a while."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from cachetools import TTLCache

from bandit_service.personal.means import Vector
from plugin.assets.schema import Schema
from plugin.cluster import Cluster

KEPT: Final = 20_000
KEPT_S: Final = 300.0
"""How long a change of an entity may go unseen."""
_BATCH = 200


@dataclass(frozen=True, slots=True)
class EntityVectors:
    """Of one entity: its ``meaning`` as the encoder sees it, its place in the ``graph``; None where
    it has none (yet)."""

    meaning: Vector | None = None
    graph: Vector | None = None


_NONE = EntityVectors()


class VectorReader:
    """Entity ids → vectors. Safe to share between threads."""

    def __init__(
        self,
        cluster: Cluster,
        schema: Schema,
        *,
        timeout_s: float = 0.3,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._cluster = cluster
        self._meaning = schema.vector
        self._graph = schema.graph
        self._timeout_s = timeout_s
        self._known: TTLCache[str, EntityVectors] = TTLCache(KEPT, KEPT_S, clock)
        self._lock = threading.Lock()

    def of(self, ids: Iterable[str]) -> Mapping[str, EntityVectors]:
        """The vectors of ``ids``; those that are not there are left out.

        Raises what :meth:`plugin.cluster.Cluster.request` does.
        """
        wanted = list(dict.fromkeys(ids))
        with self._lock:
            found = {id: known for id in wanted if (known := self._known.get(id)) is not None}
        missing = [id for id in wanted if id not in found]
        for at in range(0, len(missing), _BATCH):
            batch = missing[at : at + _BATCH]
            read = self._read(batch)
            with self._lock:
                for id in batch:
                    found[id] = self._known[id] = read.get(id, _NONE)
        return {id: vectors for id, vectors in found.items() if vectors is not _NONE}

    def _read(self, ids: list[str]) -> dict[str, EntityVectors]:
        fields = [self._meaning, self._graph] if self._graph else [self._meaning]
        answer = self._cluster.request(
            "POST",
            f"/{self._cluster.name('entities')}/_mget",
            {"ids": ids},
            params={
                "_source_includes": ",".join(fields),
                "filter_path": "docs._id,docs._source",
            },
            timeout_s=self._timeout_s,
        )
        return {
            doc["_id"]: EntityVectors(
                _vector(doc["_source"], self._meaning),
                _vector(doc["_source"], self._graph) if self._graph else None,
            )
            for doc in answer.get("docs", [])
            if "_source" in doc
        }


def _vector(source: Mapping[str, Any], field: str) -> Vector | None:
    value: Any = source
    for part in field.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return np.asarray(value, dtype=np.float32) if isinstance(value, list) and value else None
