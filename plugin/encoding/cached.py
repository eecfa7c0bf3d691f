"""Remembers the vectors of recent texts: the same few queries come again and again."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
from cachetools import LRUCache

from plugin.encoding.base import Encoder, Vectors


class CachedEncoder:
    """An encoder in front of ``encoder`` that keeps the ``size`` most recently used vectors.

    Safe to share between threads: the lock covers the look-ups only, never the encoding, so two
    threads that miss the same text at once both encode it.
    """

    def __init__(self, encoder: Encoder, size: int = 10_000) -> None:
        self._encoder = encoder
        self._vectors: LRUCache[str, Vectors] = LRUCache(maxsize=size)
        self._lock = threading.Lock()

    @property
    def dimensions(self) -> int:
        return self._encoder.dimensions

    @property
    def version(self) -> str:
        return self._encoder.version

    def encode(self, texts: Sequence[str]) -> Vectors:
        """As :meth:`Encoder.encode`; every missing text is encoded once, in one batch."""
        with self._lock:
            known = {text: self._vectors[text] for text in texts if text in self._vectors}
        missing = list(dict.fromkeys(text for text in texts if text not in known))
        if missing:
            # Copied row by row, or one cached row would keep the whole batch in memory.
            fresh = {
                text: vector.copy()
                for text, vector in zip(missing, self._encoder.encode(missing), strict=True)
            }
            with self._lock:
                for text, vector in fresh.items():
                    if self._vectors.maxsize:
                        self._vectors[text] = vector
            known |= fresh
        if not texts:
            return np.empty((0, self.dimensions), dtype=np.float32)
        return np.stack([known[text] for text in texts])
