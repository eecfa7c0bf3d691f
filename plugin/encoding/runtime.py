"""Runs an exported encoder with onnxruntime and tokenizers alone.

Neither torch nor sentence-transformers is imported: a process that serves queries starts in half a
second with 190 MB, where the same export inside sentence-transformers takes 15 s and 1.2 GB. The
export has compared both on this machine (see ``export.py``), so the vectors are the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from plugin.encoding.base import Vectors

BATCH = 32
"""Texts a forward pass: more gains nothing on one thread and takes more memory."""

CHARACTERS_PER_TOKEN = 64
"""No real text has longer tokens on average; what is beyond is not even tokenised."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How token vectors become one vector: ``pooling`` is "mean", "cls" or "max"."""

    pooling: str
    max_tokens: int
    pad_token: int


class OnnxRuntime:
    """The exported transformer in ``folder`` and its tokenizer; one thread a call."""

    def __init__(self, folder: Path, shape: Shape) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        # Several threads per query fight over the cores with the node and with each other.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(folder / "onnx" / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self._inputs = {entry.name for entry in self._session.get_inputs()}
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(shape.max_tokens)
        self._shape = shape

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode one or more non-empty texts; float32 (n, dimensions), unit length."""
        limit = self._shape.max_tokens * CHARACTERS_PER_TOKEN
        # One by one: encode_batch would start threads of its own.
        tokens = [self._tokenizer.encode(text[:limit]) for text in texts]
        # Texts of like length together, so that little is spent on padding.
        order = sorted(range(len(tokens)), key=lambda index: len(tokens[index].ids))
        parts = []
        for start in range(0, len(order), BATCH):
            batch = [tokens[index] for index in order[start : start + BATCH]]
            length = len(batch[-1].ids)
            ids = np.full((len(batch), length), self._shape.pad_token, dtype=np.int64)
            mask = np.zeros((len(batch), length), dtype=np.int64)
            types = np.zeros((len(batch), length), dtype=np.int64)
            for row, token in enumerate(batch):
                ids[row, : len(token.ids)] = token.ids
                mask[row, : len(token.ids)] = 1
                types[row, : len(token.ids)] = token.type_ids
            feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
            hidden = self._session.run(
                None, {name: value for name, value in feed.items() if name in self._inputs}
            )[0]
            parts.append(self._pool(hidden, mask))
        vectors = np.empty((len(texts), parts[0].shape[1]), dtype=np.float32)
        vectors[order] = np.concatenate(parts)
        return vectors

    def _pool(self, hidden: Vectors, mask: npt.NDArray[np.int64]) -> Vectors:
        if self._shape.pooling == "cls":
            pooled = hidden[:, 0]
        elif self._shape.pooling == "max":
            pooled = np.where(mask[:, :, None] == 1, hidden, -np.inf).max(axis=1)
        else:
            weights = mask[:, :, None].astype(np.float32)
            pooled = (hidden * weights).sum(axis=1) / weights.sum(axis=1)
        lengths = np.linalg.norm(pooled, axis=1, keepdims=True)
        return np.asarray(pooled / np.maximum(lengths, 1e-12), dtype=np.float32)


class SentenceTransformersRuntime:
    """The same export inside sentence-transformers: for models of more than transformer + pooling.

    Slower to start and six times the memory, but it runs every module that a model may have.
    """

    def __init__(self, folder: Path) -> None:
        import onnxruntime
        import torch
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(1)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self._model = SentenceTransformer(
            str(folder),
            backend="onnx",
            device="cpu",
            local_files_only=True,
            model_kwargs={"provider": "CPUExecutionProvider", "session_options": options},
        )

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode one or more non-empty texts; float32 (n, dimensions), unit length."""
        vectors = self._model.encode(
            list(texts), batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(vectors, dtype=np.float32)
