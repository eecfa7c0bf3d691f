"""Learned sparse vectors by a SPLADE-style model (Formal et al. 2021), named or in a folder."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from cachetools import LRUCache

from plugin.loading import load_named
from plugin.sparse.base import (
    MOST_OF_DOCUMENT,
    MOST_OF_QUERY,
    Weights,
    feature,
    heaviest,
)

BATCH = 16
CHARACTERS = 8_000
_CACHED_QUERIES = 10_000


class Splade:
    """See :class:`plugin.sparse.SparseEncoder`. torch is imported only here.

    Raises:
        UnknownModel: the model cannot be found or loaded.
    """

    def __init__(self, model: str) -> None:
        def load(place: str, here: bool) -> Any:
            from sentence_transformers import SparseEncoder as Model

            return Model(place, device="cpu", local_files_only=here)

        self._model, self._name = load_named("LTRR_SPARSE", model, load)
        self._lock = threading.Lock()
        self._queries: LRUCache[str, Weights] = LRUCache(_CACHED_QUERIES)

    @property
    def version(self) -> str:
        return f"splade@{self._name}"

    def documents(self, texts: Sequence[str]) -> list[Weights]:
        """See :meth:`SparseEncoder.documents`."""
        return self._weights(self._model.encode_document, texts, MOST_OF_DOCUMENT)

    def query(self, text: str) -> Weights:
        """See :meth:`SparseEncoder.query`; recent queries are remembered."""
        with self._lock:
            known = self._queries.get(text)
        if known is None:
            known = self._weights(self._model.encode_query, [text], MOST_OF_QUERY)[0]
            with self._lock:
                self._queries[text] = known
        return known

    def _weights(
        self, encode: Callable[..., Any], texts: Sequence[str], most: int
    ) -> list[Weights]:
        found: list[Weights] = [{} for _ in texts]
        asked = [place for place, text in enumerate(texts) if text.strip()]
        if not asked:
            return found
        whole = [texts[place][:CHARACTERS].encode("utf-8", "replace").decode() for place in asked]
        with self._lock:
            vectors = encode(whole, batch_size=BATCH, show_progress_bar=False)
            decoded = self._model.decode(vectors, top_k=most)
        for place, pairs in zip(asked, decoded, strict=True):
            weights: Weights = {}
            for token, weight in pairs:
                name = feature(token)
                weights[name] = max(weights.get(name, 0.0), float(weight))
            found[place] = heaviest(weights.items(), most)
        return found
