"""doc2query by a sequence-to-sequence transformer (T5), named or in a folder."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from plugin.loading import load_named

QUERIES = 5
BATCH = 8
INPUT_TOKENS, OUTPUT_TOKENS = 256, 24
CHARACTERS = 4_000


class T5:
    """See :class:`ingest.enrichment.generated.Generator`. torch is imported only here.

    Beam search rather than sampling: the same text has the same queries in every process.

    Raises:
        UnknownModel: the model cannot be found or loaded.
    """

    def __init__(self, model: str) -> None:
        def load(place: str, here: bool) -> tuple[Any, Any]:
            import transformers

            library: Any = transformers
            tokenizer = library.AutoTokenizer.from_pretrained(place, local_files_only=here)
            loaded = library.AutoModelForSeq2SeqLM.from_pretrained(place, local_files_only=here)
            return tokenizer, loaded.eval()

        (self._tokenizer, self._model), _ = load_named(
            "LTRR_PREDICTOR", model, load, otherwise="set LTRR_PREDICTOR=offline"
        )
        import torch

        self._torch = torch
        self._lock = threading.Lock()

    def generate(self, texts: Sequence[str]) -> list[list[str] | None]:
        """See :meth:`Generator.generate`; a batch that fails is tried again one by one."""
        found: list[list[str] | None] = []
        for start in range(0, len(texts), BATCH):
            batch = [text[:CHARACTERS] for text in texts[start : start + BATCH]]
            try:
                found += self._written(batch)
            except (RuntimeError, ValueError, IndexError):
                found += [self._one(text) for text in batch]
        return found

    def _one(self, text: str) -> list[str] | None:
        try:
            return self._written([text])[0]
        except (RuntimeError, ValueError, IndexError):
            return None

    def _written(self, texts: list[str]) -> list[list[str]]:
        with self._lock, self._torch.inference_mode():
            inputs = self._tokenizer(
                texts,
                return_tensors="pt",
                padding=True,
                truncation=True,
                max_length=INPUT_TOKENS,
                return_token_type_ids=False,
            )
            written = self._model.generate(
                **inputs,
                num_beams=QUERIES,
                num_return_sequences=QUERIES,
                max_new_tokens=OUTPUT_TOKENS,
                do_sample=False,
            )
        lines = self._tokenizer.batch_decode(written, skip_special_tokens=True)
        return [lines[start : start + QUERIES] for start in range(0, len(lines), QUERIES)]
