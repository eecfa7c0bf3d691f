"""Cross-encoders: models that read a query and an entity together (Nogueira and Cho 2019).

Better at telling what fits than vectors that were made apart, and slow: a page's best are read,
not the index.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from plugin.encoding.onnx import UnknownModel

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
        local = Path(model).expanduser()
        try:
            import torch
            from sentence_transformers import CrossEncoder as Model

            torch.set_num_threads(1)
            self._model: Any = Model(
                str(local) if local.is_dir() else model,
                num_labels=1,
                max_length=MOST_TOKENS,
                device="cpu",
                local_files_only=local.is_dir(),
            )
        except Exception as error:
            raise UnknownModel(
                f"LTRR_CROSS_ENCODER: the model {model!r} cannot be loaded ({error}). Name a "
                "folder, a model of a hub that is reachable from here, or leave it out."
            ) from error
        self._name = local.name if local.is_dir() else model
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
