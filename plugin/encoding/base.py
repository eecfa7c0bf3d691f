"""What everything that turns text into vectors promises."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from plugin.errors import InvalidRequest

Vectors = npt.NDArray[np.float32]


class Encoder(Protocol):
    """Turns texts into unit-length vectors; safe to share between threads."""

    @property
    def dimensions(self) -> int:
        """The length of every vector."""
        ...

    @property
    def version(self) -> str:
        """Names the model and its export: vectors may be compared only within one version."""
        ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return float32 of shape (len(texts), dimensions), each row of length 1.

        A text that is longer than the model reads is cut by its tokenizer.

        Raises:
            InvalidRequest: a text is empty. It has no meaning to embed, and a zero vector has no
                cosine: whoever has no text leaves the vector out.
        """
        ...


def clean(texts: Sequence[str]) -> list[str]:
    """Refuse empty texts, and replace lone surrogates, which no tokenizer reads.

    Raises:
        InvalidRequest: a text is empty or only white space; the message gives its position.
    """
    if isinstance(texts, str):
        raise InvalidRequest("encode takes a list of texts, not one text")
    for position, text in enumerate(texts):
        if not text.strip():
            raise InvalidRequest(
                f"text {position} is empty: it has no embedding, so leave its vector out"
            )
    return [text.encode("utf-8", "replace").decode() for text in texts]
