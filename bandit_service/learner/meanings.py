"""The vectors of public past queries: each text is encoded once, and its vector kept where it is.

A text's vector does not change while the encoder does not, so what the memory index holds already
is taken from there after a restart: fifty thousand texts would take minutes to encode.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Final

import numpy as np
from cachetools import LRUCache

from plugin.cluster import Cluster
from plugin.encoding import Encoder
from plugin.encoding.base import Vectors
from plugin.errors import LtrrError

log = logging.getLogger(__name__)

KEPT: Final = 20_000
FIELD = "vector"


class Meanings:
    """Query keys and texts → vectors. Not safe for threads: one learner uses it.

    ``encoder`` None: nothing has a vector, and strategies over them find nothing.
    """

    def __init__(self, cluster: Cluster, encoder: Encoder | None) -> None:
        self._cluster = cluster
        self._encoder = encoder
        self._known: LRUCache[str, Vectors] = LRUCache(KEPT)
        self._room: bool | None = None

    @property
    def version(self) -> str:
        """The encoder that made them."""
        return self._encoder.version if self._encoder is not None else ""

    def of(self, texts: Mapping[str, str]) -> dict[str, list[float]]:
        """Query key → vector of its text; empty where nothing can be encoded.

        Raises:
            NodeUnavailable: OpenSearch does not answer.
        """
        if self._encoder is None or not texts or not self._has_room(self._encoder):
            return {}
        wanted = {key: text for key, text in texts.items() if text.strip()}
        vectors = {key: self._known[text] for key, text in wanted.items() if text in self._known}
        unknown = {key: text for key, text in wanted.items() if key not in vectors}
        vectors |= self._written(unknown)
        unknown = {key: text for key, text in unknown.items() if key not in vectors}
        vectors |= self._encoded(unknown, self._encoder)
        for key, vector in vectors.items():
            self._known[wanted[key]] = vector
        return {
            key: np.round(vector.astype(np.float64), 6).tolist() for key, vector in vectors.items()
        }

    def _has_room(self, encoder: Encoder) -> bool:
        """Whether the memory index has a field for them: that of an earlier version has none, that
        of another encoder one of another length."""
        if self._room is None:
            path = f"/{self._cluster.name('memory')}/_mapping/field/{FIELD}"
            found = self._cluster.find(path) or {}
            mappings = [about.get("mappings", {}).get(FIELD, {}) for about in found.values()]
            sizes = [one.get("mapping", {}).get(FIELD, {}).get("dimension") for one in mappings]
            self._room = sizes == [encoder.dimensions]
            if not self._room:
                log.warning(
                    "the memory index has no field for vectors of %s numbers: semantic memory "
                    "stays empty. `ltrr plan` shows what to change.",
                    encoder.dimensions,
                )
        return self._room

    def _written(self, texts: Mapping[str, str]) -> dict[str, Vectors]:
        if not texts:
            return {}
        answer = self._cluster.request(
            "POST",
            f"/{self._cluster.name('memory')}/_mget",
            {"ids": list(texts)},
            params={
                "_source_includes": f"text,encoder,{FIELD}",
                "filter_path": "docs._id,docs._source",
            },
        )
        found = {}
        for doc in answer.get("docs", []):
            source = doc.get("_source", {})
            said = (source.get("text"), source.get("encoder"))
            if source.get(FIELD) and said == (texts[doc["_id"]], self.version):
                found[doc["_id"]] = np.asarray(source[FIELD], dtype=np.float32)
        return found

    def _encoded(self, texts: Mapping[str, str], encoder: Encoder) -> dict[str, Vectors]:
        if not texts:
            return {}
        try:
            return dict(zip(texts, encoder.encode(list(texts.values())), strict=True))
        except LtrrError as error:
            log.warning("past queries stay without vectors for now: %s", error.message)
            return {}
