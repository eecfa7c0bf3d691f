"""The vectors that an adapter is fitted on: of queries by the encoder, of entities by the index."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray

from bandit_service.personal.entities import VectorReader
from plugin.encoding import Encoder

_BATCH = 64


class TrainingVectors:
    """Reads both. A trainer has time: nobody waits for it."""

    def __init__(self, encoder: Encoder, reader: VectorReader) -> None:
        self._encoder = encoder
        self._reader = reader

    def queries(self, texts: Mapping[str, str]) -> Mapping[str, NDArray[np.float32]]:
        """Key → vector of its text; without those that say nothing. Raises as the encoder."""
        said = [(key, text) for key, text in texts.items() if text.strip()]
        found: dict[str, NDArray[np.float32]] = {}
        for at in range(0, len(said), _BATCH):
            batch = said[at : at + _BATCH]
            vectors = self._encoder.encode([text for _, text in batch])
            found |= {key: vector for (key, _), vector in zip(batch, vectors, strict=True)}
        return found

    def entities(self, ids: Collection[str]) -> Mapping[str, NDArray[np.float32]]:
        """Id → vector, where there is one. Raises as the cluster."""
        found = self._reader.of(sorted(ids))
        return {
            id: np.asarray(one.meaning, np.float32)
            for id, one in found.items()
            if one.meaning is not None
        }
