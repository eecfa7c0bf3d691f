"""A catalogue and an encoder that fit into the head; on the path of the tests beside it."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from ingest.enrichment.building import build, count
from plugin.assets.schema import Schema
from plugin.encoding.base import Vectors
from plugin.sparse import Artefact

SCHEMA = Schema(
    type="kind",
    name="title",
    text=("title", "tags"),
    vector="v",
    memory="m",
    predicted_queries="p",
    sparse="s",
    popularity="sold",
    facets=("tags",),
    display=("kind", "title"),
)
SAME = {"rainy": "rain", "drizzle": "rain", "puppy": "dog", "hound": "dog"}
"""Words that mean the same to :class:`Meanings`."""


class Meanings:
    """Each meaning has a direction of its own; words that share one differ a little."""

    dimensions = 64
    version = "meanings@1"

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.encoded += texts
        return np.stack([self._one(text) for text in texts])

    def _one(self, text: str) -> Any:
        def direction(word: str) -> Any:
            return np.random.default_rng(zlib.crc32(word.encode())).normal(size=self.dimensions)

        vector = direction(SAME.get(text, text)) + 0.3 * direction("own " + text)
        return (vector / np.linalg.norm(vector)).astype(np.float32)


def entities() -> list[dict[str, Any]]:
    """Two hundred with a word each of their own, and a few that share the words of SAME."""
    fillers = [f"{first}{second}o" for first in "bdfgklmnpr" for second in "abcdefghij"]
    found = [{"title": word, "tags": [fillers[i - 1]]} for i, word in enumerate(fillers)]
    found += [{"title": word, "tags": ["calm"]} for word in fillers]
    words = sorted({*SAME, *SAME.values()})
    found += [{"title": f"{word} {number}", "tags": []} for word in words for number in range(3)]
    found += [{"title": "the bus", "tags": ["yellow"]} for _ in range(3)]
    return found


def artefact(encoder: Meanings | None = None) -> Artefact:
    counted = count(entities(), SCHEMA)
    return build(counted, encoder or Meanings(), frozenset({"the"}).__contains__)
