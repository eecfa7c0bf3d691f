"""Cross-encoders: models that read a query and an entity together (Nogueira and Cho 2019).

Better at telling what fits than vectors that were made apart, and slow: a page's best are read,
not the index.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any, Protocol

from plugin.loading import load_named

BATCH = 32
MOST_TOKENS = 256
CHARACTERS = 2_000


class CrossEncoder(Protocol):
    """Scores how well texts fit a query. Safe to share between threads."""

    @property
    def version(self) -> str:
        """Names the model; written into the journal with what it ordered."""
        ...

    def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        """A score per text, higher is better; only the order of a query's scores means
        something."""
        ...


class NamedCrossEncoder:
    """A :class:`CrossEncoder` by name or folder. torch is imported only here.

    Raises:
        UnknownModel: the model cannot be found or loaded.
    """

    def __init__(self, model: str) -> None:
        def load(place: str, here: bool) -> Any:
            from sentence_transformers import CrossEncoder as Model

            return Model(
                place, num_labels=1, max_length=MOST_TOKENS, device="cpu", local_files_only=here
            )

        self._model, self._name = load_named("LTRR_CROSS_ENCODER", model, load)
        self._lock = threading.Lock()

    @property
    def version(self) -> str:
        return f"cross@{self._name}"

    def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        """See :meth:`CrossEncoder.scores`."""
        if not texts:
            return []
        pairs = [(_clean(query), _clean(text)) for text in texts]
        with self._lock:
            found = self._model.predict(pairs, batch_size=BATCH, show_progress_bar=False)
        return [float(score) for score in found]


def _clean(text: str) -> str:
    return text[:CHARACTERS].encode("utf-8", "replace").decode()
